/**
 * What the live tests share: the command line run as a user would, and the engine that the
 * harness found or started. They need `pnpm run setup kind` to have been done.
 */
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa, type ResultPromise } from 'execa'
import { $ } from 'zx'
import type { Plan } from '../../harness/model/plan.ts'
import { type RunRecord, recordSchema } from '../../harness/model/record.ts'
import { compile } from '../../harness/plan/compile.ts'
import { scenarios } from '../../scenarios/index.ts'
import { findEngine, findToolchain, type Toolchain } from '../../toolchain/index.ts'
import { topologies } from '../../topologies/index.ts'

$.verbose = false
$.quiet = true

const main = new URL('../../harness/cli/main.ts', import.meta.url).pathname

const settings = { reject: false, stdin: 'ignore', stripFinalNewline: false } as const

/** A command line that was started: signals go to its own process, and to no child of it. */
export type Running = ResultPromise<typeof settings>

/** Starts `clusterdrill …`; does not throw on an exit code. */
export function clusterdrill(...words: string[]): Running {
  return execa(process.execPath, [main, ...words], settings)
}

export interface Drilled {
  exitCode: number | undefined
  record: RunRecord
  progress: string
  directory: string
}

/** One scenario to its end; throws with all it said when it left no record on standard output. */
export async function drill(...words: string[]): Promise<Drilled> {
  const out = await newFolder()
  const result = await clusterdrill('scenario', ...words, '--json', '--out', out)
  const [name] = await readdir(out)
  try {
    const record = recordSchema.parse(JSON.parse(result.stdout))
    const directory = join(out, name ?? '')
    return { exitCode: result.exitCode, record, progress: result.stderr, directory }
  } catch (error) {
    throw new Error(`no record (exit ${result.exitCode}):\n${result.stderr}`, { cause: error })
  }
}

/** `worker-down` on `cx-worker-ha` at brisk pace, for tests that open a session themselves. */
export function livePlan(
  over: Pick<Plan, 'runId'> & Partial<Pick<Plan, 'clusterName' | 'provider'>>,
): Plan {
  const { plan, problems } = compile(
    {
      scenario: 'worker-down',
      topology: 'cx-worker-ha',
      provider: 'kind',
      pace: 'brisk',
      set: [],
      target: null,
      seed: 1,
      harnessVersion: 'live test',
    },
    { scenarios, topologies },
  )
  if (!plan) throw new Error(problems.join('\n'))
  return { ...plan, ...over }
}

export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'clusterdrill-live-'))

export interface LiveMachine {
  toolchain: Toolchain
  /** `docker …` against the engine in use; gives standard output without the last line feed. */
  docker(...words: string[]): Promise<string>
  /** `kind …` on a network of its own, never the drills'. */
  kind(...words: string[]): Promise<string>
}

export async function liveMachine(): Promise<LiveMachine> {
  const engine = await findEngine()
  const toolchain = engine ? await findToolchain(engine) : null
  if (!engine || !toolchain) throw new Error('live tests need `pnpm run setup kind` first')
  const env = { ...process.env, ...engine.env }
  const run = async (file: string, words: string[]) =>
    (await $({ env, stdio: ['ignore', 'pipe', 'pipe'] })`${file} ${words}`).stdout.trimEnd()
  return {
    toolchain,
    docker: (...words) => run('docker', words),
    kind: (...words) => run(toolchain.kind, words),
  }
}

/** Waits for a text on the progress of a running command; rejects when it ends without it. */
export async function untilSays(running: Running, text: string): Promise<void> {
  let said = ''
  const seen = new Promise<void>((resolve) => {
    running.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.includes(text)) resolve()
    })
  })
  await Promise.race([
    seen,
    running.then(() => {
      throw new Error(`it ended without saying '${text}':\n${said}`)
    }),
  ])
}

export async function readRecord(directory: string): Promise<RunRecord> {
  const [name] = await readdir(directory)
  const text = await readFile(join(directory, name ?? '', 'record.json'), 'utf8')
  return recordSchema.parse(JSON.parse(text))
}
