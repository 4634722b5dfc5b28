/**
 * What a sweep keeps of each run, and what it says of many. Pure: where and in which order runs are
 * played changes nothing.
 */
import type { Measurement } from '../model/claim.ts'
import type { Plan } from '../model/plan.ts'
import type { Distribution, SweepRun, SweepSummary } from '../model/sweep.ts'
import { play } from './play.ts'

/** Rejects on a bug of the model. */
export async function sweepRun(plan: Plan): Promise<SweepRun> {
  const played = await play(plan)
  const { seed } = plan
  return 'invalid' in played ? { seed, invalid: played.invalid } : runOf(seed, played)
}

/** A sample speaks of a hundredth of a millisecond. */
const exact = (value: number): number => Math.round(value * 100) / 100

function runOf(seed: number, { recovery, explanation, vantages }: Measurement): SweepRun {
  const own = vantages.find(({ id }) => id === recovery.vantage)
  if (own === undefined) return { seed, invalid: 'no client looks at what was hit' }
  if (own.outages.some(({ ended }) => !ended)) {
    return { seed, invalid: 'the outage had not ended when the run did' }
  }
  const [lower, upper] = recovery.outageMs ?? [0, 0]
  // Without an outage the bounds are nothing and the time between two probes.
  const outageMs = lower > 0 ? exact((lower + upper) / 2) : 0
  const longest = explanation?.links.reduce((most, link) => (link.share > most.share ? link : most))
  return {
    seed,
    outageMs,
    longest: longest
      ? { step: longest.name, timer: longest.timer, share: Math.round(longest.share * 1e4) / 1e4 }
      : null,
  }
}

export function summaryOf(runs: readonly SweepRun[]): SweepSummary {
  const valid = runs.flatMap((run) => ('invalid' in run ? [] : [run]))
  const reasons = Map.groupBy(
    runs.flatMap((run) => ('invalid' in run ? [run.invalid] : [])),
    (why) => why,
  )
  const longest = Map.groupBy(
    valid.flatMap((run) => run.longest ?? []),
    ({ step, timer }) => JSON.stringify([step, timer]),
  )
  return {
    runs: runs.length,
    without: valid.filter(({ outageMs }) => outageMs === 0).length,
    invalid: mostFirst(
      [...reasons].map(([why, all]) => ({ why, runs: all.length })),
      'why',
    ),
    outage: distributionOf(valid.map(({ outageMs }) => outageMs)),
    longest: mostFirst(
      [...longest.values()].flatMap((all) => {
        const [first] = all
        if (!first) return []
        const { step, timer } = first
        const shares = all.map(({ share }) => share).toSorted((a, b) => a - b)
        return [{ step, timer, runs: all.length, share: rankOf(shares, 0.5) }]
      }),
      'step',
    ),
  }
}

function mostFirst<Name extends string, T extends { runs: number } & Record<Name, string>>(
  counted: readonly T[],
  name: Name,
): T[] {
  return counted.toSorted((a, b) => b.runs - a.runs || (a[name] < b[name] ? -1 : 1))
}

/** Null of nothing. */
export function distributionOf(durationsMs: readonly number[]): Distribution | null {
  if (durationsMs.length === 0) return null
  const ascending = durationsMs.toSorted((a, b) => a - b)
  return {
    minMs: rankOf(ascending, 0),
    p5Ms: rankOf(ascending, 0.05),
    medianMs: rankOf(ascending, 0.5),
    p95Ms: rankOf(ascending, 0.95),
    p99Ms: rankOf(ascending, 0.99),
    maxMs: rankOf(ascending, 1),
  }
}

/** By nearest rank. Throws a RangeError where there is none. */
export function rankOf<T>(ascending: readonly T[], fraction: number): T {
  const found = ascending[Math.max(0, Math.ceil(fraction * ascending.length) - 1)]
  if (found === undefined) throw new RangeError('no value to take a rank of')
  return found
}
