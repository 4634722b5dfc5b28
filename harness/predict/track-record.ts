/** What live runs measured, held against what the model said of them; and how often it was right. */
import type { Prediction, RunRecord } from '../model/record.ts'
import type { TrackedRun, TrackRecord } from '../model/track-record.ts'
import { overlap, secondMs } from '../model/units.ts'

/** The error of a shorter outage is told as a share of this: a share of nothing says nothing. */
export const errorFloorMs = secondMs

/** A run that was simulated, is invalid or speaks of no outage is none that could be predicted. */
export const isTracked = ({ verdict, lacks = [], recovery, timeSource }: RunRecord): boolean =>
  timeSource === 'monotonic' &&
  verdict !== 'invalid' &&
  lacks.length === 0 &&
  recovery.vantage !== null

/** `prediction` null: the model said nothing, which is never right. */
export function trackedRun(
  record: RunRecord,
  prediction: Prediction | null,
  how: Pick<TrackedRun, 'before' | 'calibration'>,
): TrackedRun {
  const { runId, topology, scenario, target, pace, provider } = record
  const measuredMs = record.recovery.outageMs ?? [0, 0]
  const run = { runId, topology, scenario, target, pace, provider, measuredMs, ...how }
  if (prediction === null) {
    return { ...run, predictedMs: null, medianMs: null, inside: false, missedByMs: 0, error: null }
  }
  const [lower, upper] = prediction.outageMs
  const medianMs = prediction.medianMs ?? (lower + upper) / 2
  const middleMs = (measuredMs[0] + measuredMs[1]) / 2
  return {
    ...run,
    predictedMs: prediction.outageMs,
    medianMs,
    inside: overlap(measuredMs, prediction.outageMs),
    missedByMs: Math.max(0, measuredMs[0] - upper) - Math.max(0, lower - measuredMs[1]),
    error: Math.abs(medianMs - middleMs) / Math.max(middleMs, errorFloorMs),
  }
}

export function trackRecordOf(runs: readonly TrackedRun[]): TrackRecord {
  const judged = runs.filter(({ calibration }) => !calibration)
  const errors = judged
    .map(({ error }) => error ?? Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a - b)
  return {
    runs,
    judged: {
      runs: judged.length,
      topologies: new Set(judged.map(({ topology }) => topology)).size,
      before: judged.filter(({ before }) => before).length,
      inside: judged.filter(({ inside }) => inside).length,
      medianError: errors[Math.floor((errors.length - 1) / 2)] ?? null,
    },
  }
}
