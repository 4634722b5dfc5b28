/**
 * How predicates read who answered for the floating IP, and when. Pure, and without an opinion on
 * any one claim.
 */
import type { Measurement, Span } from '../../harness/model/claim.ts'
import type { FloatingIpRecord } from '../../harness/model/record.ts'
import { formatMs } from '../../harness/model/units.ts'

type Tenure = FloatingIpRecord['tenures'][number]

/** Tenures that touch the span, in order of time; empty where nobody watched. */
export function tenuresIn({ floatingIp }: Measurement, span: Span): Tenure[] {
  return (floatingIp?.tenures ?? []).filter(
    ({ fromMs, toMs }) => toMs > span.fromMs && fromMs < span.toMs,
  )
}

/** The only owner until that instant; null for none, several or nobody watching. */
export function ownerAt({ floatingIp }: Measurement, atMs: number): string | null {
  const tenure = floatingIp?.tenures.find(({ fromMs, toMs }) => fromMs < atMs && atMs <= toMs)
  return tenure?.owners.length === 1 ? (tenure.owners[0] ?? null) : null
}

/** For how long in the span so many answered, in all. */
export function answeredMs(
  measurement: Measurement,
  span: Span,
  counts: (owners: number) => boolean,
): number {
  return tenuresIn(measurement, span)
    .filter(({ owners }) => counts(owners.length))
    .reduce(
      (sum, { fromMs, toMs }) => sum + Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs),
      0,
    )
}

export const withoutOwnerMs = (measurement: Measurement, span: Span): number =>
  answeredMs(measurement, span, (owners) => owners === 0)

/** `worker-a, nobody for 6.3 s, worker-b`: the tenures of a span in words. */
export function tenuresText(tenures: readonly Tenure[]): string {
  return tenures
    .map(({ owners, fromMs, toMs }) =>
      owners.length === 1
        ? owners[0]
        : `${owners.length === 0 ? 'nobody' : owners.join(' and ')} for ${formatMs(toMs - fromMs)}`,
    )
    .join(', then ')
}

/** When its holder gave the floating IP up, and by which timer; empty when it did not. */
export function givenUp(measurement: Measurement): string {
  const injectedAtMs = measurement.faults[0]?.injectedAtMs ?? 0
  const none = measurement.floatingIp?.tenures.find(
    ({ owners, fromMs }) => owners.length === 0 && fromMs > injectedAtMs,
  )
  const { floatingIpRenewDeadlineMs } = measurement.plan.timers
  return none === undefined
    ? ''
    : `: its holder gave it up ${formatMs(none.fromMs - injectedAtMs)} after the fault, for it renews a Lease in the API and gives up after ${formatMs(floatingIpRenewDeadlineMs)} without`
}
