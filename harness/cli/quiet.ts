/**
 * `pnpm sweep quiet`: nothing is broken, packets are lost and machines pause; how often nodes are
 * taken for dead, and pods evicted for it. An interrupted one says nothing, and writes nothing.
 */
import { renderQuiet } from '../../reports/quiet.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { UsageError } from '../model/errors.ts'
import type { Quiet, QuietRun } from '../model/quiet.ts'
import { paces } from '../model/timers.ts'
import { workloadNodes } from '../model/topology.ts'
import { type PlannedQuiet, planQuiet } from '../plan/quiet.ts'
import { quietSummary } from '../predict/quiet.ts'
import { quietFile, quietText, writeQuiet } from '../record/quiet-file.ts'
import { onInterrupt } from './interrupt.ts'
import { refuseTaken, resultFolder } from './model-folder.ts'
import type { QuietData, QuietTask } from './quiet-thread.ts'
import { runsProgress } from './runs-progress.ts'
import { blocksOf, type Seeds, seedsOf, threadsOf, wholeOf } from './seeds.ts'
import { refuseClusterFlags, type SweepOptions } from './sweep.ts'
import { inThreads } from './threads.ts'
import { version } from './version.ts'

interface Asked {
  planned: PlannedQuiet
  seeds: Seeds
  hours: number
  threads: number | undefined
}

/** Returns the exit code. */
export async function runQuiet(options: SweepOptions): Promise<number> {
  const { planned, seeds, hours, threads } = asked(options)
  const { topology, combinations } = planned
  const nodes = workloadNodes(topology).length
  const found = await playAll(planned, seeds, hours, threads)
  const quiet: Quiet = {
    schema: 'clusterdrill/quiet/v1',
    provider: 'sim',
    timeSource: 'virtual',
    topology: topology.name,
    ...(options.kubernetes === undefined ? {} : { kubernetes: options.kubernetes }),
    pace: paces.find((pace) => pace === options.pace) ?? 'documented',
    set: options.set,
    harnessVersion: version,
    seeds,
    hours,
    nodes,
    combinations: combinations.map(({ settings, refused, timers }, index) => ({
      settings: [...settings],
      timers: { ...timers },
      refused,
      ...quietSummary(found[index] ?? [], nodes, hours),
    })),
  }
  const folder = await resultFolder(options.out, `quiet-${topology.name}-sim`)
  await writeQuiet(folder, quiet)
  process.stdout.write(options.json ? quietText(quiet) : `${renderQuiet(quiet)}\n`)
  return 0
}

/** Refuses bad flags, all at once. */
function asked(options: SweepOptions): Asked {
  const problems: string[] = []
  const seeds = seedsOf(options, problems)
  const hours = wholeOf('--hours', options.hours ?? '1', 1, problems)
  const threads = threadsOf(options, problems)
  if (options.target !== undefined) problems.push('--target: nothing is broken in a quiet sweep')
  refuseClusterFlags(options, 'a quiet sweep is played here', problems)
  refuseTaken(options.out, quietFile, problems)
  const { quiet: planned, problems: wrong } = planQuiet(
    {
      topology: options.topology ?? topologies[0]?.name ?? '',
      kubernetes: options.kubernetes,
      pace: options.pace ?? 'documented',
      set: options.set,
      vary: options.vary,
      loss: options.loss ?? null,
      pause: options.pause ?? null,
      harnessVersion: version,
    },
    { scenarios, topologies },
  )
  problems.push(...wrong)
  if (problems.length > 0 || !planned || !seeds) {
    throw new UsageError(problems, '`pnpm sweep --help` shows examples.')
  }
  return { planned, seeds, hours, threads }
}

const seedsAtOnce = 50

/** By combination, in order of the seeds. */
async function playAll(
  { combinations }: PlannedQuiet,
  seeds: Seeds,
  hours: number,
  threads: number | undefined,
): Promise<QuietRun[][]> {
  const data: QuietData = {
    hours,
    combinations: combinations.map(({ plan, lossShare, pause }) => ({
      ...{ lossShare, pause },
      plan: plan === null ? null : { ...plan, runId: 'quiet' },
    })),
  }
  const tasks: QuietTask[] = combinations.flatMap(({ plan }, combination) =>
    plan === null
      ? []
      : blocksOf(seeds, seedsAtOnce).map((block) => ({ combination, seeds: block })),
  )
  const played = combinations.filter(({ plan }) => plan !== null).length
  using interrupt = onInterrupt({
    now: 'ending the runs under way',
    changed: 'nothing was written',
  })
  using progress = runsProgress(process.stderr, played * (seeds.to - seeds.from + 1))
  let done = 0
  const found = await inThreads<QuietData, QuietTask, QuietRun[]>({
    ...{ file: new URL('./quiet-thread.ts', import.meta.url), data, tasks, threads },
    signal: interrupt.signal,
    onDone: (runs) => {
      done += runs.length
      progress.done(done)
    },
  })
  interrupt.signal.throwIfAborted()
  return combinations.map((_, index) =>
    tasks.flatMap(({ combination }, at) => (combination === index ? (found[at] ?? []) : [])),
  )
}
