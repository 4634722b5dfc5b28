/**
 * Plays a sweep on this machine: words → plans and seeds, or all that is wrong with them; then runs,
 * by threads. Seeds are played in their order, a block of them with every combination, so that an
 * interrupted sweep is a whole one of fewer seeds. A pod that plays a part does it with this file, too.
 */
import { createHash } from 'node:crypto'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { calibrationOf } from '../cluster/sim/calibrated.ts'
import { capabilities } from '../cluster/sim/session.ts'
import { type DrillError, InterruptedError } from '../model/errors.ts'
import type { Sweep, SweepRun } from '../model/sweep.ts'
import { missingCapabilities } from '../plan/capabilities.ts'
import { type PlannedSweep, planSweep } from '../plan/sweep.ts'
import { summaryOf } from '../predict/sweep.ts'
import { onInterrupt } from './interrupt.ts'
import { runsProgress } from './runs-progress.ts'
import { blocksOf, type SeedOptions, type Seeds, seedsOf } from './seeds.ts'
import type { SweepPlans, SweepTask } from './sweep-thread.ts'
import { inThreads } from './threads.ts'
import { version } from './version.ts'

/** What decides the result of a sweep, as on the command line. */
export interface SweepWords extends SeedOptions {
  topology?: string
  kubernetes?: string
  pace?: string
  target?: string
  set: string[]
  vary: string[]
}

export interface AskedSweep {
  words: SweepWords
  planned: PlannedSweep
  plans: SweepPlans
  seeds: Seeds
}

/** A sweep that came to its end, or a whole one of fewer seeds and why it has no more. */
export interface PlayedSweep {
  sweep: Sweep
  ended: DrillError | null
}

/** Null where something is wrong, which is added to `problems`, as all else that is. */
export function askedSweep(
  name: string | undefined,
  words: SweepWords,
  problems: string[],
): AskedSweep | null {
  const before = problems.length
  if (name === undefined) {
    problems.push(`name a scenario: ${scenarios.map((scenario) => scenario.name).join(', ')}`)
  }
  const seeds = seedsOf(words, problems)
  const { sweep: planned, problems: wrong } = planSweep(
    {
      scenario: name ?? scenarios[0]?.name ?? '',
      topology: words.topology ?? null,
      kubernetes: words.kubernetes,
      pace: words.pace ?? 'documented',
      target: words.target ?? null,
      harnessVersion: version,
      set: words.set,
      vary: words.vary,
    },
    { scenarios, topologies },
  )
  problems.push(...wrong)
  for (const missing of planned ? missingCapabilities(planned.base, capabilities) : []) {
    problems.push(`'${name}' needs ${missing}, which the model has not`)
  }
  if (problems.length > before || !planned || !seeds) return null
  const plans = planned.combinations.map(({ plan }) =>
    plan === null ? null : { ...plan, runId: 'sweep' },
  )
  return { words, planned, plans, seeds }
}

/** Rejects with the interruption where nothing is worth keeping. `threads`: all processors by default. */
export async function playSweep(asked: AskedSweep, threads?: number): Promise<PlayedSweep> {
  const { plans, seeds } = asked
  const tasks = tasksOf(plans, seeds)
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
  const last = lastWholeSeed(tasks, found, seeds)
  const kept = keptSeeds(seeds, last)
  const ended = interrupt.signal.aborted
    ? new InterruptedError({ what: 'interrupted', changed: kept.said, next: kept.next })
    : null
  if (ended && kept.seeds === null) throw ended
  const sweep = sweepOf(asked, { from: seeds.from, to: last }, (index) =>
    tasks
      .flatMap((task, at) => (task.combination === index ? (found[at] ?? []) : []))
      .filter(({ seed }) => seed <= last),
  )
  return { sweep, ended }
}

/** What is kept of a sweep that was not played beyond `last`, and how to get the rest. */
export function keptSeeds(
  { from, to }: Seeds,
  last: number,
): { seeds: Seeds | null; said: string; next: string } {
  const none = last < from
  return {
    seeds: none ? null : { from, to: last },
    said: none
      ? 'no seed was played with every combination, so nothing is kept'
      : `the seeds ${from}..${last} are kept`,
    next: `The same with --seeds ${last + 1}..${to} plays the rest; --merge puts parts together.`,
  }
}

/** The sweep of those seeds; `runsOf` gives the runs of a combination by its place. */
export function sweepOf(
  { words, planned, plans }: AskedSweep,
  seeds: Seeds,
  runsOf: (combination: number) => SweepRun[],
): Sweep {
  const { base, vary, combinations } = planned
  return {
    schema: 'clusterdrill/sweep/v1',
    provider: 'sim',
    timeSource: 'virtual',
    scenario: base.scenario.name,
    title: base.scenario.title,
    topology: base.topology.name,
    ...(base.kubernetes === undefined ? {} : { kubernetes: base.kubernetes }),
    target: words.target ?? null,
    pace: base.pace,
    set: words.set,
    vary: vary.map(({ name, values }) => ({ name, values: [...values] })),
    harnessVersion: version,
    fingerprint: fingerprintOf(plans),
    seeds,
    combinations: combinations.map(({ settings, plan, refused }, index) => {
      const runs = runsOf(index)
      const timers = { ...(plan ?? base).timers }
      return { settings: [...settings], timers, refused, summary: summaryOf(runs), runs }
    }),
  }
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
