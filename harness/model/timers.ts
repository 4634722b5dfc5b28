/**
 * The timers that decide how long an outage lasts, with the defaults of Kubernetes 1.34 and the
 * place in its source where each was read. A plan holds one value for each; the provider sets
 * them, reads them back from the running components, and refuses a run where they differ.
 */
import type { Release } from './release.ts'

/** One value for each timer, in milliseconds. */
export interface Timers {
  /** How often the kubelet computes node status. */
  nodeStatusUpdateMs: number
  /** Life of a node's Lease; the kubelet renews at a quarter of it. */
  nodeLeaseDurationMs: number
  /** How often the node lifecycle controller looks. */
  nodeMonitorPeriodMs: number
  /** Silence after which a node is marked NotReady. */
  nodeMonitorGraceMs: number
  /** How long a pod tolerates a node that is not ready. */
  notReadyTolerationMs: number
  /** How long a pod tolerates a node that is unreachable. */
  unreachableTolerationMs: number
  /** Leader election of controller-manager and scheduler: life of the lease. */
  leaderLeaseDurationMs: number
  /** Leader election: how long a leader tries to renew before it gives up. */
  leaderRenewDeadlineMs: number
  /** Leader election: pause between tries. */
  leaderRetryPeriodMs: number
  /** kube-vip's leader election: life of the lease by which the floating IP is held. */
  floatingIpLeaseDurationMs: number
  /** kube-vip: how long the holder tries to renew before it gives the address up. */
  floatingIpRenewDeadlineMs: number
  /** kube-vip: pause between tries. */
  floatingIpRetryPeriodMs: number
}

export type TimerName = keyof Timers

interface TimerFact {
  defaultMs: number
  /** Some flags take whole seconds only. */
  wholeSeconds: boolean
  /** Where it is set: the component and its flag or field. */
  setBy: string
  source: string
}

export const timerFacts: Record<TimerName, TimerFact> = {
  nodeStatusUpdateMs: {
    defaultMs: 10_000,
    wholeSeconds: false,
    setBy: 'kubelet nodeStatusUpdateFrequency',
    source: 'pkg/kubelet/apis/config/v1beta1/defaults.go',
  },
  nodeLeaseDurationMs: {
    defaultMs: 40_000,
    wholeSeconds: true,
    setBy: 'kubelet nodeLeaseDurationSeconds',
    source: 'pkg/kubelet/apis/config/v1beta1/defaults.go',
  },
  nodeMonitorPeriodMs: {
    defaultMs: 5_000,
    wholeSeconds: false,
    setBy: 'kube-controller-manager --node-monitor-period',
    source: 'cloud-provider/config/v1alpha1/defaults.go',
  },
  nodeMonitorGraceMs: {
    defaultMs: 50_000,
    wholeSeconds: false,
    setBy: 'kube-controller-manager --node-monitor-grace-period',
    source: 'pkg/controller/nodelifecycle/config/v1alpha1/defaults.go (40 s before 1.32)',
  },
  notReadyTolerationMs: {
    defaultMs: 300_000,
    wholeSeconds: true,
    setBy: 'kube-apiserver --default-not-ready-toleration-seconds',
    source: 'plugin/pkg/admission/defaulttolerationseconds',
  },
  unreachableTolerationMs: {
    defaultMs: 300_000,
    wholeSeconds: true,
    setBy: 'kube-apiserver --default-unreachable-toleration-seconds',
    source: 'plugin/pkg/admission/defaulttolerationseconds',
  },
  leaderLeaseDurationMs: {
    defaultMs: 15_000,
    wholeSeconds: false,
    setBy: '--leader-elect-lease-duration',
    source: 'component-base/config/v1alpha1/defaults.go',
  },
  leaderRenewDeadlineMs: {
    defaultMs: 10_000,
    wholeSeconds: false,
    setBy: '--leader-elect-renew-deadline',
    source: 'component-base/config/v1alpha1/defaults.go',
  },
  leaderRetryPeriodMs: {
    defaultMs: 2_000,
    wholeSeconds: false,
    setBy: '--leader-elect-retry-period',
    source: 'component-base/config/v1alpha1/defaults.go',
  },
  floatingIpLeaseDurationMs: {
    defaultMs: 5_000,
    wholeSeconds: true,
    setBy: 'kube-vip vip_leaseduration',
    source: 'kube-vip through 1.0.4: 5/3/1 s; from 1.1.0: 15/10/2 s',
  },
  floatingIpRenewDeadlineMs: {
    defaultMs: 3_000,
    wholeSeconds: true,
    setBy: 'kube-vip vip_renewdeadline',
    source: 'kube-vip through 1.0.4: 3 s; from 1.1.0: 10 s',
  },
  floatingIpRetryPeriodMs: {
    defaultMs: 1_000,
    wholeSeconds: true,
    setBy: 'kube-vip vip_retryperiod',
    source: 'kube-vip through 1.0.4: 1 s; from 1.1.0: 2 s',
  },
}

export const timerNames = Object.keys(timerFacts) as TimerName[]

/** `documented`: the real timers. `brisk`: every one of the above at a tenth. */
export type Pace = 'documented' | 'brisk'
export const paces: readonly Pace[] = ['documented', 'brisk']

/**
 * Brisk leader election keeps the proportions a busy two-core machine can hold: a renewal that is
 * due within a second is missed too often, so these are a fifth rather than a tenth.
 */
const briskLeaderElection = {
  leaderLeaseDurationMs: 3_000,
  leaderRenewDeadlineMs: 2_000,
  leaderRetryPeriodMs: 500,
} as const

/** kube-vip counts in whole seconds, and is as quick as that allows already. */
const floatingIpElection = {
  floatingIpLeaseDurationMs: 5_000,
  floatingIpRenewDeadlineMs: 3_000,
  floatingIpRetryPeriodMs: 1_000,
} as const

/** What a pace divides the eviction-path timers by; claims on those scale by the same number. */
export const paceDivisor: Record<Pace, number> = { documented: 1, brisk: 10 }

/** The timers of a pace, before any `--set`; of another release, where it is not that of the facts. */
export function timersOf(pace: Pace, release: Release | null = null): Timers {
  const divisor = paceDivisor[pace]
  const scaled = Object.fromEntries(
    timerNames.map((name) => [name, timerFacts[name].defaultMs / divisor]),
  ) as unknown as Timers
  if (release) scaled.nodeMonitorGraceMs = release.nodeMonitorGraceMs / divisor
  return pace === 'brisk' ? { ...scaled, ...briskLeaderElection, ...floatingIpElection } : scaled
}
