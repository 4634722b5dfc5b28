/**
 * `pnpm availability`: failures over many years, drawn from a file of rates, each played in the
 * model, and what that makes of downtime in a year. An interrupted one says nothing, and writes
 * nothing.
 */
import { readFile } from 'node:fs/promises'
import { renderAvailability } from '../../reports/availability.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { capabilities } from '../cluster/sim/session.ts'
import type { Availability } from '../model/availability.ts'
import { messageOf, UsageError } from '../model/errors.ts'
import { type PlannedFailures, planFailures } from '../plan/failures.ts'
import { availabilityOf } from '../predict/availability.ts'
import type { Downtime } from '../predict/downtime.ts'
import { drawFailures, type Failure } from '../predict/failures.ts'
import {
  availabilityFile,
  availabilityText,
  writeAvailability,
} from '../record/availability-file.ts'
import type { FailurePlans } from './availability-thread.ts'
import { onInterrupt } from './interrupt.ts'
import { refuseTaken, resultFolder } from './model-folder.ts'
import { runsProgress } from './runs-progress.ts'
import { threadsOf, wholeOf } from './seeds.ts'
import { inThreads } from './threads.ts'
import { version } from './version.ts'

export interface AvailabilityOptions {
  topology?: string
  failures?: string
  pace: string
  set: string[]
  years: string
  seed: string
  threads?: string
  out?: string
  json: boolean
}

interface Asked {
  planned: PlannedFailures
  years: number
  seed: number
  threads: number | undefined
}

/** Returns the exit code: 2 where some failure has no valid run. */
export async function runAvailability(options: AvailabilityOptions): Promise<number> {
  const { planned, years, seed, threads } = await asked(options)
  const { topology, kinds } = planned
  const failures = drawFailures(kinds, years, seed)
  const downtimes = await playAll(planned, failures, threads)
  const played = failures.map((failure, index) => {
    const downtime = downtimes[index]
    if (!downtime) throw new Error('a failure was not played')
    return { failure, downtime }
  })
  const availability: Availability = {
    schema: 'clusterdrill/availability/v1',
    provider: 'sim',
    timeSource: 'virtual',
    topology: topology.name,
    pace: options.pace as Availability['pace'],
    set: options.set,
    harnessVersion: version,
    years,
    seed,
    ...availabilityOf(kinds, played, years, seed),
  }
  const folder = await resultFolder(options.out, `availability-${topology.name}-sim`)
  await writeAvailability(folder, availability)
  process.stdout.write(
    options.json ? availabilityText(availability) : `${renderAvailability(availability)}\n`,
  )
  return availability.invalid.length === 0 ? 0 : 2
}

/** Refuses bad flags and a bad file, all at once. */
async function asked(options: AvailabilityOptions): Promise<Asked> {
  const problems: string[] = []
  const years = wholeOf('--years', options.years, 1, problems)
  const seed = wholeOf('--seed', options.seed, 0, problems)
  const threads = threadsOf(options, problems)
  refuseTaken(options.out, availabilityFile, problems)
  const known = topologies.map(({ name }) => name).join(', ')
  if (options.topology === undefined) problems.push(`--topology: name one of ${known}`)
  const text = await textOf(options.failures, problems)
  const { failures: planned, problems: wrong } = planFailures(
    {
      ...{ text: text ?? 'none: 0', file: options.failures ?? '', harnessVersion: version },
      capabilities,
      ...{ topology: options.topology ?? '', pace: options.pace, set: options.set },
    },
    { scenarios, topologies },
  )
  if (text !== null && options.topology !== undefined) problems.push(...wrong)
  if (problems.length > 0 || !planned) {
    throw new UsageError(problems, '`pnpm availability --help` shows an example.')
  }
  return { planned, years, seed, threads }
}

async function textOf(path: string | undefined, problems: string[]): Promise<string | null> {
  if (path === undefined) {
    problems.push('--failures: name a file of rates, such as docs/failures.example.yaml')
    return null
  }
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    problems.push(`--failures ${path}: ${messageOf(error)}`)
    return null
  }
}

const failuresAtOnce = 10

async function playAll(
  { plans }: PlannedFailures,
  failures: readonly Failure[],
  threads: number | undefined,
): Promise<Downtime[]> {
  const data: FailurePlans = plans.map((each) =>
    each.map((plan) => ({ ...plan, runId: 'availability' })),
  )
  const tasks = Array.from({ length: Math.ceil(failures.length / failuresAtOnce) }, (_, index) =>
    failures.slice(index * failuresAtOnce, (index + 1) * failuresAtOnce),
  )
  using interrupt = onInterrupt({
    now: 'ending the runs under way',
    changed: 'nothing was written',
  })
  using progress = runsProgress(process.stderr, failures.length)
  let done = 0
  const found = await inThreads<FailurePlans, readonly Failure[], Downtime[]>({
    ...{ file: new URL('./availability-thread.ts', import.meta.url), data, tasks, threads },
    signal: interrupt.signal,
    onDone: (downtimes) => {
      done += downtimes.length
      progress.done(done)
    },
  })
  interrupt.signal.throwIfAborted()
  return found.flatMap((downtimes) => downtimes ?? [])
}
