/**
 * `pnpm sweep`: one drill in the model, with every combination of the timers that are varied and many
 * seeds each; or the parts of such a sweep put together. Seeds are played in their order, a block of
 * them with every combination, so that an interrupted sweep is a whole one of fewer seeds.
 */
import { createHash } from 'node:crypto'
import { renderSweepHtml } from '../../reports/sweep/html.ts'
import { renderSweepText } from '../../reports/sweep/text.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { calibrationOf } from '../cluster/sim/calibrated.ts'
import { capabilities } from '../cluster/sim/session.ts'
import { InterruptedError, UsageError } from '../model/errors.ts'
import type { Sweep, SweepRun } from '../model/sweep.ts'
import { missingCapabilities } from '../plan/capabilities.ts'
import { type PlannedSweep, planSweep } from '../plan/sweep.ts'
import { mergeSweeps } from '../predict/merge-sweeps.ts'
import { summaryOf } from '../predict/sweep.ts'
import { readSweeps, sweepFile, sweepText, writeSweep } from '../record/sweep-folder.ts'
import { onInterrupt } from './interrupt.ts'
import { refuseTaken, resultFolder } from './model-folder.ts'
import { runQuiet } from './quiet.ts'
import { runsProgress } from './runs-progress.ts'
import { blocksOf, type SeedOptions, type Seeds, seedsOf, wholeOf } from './seeds.ts'
import type { SweepPlans, SweepTask } from './sweep-thread.ts'
import { inThreads } from './threads.ts'
import { version } from './version.ts'

export interface SweepOptions extends SeedOptions {
  topology?: string
  kubernetes?: string
  pace?: string
  target?: string
  set: string[]
  vary: string[]
  loss?: string
  pause?: string
  hours?: string
  out?: string
  merge?: string[]
  threads?: string
  json: boolean
}

/** Returns the exit code: 2 where some combination has no valid run. */
export async function runSweep(name: string | undefined, options: SweepOptions): Promise<number> {
  if (name === 'quiet' && options.merge === undefined) return await runQuiet(options)
  const { sweep, interrupted } =
    options.merge === undefined
      ? await playSweep(name, options)
      : { sweep: await merged(name, options, options.merge), interrupted: null }
  const folder = await resultFolder(options.out, `sweep-${sweep.topology}-${sweep.scenario}-sim`)
  await writeSweep(folder, sweep, renderSweepHtml(sweep))
  process.stdout.write(options.json ? sweepText(sweep) : `${renderSweepText(sweep, folder)}\n`)
  if (interrupted) throw interrupted
  const played = sweep.combinations.filter(({ refused }) => refused === null)
  return played.every(({ summary }) => summary.outage !== null) ? 0 : 2
}

/** Refuses bad flags, all at once. Rejects with the interruption where nothing is worth keeping. */
async function playSweep(
  name: string | undefined,
  options: SweepOptions,
): Promise<{ sweep: Sweep; interrupted: InterruptedError | null }> {
  const { planned, seeds, threads } = plannedFrom(name, options)
  const plans: SweepPlans = planned.combinations.map(({ plan }) =>
    plan === null ? null : { ...plan, runId: 'sweep' },
  )
  const tasks = tasksOf(plans, seeds)
  const { base, vary, combinations } = planned
  using interrupt = onInterrupt({ now: 'ending the runs under way' })
  using progress = runsProgress(
    process.stderr,
    tasks.reduce((sum, task) => sum + runsIn(task), 0),
  )
  let done = 0
  const found = await inThreads<SweepPlans, SweepTask, SweepRun[]>({
    ...{ file: new URL('./sweep-thread.ts', import.meta.url), data: plans, tasks, threads },
    signal: interrupt.signal,
    onDone: (runs) => {
      done += runs.length
      progress.done(done)
    },
  })
  const kept = { from: seeds.from, to: lastWholeSeed(tasks, found, seeds) }
  const command = `--seeds ${kept.to + 1}..${seeds.to}`
  const interrupted = interrupt.signal.aborted
    ? new InterruptedError({
        what: 'interrupted',
        changed:
          kept.to < kept.from
            ? 'no seed was played with every combination, so nothing is kept'
            : `the seeds ${kept.from}..${kept.to} are kept`,
        next: `The same with ${command} plays the rest; --merge puts parts together.`,
      })
    : null
  if (interrupted && kept.to < kept.from) throw interrupted
  const sweep: Sweep = {
    schema: 'clusterdrill/sweep/v1',
    provider: 'sim',
    timeSource: 'virtual',
    scenario: base.scenario.name,
    title: base.scenario.title,
    topology: base.topology.name,
    target: options.target ?? null,
    ...(base.kubernetes === undefined ? {} : { kubernetes: base.kubernetes }),
    pace: base.pace,
    set: options.set,
    vary: vary.map(({ name, values }) => ({ name, values: [...values] })),
    harnessVersion: version,
    fingerprint: fingerprintOf(plans),
    seeds: kept,
    combinations: combinations.map(({ settings, plan, refused }, index) => {
      const runs = tasks
        .flatMap((task, at) => (task.combination === index ? (found[at] ?? []) : []))
        .filter(({ seed }) => seed <= kept.to)
      const timers = { ...(plan ?? base).timers }
      return { settings: [...settings], timers, refused, summary: summaryOf(runs), runs }
    }),
  }
  return { sweep, interrupted }
}

