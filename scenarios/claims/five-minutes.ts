/**
 * How the five minutes are read that documents 000 and 001 give a lost worker: as the toleration
 * that they stand for, to the nearest half minute, and scaled with it.
 */
import type { Measurement } from '../../harness/model/claim.ts'
import { formatMs, type Interval, minuteMs } from '../../harness/model/units.ts'

const halfMinuteShare = minuteMs / 2 / (5 * minuteMs)

/** What is promised of a lost worker under the timers of the run. */
export function fiveMinutes({ plan }: Measurement): { promisedMs: Interval; text: string } {
  const promisedMs = plan.timers.unreachableTolerationMs
  const toleratedMs = promisedMs * halfMinuteShare
  return {
    promisedMs: [promisedMs - toleratedMs, promisedMs + toleratedMs],
    text: `${formatMs(promisedMs)}, give or take ${formatMs(toleratedMs)}`,
  }
}
