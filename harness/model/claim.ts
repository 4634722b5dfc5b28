/**
 * A claim: one sentence of a document about failure, as data with its own predicate. The
 * predicate sees a measurement, with the timers as variables, and answers with a finding or with
 * null when this run cannot speak to it.
 */
import type { DrillEvent } from './event.ts'
import type { Plan, ProviderName } from './plan.ts'
import type {
  Explanation,
  FaultRecord,
  FloatingIpRecord,
  Integrity,
  Invariant,
  NodeClock,
  Phase,
  Recovery,
  SplitBrain,
  VantageMeasure,
  Verdict,
} from './record.ts'
import type { Pace } from './timers.ts'
import type { DocumentId } from './topology.ts'
import type { Interval } from './units.ts'

/** What one vantage saw of the requests that were begun in a span. */
export interface SpanCount {
  vantage: string
  samples: number
  failed: number
  /** Good, but slower than the plan's `slowMs`. */
  slow: number
  /** Good, but answered only after the span was over: they had waited for what came next. */
  late: number
  /** The longest that any request took, to its answer or its failure; null without samples. */
  worstMs: number | null
}

/**
 * A part of the run and what each vantage saw in it. `baseline`: before the fault; `away`: from its
 * injection to the heal, with the moments of the loss; `held`: from its taking hold to the heal; `healed`: from the heal to the end; `before-ejection` and
 * `after-ejection`: the time the fault held, parted where the load balancer said DOWN;
 * `during:ID`: the time in which the fault of that id held; what lasts holds to the end.
 */
export interface Span {
  name:
    | 'baseline'
    | 'away'
    | 'held'
    | 'healed'
    | 'before-ejection'
    | 'after-ejection'
    | `during:${string}`
  fromMs: number
  toMs: number
  counts: readonly SpanCount[]
}

/** Everything that was measured in a run; what a predicate may look at. */
export interface Measurement {
  plan: Plan
  phases: readonly Phase[]
  faults: readonly FaultRecord[]
  vantages: readonly VantageMeasure[]
  recovery: Recovery
  /** Why the longest outage lasted as long as it did; null: nothing was away. */
  explanation: Explanation | null
  /** In order of time; a span that the run does not have is left out. */
  spans: readonly Span[]
  events: readonly DrillEvent[]
  integrity: Integrity
  /** Null where the topology has none. */
  floatingIp: FloatingIpRecord | null
  /** Empty in runs of versions that did not look. */
  invariants: readonly Invariant[]
  /** Empty in runs of versions that did not look. */
  clocks: readonly NodeClock[]
  /** Null where nobody looked. */
  splitBrain: SplitBrain | null
}

/** The figure by which a claim on a duration is judged, so that a set of runs can be too. */
export interface Duration {
  measuredMs: Interval
  promisedMs: Interval
}

export interface Finding {
  verdict: Verdict
  /** The measured value, for a reader. */
  measured: string
  /** The promised value, for a reader. */
  expected: string
  /** The cause, one sentence. */
  because: string
  /** Where the claim is on a duration. */
  duration?: Duration
}

export interface AcceptedVerdict {
  verdict: Verdict
  reason: string
  /** ISO date on which a person looked at it. */
  date: string
  /** Only for these providers, topologies, scenarios, paces; absent: for all. */
  providers?: readonly ProviderName[]
  topologies?: readonly string[]
  scenarios?: readonly string[]
  paces?: readonly Pace[]
}

export interface Claim {
  id: string
  document: DocumentId
  /** The sentence in our own words. */
  says: string
  /** The condition under which the document makes it. */
  condition: string
  /** Kubernetes versions on which the promised figure depends; null when on none. */
  kubernetes: string | null
  /** Why no run here can speak to it, for a claim that names no scenario. */
  outOfScope?: string
  scenarios: readonly string[]
  /** Topologies that have what the claim speaks of; absent: all of the scenario's. */
  topologies?: readonly string[]
  /** Of those runs, the ones whose faults it is about; absent: all. */
  speaksOf?(plan: Pick<Plan, 'faults' | 'topology'>): boolean
  accepted: readonly AcceptedVerdict[]
  judge(measurement: Measurement): Finding | null
}
