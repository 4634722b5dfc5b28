/**
 * Finds what the load balancer said of a server in the events of a run.
 */
import type { Measurement } from '../../harness/model/claim.ts'
import type { DrillEvent, EventName } from '../../harness/model/event.ts'

/** The first line of that kind about that server after the one instant, up to and with the other. */
export function lineOf(
  measurement: Measurement,
  name: EventName,
  subject: string,
  afterMs: number,
  untilMs: number,
): DrillEvent | null {
  const lines = measurement.events.filter(
    (event) =>
      event.name === name &&
      event.subject === subject &&
      event.atMs > afterMs &&
      event.atMs <= untilMs,
  )
  return lines.sort((a, b) => a.atMs - b.atMs)[0] ?? null
}
