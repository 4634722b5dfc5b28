/**
 * How predicates read a measurement: intervals against promised figures, spans by name, and
 * outages of the time the fault held. Pure, and without an opinion on any one claim.
 */
import type { Finding, Measurement, Span, SpanCount } from '../../harness/model/claim.ts'
import type {
  FaultRecord,
  Invariant,
  Outage,
  VantageMeasure,
  Verdict,
} from '../../harness/model/record.ts'
import { type FaultKind, losesNode } from '../../harness/model/scenario.ts'
import { isInterventionRecord, primaryOf } from '../../harness/model/turning-points.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'

/** No answer at all for so long, and a person says that it is gone, not that it stutters. */
export const goneMs = 1_000

/** Durations are intervals: all of it fits, none of it does, or the measurement cannot tell. */
export function fits(measured: Interval, promised: Interval): Verdict {
  if (measured[0] >= promised[0] && measured[1] <= promised[1]) return 'confirmed'
  if (measured[1] < promised[0] || measured[0] > promised[1]) return 'contradicted'
  return 'undetermined'
}

/** Begin and end of the time the fault held; null when no fault took hold. */
export function heldSpan(measurement: Measurement): Span | null {
  return spanOf(measurement, 'held')
}

export function spanOf(measurement: Measurement, name: Span['name']): Span | null {
  return measurement.spans.find((span) => span.name === name) ?? null
}

/** The counts of these vantages in a span, added up; the worst is the worst of all. */
export function countsOf(span: Span, vantages: readonly VantageMeasure[]): SpanCount {
  const ids = new Set(vantages.map((vantage) => vantage.id))
  return span.counts
    .filter((count) => ids.has(count.vantage))
    .reduce<SpanCount>(
      (sum, count) => ({
        vantage: sum.vantage,
        samples: sum.samples + count.samples,
        failed: sum.failed + count.failed,
        slow: sum.slow + count.slow,
        late: sum.late + count.late,
        worstMs: count.worstMs === null ? sum.worstMs : Math.max(sum.worstMs ?? 0, count.worstMs),
      }),
      { vantage: [...ids].join(', '), samples: 0, failed: 0, slow: 0, late: 0, worstMs: null },
    )
}

/** Outages that touch the span. */
export function outagesIn(vantage: VantageMeasure, span: Span): Outage[] {
  return vantage.outages.filter(
    (outage) => outage.endMs[1] > span.fromMs && outage.startMs[0] < span.toMs,
  )
}

/** The longest stretch without one good answer in outages of the span; `[0, 0]` for none. */
export function darkestMs(vantages: readonly VantageMeasure[], span: Span): Interval {
  return vantages
    .flatMap((vantage) => outagesIn(vantage, span))
    .map((outage): Interval => outage.darkMs ?? outage.durationMs)
    .reduce<Interval>(
      (longest, one) => [Math.max(longest[0], one[0]), Math.max(longest[1], one[1])],
      [0, 0],
    )
}

/** The node that was hit first, and what was done to it; null when there was no fault. */
export function hit(
  measurement: Measurement,
): { node: string; role: 'worker' | 'control-plane'; kind: string } | null {
  const fault = primaryOf(measurement.faults)
  if (fault === null) return null
  return { node: fault.target, role: roleOf(measurement, fault.target), kind: fault.kind }
}

const roleOf = ({ plan }: Measurement, name: string): 'worker' | 'control-plane' =>
  plan.topology.nodes.find((node) => node.name === name)?.role ?? 'worker'

/** The first fault, no person's doing, that hit a node of that role; null without one. */
export function faultOn(
  measurement: Measurement,
  role: 'worker' | 'control-plane',
): FaultRecord | null {
  const nodes = measurement.plan.topology.nodes.map(({ name }) => name)
  return (
    measurement.faults.find(
      (fault) =>
        !isInterventionRecord(fault) &&
        nodes.includes(fault.target) &&
        roleOf(measurement, fault.target) === role,
    ) ?? null
  )
}

/** The first fault of that kind; null where the run did not come to it. */
export const faultOfKind = ({ faults }: Measurement, kind: FaultKind): FaultRecord | null =>
  faults.find((fault) => fault.kind === kind) ?? null

/** Targets that were taken away as a whole. */
export const lostNodes = ({ faults }: Measurement): string[] =>
  faults.filter(({ kind }) => losesNode(kind as FaultKind)).map(({ target }) => target)

/** Page and save, on new connections, each through one node that was not lost. */
export function workloadVantages(measurement: Measurement): VantageMeasure[] {
  const lost = lostNodes(measurement)
  return pageAndSave(measurement).filter(
    ({ throughNode }) => throughNode !== null && !lost.includes(throughNode),
  )
}

