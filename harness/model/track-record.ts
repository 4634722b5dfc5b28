/** Live runs beside their predictions, as `pnpm track-record` tabulates them. */
import type { RunRecord } from './record.ts'
import type { Interval } from './units.ts'

export interface TrackedRun
  extends Pick<RunRecord, 'runId' | 'topology' | 'scenario' | 'target' | 'pace' | 'provider'> {
  /** No outage is one of 0 ms. */
  measuredMs: Interval
  /** Null: the model said nothing. */
  predictedMs: Interval | null
  medianMs: number | null
  /** What was measured and what was predicted have an instant in common. */
  inside: boolean
  /** Beyond the nearer bound of the prediction, in ms: above 0 it lasted longer, below 0 shorter. */
  missedByMs: number
  /** From the predicted median to the middle of what was measured, as a share of it; null without a prediction. */
  error: number | null
  /** It was said before the run; else afterwards, by the model of today. */
  before: boolean
  /** The model was calibrated in it, so it proves nothing. */
  calibration: boolean
}

export interface TrackRecord {
  runs: readonly TrackedRun[]
  /** Of the runs in which the model was not calibrated. */
  judged: {
    runs: number
    topologies: number
    /** Said before the run. */
    before: number
    inside: number
    /** Null without a run. */
    medianError: number | null
  }
}
