/**
 * Failures over many years and the downtime of each → the downtime of a year, by cause, and how
 * sure that is. An instant at which two failures have something away counts once, for the one that
 * had it away first; that two at once may do more than each alone is not in it, and they are counted. Pure.
 */
import { type Draw, streamOf } from '../cluster/sim/kernel/random.ts'
import { type Availability, type FailureKind, type Yearly, yearMs } from '../model/availability.ts'
import type { Away, Downtime } from './downtime.ts'
import type { Failure } from './failures.ts'
import { rankOf } from './sweep.ts'

export interface PlayedFailure {
  failure: Failure
  downtime: Downtime
}

export type Summed = Pick<
  Availability,
  'failures' | 'overlapping' | 'invalid' | 'workload' | 'api' | 'causes'
>

/** `played`: in order of time. `seed`: of the resampling. */
export function availabilityOf(
  kinds: readonly FailureKind[],
  played: readonly PlayedFailure[],
  years: number,
  seed: number,
): Summed {
  const draw = streamOf(seed, 'resampling')
  const workload = yearsOf(kinds, played, years, (downtime) => downtime.workload)
  const api = yearsOf(kinds, played, years, (downtime) => downtime.api)
  const reasons = Map.groupBy(
    played.flatMap(({ downtime }) => ('invalid' in downtime ? [downtime.invalid] : [])),
    (why) => why,
  )
  return {
    failures: played.length,
    overlapping: overlappingOf(played),
    invalid: [...reasons]
      .map(([why, all]) => ({ why, runs: all.length }))
      .toSorted((a, b) => b.runs - a.runs || (a.why < b.why ? -1 : 1)),
    workload: yearlyOf(workload.total, draw),
    api: yearlyOf(api.total, draw),
    causes: kinds.map((kind, index) => {
      const own = played.filter(({ failure }) => failure.kind === index)
      return {
        ...kind,
        failures: own.length,
        invalid: own.filter(({ downtime }) => 'invalid' in downtime).length,
        workload: yearlyOf(workload.byKind[index] ?? [], draw),
        api: yearlyOf(api.byKind[index] ?? [], draw),
      }
    }),
  }
}

/** Downtime of each year, in which the failure came, in milliseconds. */
function yearsOf(
  kinds: readonly FailureKind[],
  played: readonly PlayedFailure[],
  years: number,
  awayOf: (downtime: Exclude<Downtime, { invalid: string }>) => Away,
): { total: number[]; byKind: number[][] } {
  const total = new Array<number>(years).fill(0)
  const byKind = kinds.map(() => new Array<number>(years).fill(0))
  const all = played.flatMap(({ failure, downtime }) =>
    'invalid' in downtime
      ? []
      : awayOf(downtime).map(([from, to]) => ({
          year: Math.floor(failure.atMs / yearMs),
          own: byKind[failure.kind] ?? [],
          fromMs: failure.atMs + from,
          toMs: failure.atMs + to,
        })),
  )
  let countedToMs = 0
  for (const { year, own, fromMs, toMs } of all.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const newMs = Math.max(0, toMs - Math.max(countedToMs, fromMs))
    countedToMs = Math.max(countedToMs, toMs)
    total[year] = (total[year] ?? 0) + newMs
    own[year] = (own[year] ?? 0) + newMs
  }
  return { total, byKind }
}

/** Until it is repaired, and nothing is away any more. */
function overAtMs({ failure, downtime }: PlayedFailure): number {
  const away = 'invalid' in downtime ? [] : [...downtime.workload, ...downtime.api]
  return failure.atMs + Math.max(failure.repairMs, ...away.map(([, toMs]) => toMs))
}

function overlappingOf(played: readonly PlayedFailure[]): number {
  const overlapping = new Set<PlayedFailure>()
  let last: PlayedFailure | undefined
  for (const each of played) {
    if (last && each.failure.atMs < overAtMs(last)) overlapping.add(last).add(each)
    if (!last || overAtMs(each) > overAtMs(last)) last = each
  }
  return overlapping.size
}

const resamples = 1_000

/** The bounds by bootstrap: years drawn anew from those that there are, a thousand times. */
function yearlyOf(yearsMs: readonly number[], draw: Draw): Yearly {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  if (yearsMs.every((value) => value === 0)) return { meanMs: 0, intervalMs: [0, 0] }
  const means = Array.from({ length: resamples }, () => {
    let sum = 0
    for (let index = 0; index < yearsMs.length; index += 1) {
      sum += yearsMs[Math.floor(draw() * yearsMs.length)] ?? 0
    }
    return sum / yearsMs.length
  }).toSorted((a, b) => a - b)
  return { meanMs: mean(yearsMs), intervalMs: [rankOf(means, 0.025), rankOf(means, 0.975)] }
}