/** Those of them that save. */
export const saveVantages = (measurement: Measurement): VantageMeasure[] =>
  workloadVantages(measurement).filter(({ kind }) => kind === 'save')

export interface Feature {
  kind: 'page' | 'save'
  /** Longest time without one answer. */
  dark: Interval
  count: SpanCount
}

/** What page and save lost in a span; null where one of the two was not looked at. */
export function featuresIn(measurement: Measurement, span: Span): Feature[] | null {
  const vantages = workloadVantages(measurement)
  const features = (['page', 'save'] as const).map((kind): Feature => {
    const ways = vantages.filter((vantage) => vantage.kind === kind)
    return { kind, dark: darkestMs(ways, span), count: countsOf(span, ways) }
  })
  return features.some(({ count }) => count.samples === 0) ? null : features
}

/** `page: no failure; save: 5 of 12 failed, none answered for 2.1 s`. */
export function featuresText(features: readonly Feature[]): string {
  return features
    .map(({ kind, dark, count }) =>
      count.failed === 0 && dark[1] === 0
        ? `${kind}: no failure`
        : `${kind}: ${count.failed} of ${count.samples} failed, none answered for ${formatInterval(dark)}`,
    )
    .join('; ')
}

/** Page and save, on new connections, through the floating IP; none where there is none. */
export function floatingIpVantages(measurement: Measurement): VantageMeasure[] {
  return pageAndSave(measurement).filter(({ throughNode }) => throughNode === null)
}

const pageAndSave = ({ vantages }: Measurement): VantageMeasure[] =>
  vantages.filter(
    ({ kind, connection }) => (kind === 'page' || kind === 'save') && connection === 'new',
  )

/** What was found of an invariant before the drill; null where nobody looked. */
export function invariantOf(measurement: Measurement, id: Invariant['id']): Invariant | null {
  return measurement.invariants.find((invariant) => invariant.id === id) ?? null
}

/** A claim that is nothing but invariants: confirmed when all hold, null when one was not looked at. */
export function holdAll(
  measurement: Measurement,
  ids: readonly Invariant['id'][],
  because: { confirmed: string; contradicted: string },
): Finding | null {
  const found = ids.map((id) => invariantOf(measurement, id))
  if (found.some((invariant) => invariant === null)) return null
  const invariants = found.flatMap((invariant) => invariant ?? [])
  const verdict = invariants.every(({ holds }) => holds) ? 'confirmed' : 'contradicted'
  return {
    verdict,
    measured: invariants.map(({ seen }) => seen).join('; '),
    expected: invariants.map(({ expected }) => expected).join('; '),
    because: because[verdict],
  }
}

/** Reading the API through the load balancer on new connections, as `kubectl get` does. */
export const readsThroughLoadBalancer = (measurement: Measurement): VantageMeasure[] =>
  throughLoadBalancer(measurement).filter(({ kind }) => kind === 'api-read')

/** Reading and writing the API through the load balancer on new connections. */
export function throughLoadBalancer(measurement: Measurement): VantageMeasure[] {
  if (measurement.plan.topology.loadBalancer === null) return []
  return measurement.vantages.filter(
    ({ kind, connection, throughNode }) =>
      kind.startsWith('api-') && connection === 'new' && throughNode === null,
  )
}

/** Good answers that came while the span lasted: one that waited for its end is none in it. */
export const answeredIn = ({ samples, failed, late }: SpanCount): number => samples - failed - late

/** `12 of 340 requests were answered (7 more only when it was over)`. */
export function answeredText(count: SpanCount): string {
  const late = count.late === 0 ? '' : ` (${count.late} more only when it was over)`
  return `${answeredIn(count)} of ${count.samples} requests were answered${late}`
}

/** `7 of 120 requests failed, 3 were slow`. */
export function countText(count: SpanCount): string {
  return `${count.failed} of ${count.samples} requests failed, ${count.slow} were slow`
}

/** `3.9 s after NotReady` style: time between two steps; null when one is missing. */
export function betweenSteps(measurement: Measurement, from: string, to: string): number | null {
  const steps = measurement.recovery.steps
  const first = steps.find((step) => step.name === from)
  const second = steps.find((step) => step.name === to)
  return first === undefined || second === undefined ? null : second.atMs - first.atMs
}

/** A duration, or 'not seen'. */
export function orNotSeen(ms: number | null): string {
  return ms === null ? 'not seen' : formatMs(ms)
}
