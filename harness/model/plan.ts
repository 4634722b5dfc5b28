/**
 * Everything decided before the first fault. Written to `plan.json`; a run can be measured and
 * judged again from it and the samples alone.
 */
import type { FaultPlan, Goal, Scenario } from './scenario.ts'
import type { Pace, Timers } from './timers.ts'
import type { Topology } from './topology.ts'

export type ProviderName = 'kind' | 'k3d' | 'existing' | 'sim'

export interface ProbePlan {
  /** Between two probes of one vantage. Default 50, so 20 a second. */
  intervalMs: number
  /** After which a probe counts as failed, by what it asks; without `apiWrite` it is that of `api`. */
  timeoutMs: { api: number; page: number; save: number; apiWrite?: number }
  /** Good for this long without a miss counts as recovered and stable. */
  stableMs: number
  /** A good answer slower than this is counted as slow. 1 s is the API's own p99 objective. */
  slowMs: number
}

export interface PhaseBounds {
  baselineMs: number
  /** Also of each wait for what must hold before a further fault. */
  observeMs: number
  /** Also of each wait for what must hold between two undoings. */
  settleMs: number
}

export interface Plan {
  schema: 'clusterdrill/plan/v1'
  runId: string
  clusterName: string
  scenario: Scenario
  topology: Topology
  provider: ProviderName
  /** Name of the release that a simulated cluster is of; absent: the usual one. */
  kubernetes?: string
  pace: Pace
  /** Names of timers that `--set` changed. */
  changedTimers: readonly string[]
  timers: Timers
  seed: number
  probe: ProbePlan
  /** The longest each phase may take, from the timers and from what it waits for. */
  bounds: PhaseBounds
  /** What `--target` said; null where it said nothing, absent in plans of versions without it. */
  target?: string | null
  faults: readonly FaultPlan[]
  observeUntil: readonly Goal[]
  settleUntil: readonly Goal[]
  harnessVersion: string
}
