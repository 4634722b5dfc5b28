/**
 * Samples of one vantage, reduced to the resolution of the picture: runs of good, partial and
 * failed. Sixty thousand samples become a few hundred runs; a stretch without samples stays empty.
 */
import type { VantageMeasure } from '../../harness/model/record.ts'
import type { Interval } from '../../harness/model/units.ts'
import type { Sample } from '../../harness/model/vantage.ts'
import { isPartial } from '../figures.ts'

/** Enough that a bucket of a vantage that fails one time in four holds a failure. */
const probesPerBucket = 4

export type LaneState = 'good' | 'partial' | 'failed'

export interface LaneRun {
  state: LaneState
  fromMs: number
  toMs: number
}

function merged(runs: readonly LaneRun[]): LaneRun[] {
  const result: LaneRun[] = []
  for (const run of runs) {
    const last = result.at(-1)
    if (last !== undefined && last.state === run.state && last.toMs === run.fromMs) {
      result[result.length - 1] = { ...last, toMs: run.toMs }
    } else result.push(run)
  }
  return result
}

/**
 * Runs over the span, in order. No bucket is narrower than a few probe intervals, so that none is
 * empty, and one request in three failing looks the same in each.
 *
 * @param samples of one vantage, in any order
 * @param pixels how many buckets can be told apart
 */
export function laneRuns(
  samples: readonly Sample[],
  [fromMs, untilMs]: Interval,
  pixels: number,
): LaneRun[] {
  if (samples.length === 0 || untilMs <= fromMs) return []
  const firstMs = samples.reduce((least, { sentAtMs }) => Math.min(least, sentAtMs), Infinity)
  const lastMs = samples.reduce((most, { sentAtMs }) => Math.max(most, sentAtMs), -Infinity)
  const probeMs = (lastMs - firstMs) / Math.max(1, samples.length - 1)
  const bucketMs = Math.max((untilMs - fromMs) / pixels, probeMs * probesPerBucket, 1)
  const buckets = Array.from({ length: Math.ceil((untilMs - fromMs) / bucketMs) }, () => ({
    good: 0,
    failed: 0,
  }))
  for (const sample of samples) {
    const index = Math.min(buckets.length - 1, Math.floor((sample.sentAtMs - fromMs) / bucketMs))
    const bucket = buckets[index]
    if (bucket === undefined) continue
    if (sample.ok) bucket.good += 1
    else bucket.failed += 1
  }
  return merged(
    buckets.flatMap(({ good, failed }, index): LaneRun[] => {
      if (good + failed === 0) return []
      return [
        {
          state: failed === 0 ? 'good' : good === 0 ? 'failed' : 'partial',
          fromMs: fromMs + index * bucketMs,
          toMs: Math.min(untilMs, fromMs + (index + 1) * bucketMs),
        },
      ]
    }),
  )
}

/** Runs from the measured outages alone, for a run that kept no samples. */
export function laneRunsFromOutages(
  { outages }: VantageMeasure,
  [fromMs, untilMs]: Interval,
): LaneRun[] {
  const runs: LaneRun[] = []
  let atMs = fromMs
  for (const outage of outages.toSorted((a, b) => a.startMs[1] - b.startMs[1])) {
    const startMs = Math.max(atMs, outage.startMs[1])
    const endMs = Math.min(untilMs, outage.endMs[0])
    if (startMs > atMs) runs.push({ state: 'good', fromMs: atMs, toMs: startMs })
    runs.push({ state: isPartial(outage) ? 'partial' : 'failed', fromMs: startMs, toMs: endMs })
    atMs = endMs
  }
  if (atMs < untilMs) runs.push({ state: 'good', fromMs: atMs, toMs: untilMs })
  return merged(runs)
}
