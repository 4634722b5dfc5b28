/**
 * A claim: one sentence of a document about failure, as data with its own predicate. The
 * predicate sees a measurement, with the timers as variables, and answers with a finding or with
 * null when this run cannot speak to it.
 */
import type { DrillEvent } from './event.ts'
import type { Plan } from './plan.ts'
import type { FaultRecord, Integrity, Phase, Recovery, VantageMeasure, Verdict } from './record.ts'
import type { DocumentId } from './topology.ts'

/** Everything that was measured in a run; what a predicate may look at. */
export interface Measurement {
  plan: Plan
  phases: readonly Phase[]
  faults: readonly FaultRecord[]
  vantages: readonly VantageMeasure[]
  recovery: Recovery
  events: readonly DrillEvent[]
  integrity: Integrity
}

export interface Finding {
  verdict: Verdict
  /** The measured value, for a reader. */
  measured: string
  /** The promised value, for a reader. */
  expected: string
  /** The cause, one sentence. */
  because: string
}

export interface AcceptedVerdict {
  verdict: Verdict
  reason: string
  /** ISO date on which a person looked at it. */
  date: string
  /** Only for these topologies, scenarios, paces; absent: for all. */
  topologies?: readonly string[]
  scenarios?: readonly string[]
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
  scenarios: readonly string[]
  accepted: readonly AcceptedVerdict[]
  judge(measurement: Measurement): Finding | null
}
