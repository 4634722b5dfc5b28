/**
 * `pnpm track-record RUN…`: saved live runs beside their predictions. One that was made without is
 * predicted now, and said to be.
 */
import { renderTrackRecord } from '../../reports/track-record.ts'
import { measured } from '../cluster/sim/calibrated.ts'
import { UsageError } from '../model/errors.ts'
import type { TrackedRun } from '../model/track-record.ts'
import { predict } from '../predict/predict.ts'
import { isTracked, trackedRun, trackRecordOf } from '../predict/track-record.ts'
import { openHeads, type RunHead } from '../record/open-run.ts'

export interface TrackRecordOptions {
  /** Predict every run anew, by the model of today. */
  again: boolean
  json: boolean
}

/** Refuses runs that were simulated or not judged, all at once; leaves out what could not be predicted. */
export async function trackRecord(
  directories: readonly string[],
  { again, json }: TrackRecordOptions,
): Promise<void> {
  const runs = await openHeads(directories)
  const problems = runs.flatMap(({ directory, record }) => {
    if (!record) return [`${directory}: it holds no judged run`]
    return record.timeSource === 'virtual' ? [`${directory}: it was simulated`] : []
  })
  if (problems.length > 0) throw new UsageError(problems, '`pnpm judge` makes a record.')
  const tracked: TrackedRun[] = []
  for (const run of runs) {
    const one = await trackedOf(run, again)
    if (one) tracked.push(one)
  }
  const track = trackRecordOf(tracked)
  process.stdout.write(json ? `${JSON.stringify(track)}\n` : `${renderTrackRecord(track)}\n`)
}

async function trackedOf(
  { record, plan, conduct }: RunHead,
  again: boolean,
): Promise<TrackedRun | null> {
  if (!record || !isTracked(record)) return null
  const said = again ? null : record.prediction
  const prediction = said ?? (await predict(plan, conduct?.found ?? null))
  const calibration = measured.runs.includes(record.runId)
  return trackedRun(record, prediction, { before: said !== null, calibration })
}