function plannedFrom(
  name: string | undefined,
  options: SweepOptions,
): { planned: PlannedSweep; seeds: Seeds; threads: number | undefined } {
  const problems: string[] = []
  if (name === undefined) {
    problems.push(`name a scenario: ${scenarios.map((scenario) => scenario.name).join(', ')}`)
  }
  for (const flag of ['loss', 'pause', 'hours'] as const) {
    if (options[flag] !== undefined) problems.push(`--${flag}: only \`pnpm sweep quiet\` has it`)
  }
  const seeds = seedsOf(options, problems)
  const threads =
    options.threads === undefined ? undefined : wholeOf('--threads', options.threads, 1, problems)
  refuseTaken(options.out, sweepFile, problems)
  const { sweep: planned, problems: wrong } = planSweep(
    {
      scenario: name ?? scenarios[0]?.name ?? '',
      topology: options.topology ?? null,
      kubernetes: options.kubernetes,
      pace: options.pace ?? 'documented',
      target: options.target ?? null,
      harnessVersion: version,
      set: options.set,
      vary: options.vary,
    },
    { scenarios, topologies },
  )
  problems.push(...wrong)
  for (const missing of planned ? missingCapabilities(planned.base, capabilities) : []) {
    problems.push(`'${name}' needs ${missing}, which the model has not`)
  }
  if (problems.length > 0 || !planned || !seeds) {
    throw new UsageError(problems, '`pnpm sweep --help` shows examples.')
  }
  return { planned, seeds, threads }
}

/** Enough that handing out costs nothing, few enough that little is lost by Ctrl-C. */
const seedsAtOnce = 10

function tasksOf(plans: SweepPlans, seeds: Seeds): SweepTask[] {
  return blocksOf(seeds, seedsAtOnce).flatMap((block) =>
    plans.flatMap((plan, combination) => (plan === null ? [] : [{ combination, seeds: block }])),
  )
}

const runsIn = ({ seeds }: SweepTask): number => seeds.to - seeds.from + 1

/** Up to which seed everything was played; less than the first where nothing was. */
function lastWholeSeed(
  tasks: readonly SweepTask[],
  found: readonly (SweepRun[] | undefined)[],
  seeds: Seeds,
): number {
  const missing = tasks.find((_, index) => found[index] === undefined)
  return missing === undefined ? seeds.to : missing.seeds.from - 1
}

const fingerprintOf = (plans: SweepPlans): string =>
  createHash('sha256')
    .update(JSON.stringify([plans, [1, 3].map((several) => calibrationOf(several, 0))]))
    .digest('hex')

/** Refuses what is no sweep, and parts that do not fit, all at once. */
async function merged(
  name: string | undefined,
  options: SweepOptions,
  paths: readonly string[],
): Promise<Sweep> {
  const { topology, pace, target, runs, seed, seeds, threads, set, vary } = options
  const { kubernetes, loss, pause, hours } = options
  const given = {
    '--topology': topology,
    '--kubernetes': kubernetes,
    '--pace': pace,
    '--target': target,
    '--runs': runs,
  }
  const more = { '--seed': seed, '--seeds': seeds, '--threads': threads, '--set': set[0] }
  const quiet = { '--loss': loss, '--pause': pause, '--hours': hours }
  const problems = Object.entries({
    ...given,
    ...more,
    ...quiet,
    '--vary': vary[0],
    [name ?? '']: name,
  })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => `${flag}: --merge plays nothing, and takes no more than --out and --json`)
  refuseTaken(options.out, sweepFile, problems)
  if (problems.length > 0) throw new UsageError(problems)
  const sweeps = await readSweeps(paths)
  const parts = sweeps.map((sweep, index) => ({ path: paths[index] ?? '', sweep }))
  const { sweep, problems: unfit } = mergeSweeps(parts)
  if (!sweep) throw new UsageError(unfit, 'Only the parts of one sweep make one.')
  return sweep
}
