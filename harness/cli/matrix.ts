/**
 * `pnpm matrix`: every topology × scenario × target on one page, begun, taken up again, listed or
 * compared with another.
 */
import { join } from 'node:path'
import { changeLine, renderMatrixText } from '../../reports/matrix/text.ts'
import { scenarios } from '../../scenarios/index.ts'
import { differingVerdicts, exitCodeOfMatrix } from '../judge/matrix.ts'
import { UsageError } from '../model/errors.ts'
import { cellName, isSettled, type Matrix } from '../model/matrix.ts'
import type { ProviderName } from '../model/plan.ts'
import { formatMs } from '../model/units.ts'
import { bringUpsOf } from '../plan/matrix.ts'
import { predict } from '../predict/predict.ts'
import {
  addToHistory,
  openMatrixFolder,
  previousOf,
  readMatrices,
} from '../record/matrix-folder.ts'
import { timeName } from '../record/new-folder.ts'
import type { DrillPorts } from './drill.ts'
import { onInterrupt } from './interrupt.ts'
import { inputOf } from './matrix-page.ts'
import { type PlannedMatrix, planMatrix, resumeMatrix } from './matrix-plan.ts'
import { playMatrix } from './matrix-sitting.ts'
import { progressLines } from './progress.ts'
import { type Choice, chosenFor } from './provider-option.ts'
import type { MachinePorts } from './scenario.ts'
import { Screen } from './screen.ts'
import { type BuiltProvider, providerNamed } from './tools.ts'

export interface MatrixOptions {
  provider?: string
  kubernetes?: string
  pace?: string
  set: string[]
  only?: string[]
  out?: string
  resume?: string
  history?: string
  compare?: string[]
  yes: boolean
  json: boolean
  list: boolean
}

/** Returns the exit code. */
export async function runMatrix(
  options: MatrixOptions,
  machine: MachinePorts = {},
): Promise<number> {
  refuseContradictions(options)
  if (options.compare !== undefined) return await compare(options.compare, options.json)
  const { planned, why, found } = await plannedFrom(options, machine.provider?.name)
  if (options.list) {
    list(planned, options.json)
    return 0
  }
  if (why !== null) process.stderr.write(`${why}\n`)
  const { matrix } = planned
  const provider =
    machine.provider ??
    (await providerNamed(
      matrix.provider as BuiltProvider,
      options.yes,
      progressLines(process.stderr),
      found,
    ))
  const folder = await folderFor(options, matrix)
  using interrupt = onInterrupt()
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const ports: DrillPorts = {
    signal: interrupt.signal,
    screen: (plan) => new Screen(plan, options.json),
    // A test that brings its own provider has nothing that could be predicted.
    ...(machine.provider ? {} : { predict }),
    ...machine,
    provider,
  }
  const previous = await previousIn(options.history, matrix, say)
  const done = await playMatrix(planned, ports, { folder, previous, say })
  if (options.history !== undefined) await addToHistory(options.history, done)
  process.stdout.write(
    options.json
      ? `${JSON.stringify(done)}\n`
      : `${renderMatrixText(inputOf(done, previous), folder)}\n`,
  )
  return exitCodeOfMatrix(done)
}

/** A matrix that goes on keeps what it was begun with; a comparison plays nothing. */
function refuseContradictions(options: MatrixOptions): void {
  const { provider, kubernetes, pace, only, out, set, resume, compare, history } = options
  const playing = {
    '--provider': provider,
    '--kubernetes': kubernetes,
    '--pace': pace,
    '--only': only,
    '--out': out,
    '--set': set.length === 0 ? undefined : set,
  }
  const given = Object.entries(playing).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag],
  )
  const problems: string[] = []
  if (resume !== undefined) {
    problems.push(...given.map((flag) => `${flag}: --resume goes on with what it was begun with`))
  }
  if (compare !== undefined) {
    const more = [
      ...(resume === undefined ? [] : ['--resume']),
      ...(history === undefined ? [] : ['--history']),
    ]
    problems.push(...[...given, ...more].map((flag) => `${flag}: --compare plays nothing`))
    if (compare.length !== 2) {
      problems.push(`--compare: two matrices are compared, and ${compare.length} were named`)
    }
  }
  if (problems.length > 0) throw new UsageError(problems)
}

/** One that is taken up again has its provider, so nobody looks what this machine can do. */
async function plannedFrom(
  options: MatrixOptions,
  given: ProviderName | undefined,
): Promise<{ planned: PlannedMatrix } & Omit<Choice, 'provider'>> {
  if (options.resume === undefined) {
    const { provider, ...choice } = await chosenFor(options.provider ?? 'auto', options.yes, given)
    return { planned: planMatrix({ ...options, provider }, new Date()), ...choice }
  }
  const [matrix] = await readMatrices([options.resume])
  if (!matrix) throw new Error('one folder gives one matrix')
  return { planned: resumeMatrix(matrix), why: null, found: null }
}

async function folderFor(options: MatrixOptions, matrix: Matrix): Promise<string> {
  if (options.resume !== undefined) return options.resume
  const name = `${timeName(new Date(matrix.startedAt))}-matrix-${matrix.provider}-${matrix.pace}`
  const folder = options.out ?? join('runs', name)
  await openMatrixFolder(folder)
  return folder
}

async function previousIn(
  history: string | undefined,
  matrix: Matrix,
  say: (line: string) => void,
): Promise<Matrix | null> {
  if (history === undefined) return null
  const { previous, problems } = await previousOf(history, matrix)
  for (const problem of problems) say(`left out of the history: ${problem}`)
  return previous
}

async function compare(paths: readonly string[], json: boolean): Promise<number> {
  const [a, b] = await readMatrices(paths)
  if (!a || !b) throw new Error('two folders give two matrices')
  const differences = differingVerdicts(a, b)
  if (json) process.stdout.write(`${JSON.stringify(differences)}\n`)
  else if (differences.length === 0) process.stdout.write('every verdict is the same\n')
  else process.stdout.write(`${differences.map(changeLine).join('\n')}\n`)
  return differences.length === 0 ? 0 : 1
}

function list({ matrix }: PlannedMatrix, json: boolean): void {
  const open = matrix.cells.filter((cell) => !isSettled(cell))
  const leastMs = open.reduce((sum, cell) => sum + cell.irreducibleMs, 0)
  const bringUps = bringUpsOf(open, scenarios)
  if (json) {
    const cells = open.map(({ topology, scenario, target, irreducibleMs }) => ({
      ...{ topology, scenario, target, irreducibleMs },
    }))
    process.stdout.write(`${JSON.stringify({ cells, bringUps, irreducibleMs: leastMs })}\n`)
    return
  }
  const columns = Math.max(0, ...open.map((cell) => cellName(cell).length))
  const lines = open.map(
    (cell) => `${cellName(cell).padEnd(columns)}  ${formatMs(cell.irreducibleMs)}`,
  )
  const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`
  const whole = `${count(open.length, 'cell')}, ${count(bringUps, 'bring-up')}, at least ${formatMs(leastMs)} by the timers (${matrix.provider}, ${matrix.pace})`
  process.stdout.write(`${[...lines, whole].join('\n')}\n`)
}
