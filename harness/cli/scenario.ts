/**
 * `pnpm scenario`: names and flags → a plan → a drill, or a set of them, and what came of it.
 */
import { renderEventChain } from '../../reports/event-chain.ts'
import { renderResult } from '../../reports/terminal.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { exitCodeOf } from '../judge/verdict.ts'
import { UsageError } from '../model/errors.ts'
import { compile, type Draft } from '../plan/compile.ts'
import { predict } from '../predict/predict.ts'
import { openRun } from '../record/open-run.ts'
import { type DrillPorts, playDrill } from './drill.ts'
import { onInterrupt } from './interrupt.ts'
import { progressLines } from './progress.ts'
import { chosenFor, providerOf } from './provider-option.ts'
import { Screen } from './screen.ts'
import { type BuiltProvider, providerNamed } from './tools.ts'
import { version } from './version.ts'

export interface ScenarioOptions {
  topology?: string
  provider: string
  kubernetes?: string
  balancer?: string
  floatingIp?: string
  pace: string
  seed: string
  target?: string
  repeat?: string
  out: string
  keep: boolean
  yes: boolean
  json: boolean
  explain?: boolean
  set: string[]
}

/** What a test puts in the place of the machine. */
export type MachinePorts = Partial<Pick<DrillPorts, 'provider' | 'probe' | 'signal'>>

/** Returns the exit code. */
export async function runScenario(
  name: string | undefined,
  options: ScenarioOptions,
  machine: MachinePorts = {},
): Promise<number> {
  const {
    provider: asked,
    why,
    found,
  } = await chosenFor(options.provider, options.yes, machine.provider?.name)
  const { draft, repeat } = planFrom(name, { ...options, provider: asked })
  if (why !== null) process.stderr.write(`${why}\n`)
  const provider =
    machine.provider ??
    (await providerNamed(
      draft.provider as BuiltProvider,
      options.yes,
      progressLines(process.stderr),
      found,
    ))
  using interrupt = onInterrupt()
  const ports: DrillPorts = {
    signal: interrupt.signal,
    screen: (plan) => new Screen(plan, options.json),
    // A test that brings its own provider has nothing that could be predicted.
    ...(machine.provider ? {} : { predict }),
    ...machine,
    provider,
  }
  if (repeat !== null) {
    const { runRepeat } = await import('./repeat.ts')
    return await runRepeat(draft, repeat, ports, options)
  }
  const { record, directory } = await playDrill(draft, ports, options)
  process.stdout.write(
    options.json ? `${JSON.stringify(record)}\n` : `${renderResult(record, directory)}\n`,
  )
  if (options.explain) {
    const { events } = await openRun(directory)
    process.stdout.write(`\n${renderEventChain(record, events)}\n`)
  }
  ports.signal.throwIfAborted()
  return exitCodeOf(record)
}

function planFrom(
  name: string | undefined,
  options: ScenarioOptions,
): { draft: Draft; repeat: number | null } {
  const problems: string[] = []
  if (name === undefined) {
    problems.push(`name a scenario: ${scenarios.map((scenario) => scenario.name).join(', ')}`)
  }
  const provider = providerOf(options.provider, problems)
  const seed = Number(options.seed)
  if (!Number.isSafeInteger(seed) || seed < 0) {
    problems.push(`--seed ${options.seed}: a seed is a whole number, 0 or more`)
  }
  const repeat = options.repeat === undefined ? null : Number(options.repeat)
  if (repeat !== null && !(Number.isSafeInteger(repeat) && repeat >= 1)) {
    problems.push(
      `--repeat ${options.repeat}: a scenario is played a whole number of times, 1 or more`,
    )
  }
  if (options.explain && (options.json || repeat !== null)) {
    problems.push('--explain tells a person of one run: leave out --json and --repeat')
  }
  const compiled = compile(
    {
      scenario: name ?? scenarios[0]?.name ?? '',
      topology: options.topology ?? null,
      provider,
      kubernetes: options.kubernetes,
      balancer: options.balancer,
      floatingIp: options.floatingIp,
      pace: options.pace,
      set: options.set,
      target: options.target ?? null,
      seed,
      harnessVersion: version,
    },
    { scenarios, topologies },
  )
  problems.push(...compiled.problems)
  if (problems.length > 0 || !compiled.plan) {
    throw new UsageError(problems, '`pnpm scenario --list` shows what goes with what.')
  }
  return { draft: compiled.plan, repeat }
}
