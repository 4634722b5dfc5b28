/**
 * The narrow port behind which every provider stands. A provider brings a planned cluster up and
 * hands out a session; the session holds the clock, the vantages and the capabilities, and the
 * conductor knows nothing else. A capability that is missing is absent from the session: there is
 * no fault that does nothing.
 */
import type { Clock } from '../model/clock.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan, ProviderName } from '../model/plan.ts'
import type { Facts, Integrity, Invariant, NodeClock, SplitBrain } from '../model/record.ts'
import type { Capability, FaultPlan, FaultTarget } from '../model/scenario.ts'
import type { UndoAction } from '../model/undo.ts'
import type { ApiCredentials, Sample, Vantage } from '../model/vantage.ts'

/** What can be broken in any cluster that is made here. No volume of theirs has several copies. */
export const generalCapabilities: readonly Capability[] = [
  'power',
  'process',
  'network',
  'loadBalancer',
  'floatingIp',
  'etcd',
]

/** Told while a cluster comes up: what is being done now. */
export type Report = (line: string) => void

export interface Target {
  /** What is hit: the topology name of a node, the load balancer's, or `site-a/site-b`. */
  name: string
  /** The node among what is hit; null for a link and for the load balancer. */
  node: string | null
  /** Why this one: 'runs database-7f9c', 'answered last', 'named on the command line'. */
  why: string
}

/** What an independent look at the target says right now. */
export interface Evidence {
  state: 'well' | 'broken' | 'unclear'
  /** What was looked at and seen, for the receipt. */
  text: string
}

/** How one kind of fault is done, proved and undone on one target. */
export interface FaultHandle {
  undo: UndoAction
  inject(): Promise<void>
  /** Looks from outside, by other means than the ones that injected. */
  look(moment: Moment): Promise<Evidence>
  /** What was found out by it, once it is done; asked at the end of the run. */
  facts?(): Promise<Facts>
}

/** When a receipt is taken: what counts as well differs for a container that must be a new one. */
export type Moment = 'before' | 'during' | 'after'

export interface Session extends AsyncDisposable {
  readonly clock: Clock
  readonly timeSource: 'monotonic' | 'virtual'
  /** True when a standing cluster was taken over. */
  readonly reused: boolean
  readonly kubernetes: string
  readonly versions: Record<string, string>
  readonly startedAt: Date
  readonly vantages: readonly Vantage[]
  readonly credentials: ApiCredentials | null
  /** Null where the topology has none. */
  readonly floatingIp: FloatingIpInForce | null
  readonly capabilities: ReadonlySet<Capability>
  /** What this provider does otherwise than the document, beside what the topology says itself. */
  readonly differences: readonly string[]
  /** The component's wanted number of replicas, for the goal `workload-repaired`. */
  readonly wanted: Record<string, number>
  /** Puts workload and counters in place; afterwards every vantage should answer. */
  prepare(report: Report): Promise<void>
  /** What must be so before anything is broken, as found now. */
  invariants(): Promise<Invariant[]>
  /** `hit`: names of the nodes that earlier faults of this run have hit, in that order. */
  findTarget(target: FaultTarget, hit: readonly string[]): Promise<Target>
  /** The workload's pods as they stand, nodes by topology name. */
  workloadPods(): Promise<{ name: string; component: string; node: string; ready: boolean }[]>
  fault(fault: FaultPlan, target: Target): Promise<FaultHandle>
  undo(action: UndoAction): Promise<string>
  /** Starts all watches. Events carry this session's time. Ends by `stop`. */
  watch(emit: (event: DrillEvent) => void, trouble: (message: string) => void): Promise<Stop>
  /**
   * Asks every vantage by its plan until it is stopped. Absent where clients are outside of the
   * session, and the prober is a process of its own.
   */
  probe?(sampled: (batch: readonly Sample[]) => void): { stop(): void }
  /** Reads every acknowledged save and API write back. */
  readBack(acknowledged: Acknowledged): Promise<Integrity & { problems: string[] }>
  /** How far the nodes' clocks are from this session's. */
  clocks(): Promise<NodeClock[]>
  /** Looks for two truths at once: in etcd, in the API, in the database. */
  splitBrain(): Promise<SplitBrain>
}

export interface FloatingIpInForce {
  address: string
  /** The program that shares it, with its version or its timers. */
  engine: string
  documented: string
}

export interface Acknowledged {
  /** By vantage id: the numbers whose save was acknowledged. */
  saves: ReadonlyMap<string, readonly number[]>
  /** By vantage id: every API write that was sent, acknowledged or not. */
  apiWrites: ReadonlyMap<string, readonly ApiWrite[]>
}

/** A write of `number` over the one before it. Writes overlap, for none waits for another. */
export interface ApiWrite {
  number: number
  sentAtMs: number
  endedAtMs: number
  acknowledged: boolean
}

export type Stop = () => Promise<void>

export interface Standing {
  cluster: string
  topology: string
  pace: string
  nodes: { name: string; container: string; address: string; state: string }[]
  healthy: boolean
  detail: string
}

export interface Provider {
  readonly name: ProviderName
  /** Known before any cluster stands. */
  readonly capabilities: ReadonlySet<Capability>
  /** Brings the plan's cluster up, or takes over the healthy one that stands. */
  open(plan: Plan, report: Report, signal: AbortSignal): Promise<Session>
  /** Every cluster that is ours, healthy or not. */
  standing(): Promise<Standing[]>
  /** Removes one of ours, and everything that was made for it. */
  remove(cluster: string, report: Report): Promise<void>
  /** For `clean`: carries out a journalled undo without the API. */
  undo(action: UndoAction): Promise<string>
}
