/**
 * The constants of the programs that the model stands for, each with the place in its source. What
 * has a name in `timers.ts` is a timer of the plan and not here; what differs between releases is in
 * `release.ts`, and what differs from one run to the next in `calibration.ts`.
 */

/** What no release since 1.27 has changed. Times in milliseconds. */
export const constants = {
  /** A kubelet renews at this share of its Lease's life (pkg/kubelet/kubelet.go). */
  leaseRenewShare: 0.25,
  /** And up to this share later (component-helpers apimachinery/lease/controller.go). */
  leaseRenewJitter: 0.04,
  /** A renewal that gets no answer is given up (cmd/kubelet/app/server.go). */
  heartbeatTimeoutMs: 10_000,
  /** Tries that follow each other at once (component-helpers apimachinery/lease/controller.go). */
  heartbeatTries: 5,
  /** Leader election: tries are up to 1 + this times as far apart (client-go leaderelection.go). */
  leaderRetryJitter: 1.2,
  /** Nodes a second of one zone; the first at once (options/nodelifecyclecontroller.go). */
  evictionsPerSecond: 0.1,
  evictionsPerSecondUnhealthy: 0.01,
  /** A zone with more nodes is large, and is slowed down rather than stopped. */
  largeZoneNodes: 50,
  /** A zone is unhealthy with at least three nodes and this share of them not ready. */
  unhealthyZoneShare: 0.55,
  unhealthyZoneNodes: 3,
  /**
   * kubeadm's liveness probe of an API server (kubeadm staticpod/utils.go): 8 failures, 10 s apart; it
   * asks etcd, so a server without one fails it.
   */
  apiLivenessPeriodMs: 10_000,
  apiLivenessFailures: 8,
  /** An API server that starts without its etcd gives up after so long. From memory, not verified. */
  apiStartWithoutEtcdMs: 30_000,
  /** Who cannot go on as yet, such as on a frozen machine, looks again so much later: ours. */
  lookAgainMs: 1_000,
  /** CrashLoopBackOff: the second restart waits so long, each further one twice that. */
  crashBackOffMs: 10_000,
  crashBackOffMaxMs: 300_000,
  crashBackOffResetMs: 600_000,
  /** A pod that could not be synced is tried again after this, … (pkg/kubelet/kubelet.go) */
  podRetryMs: 10_000,
  /** … and up to this share later (pkg/kubelet/pod_workers.go). */
  podRetryJitter: 0.5,
  /** Who lost a watch tries again after this, then twice that (client-go reflector.go), … */
  watchRetryMs: 800,
  /** … up to this; each pause is up to doubled by chance. */
  watchRetryMaxMs: 30_000,
  /** Nobody has that address: three questions for it, a second apart (Linux, neigh mcast_solicit, retrans_time_ms). */
  hostUnreachableMs: 3_000,
  /** A connection on which nothing comes is given up after a ping (apimachinery net/http.go: 30 s + 15 s). */
  deadConnectionMs: 45_000,
  /** What nobody acknowledges is sent again after this, then twice that (Linux, TCP_RTO_MIN), … */
  resendMs: 200,
  /** … and a connection that is asked for after this, then twice that (RFC 6298, TCP_TIMEOUT_INIT). */
  resendConnectMs: 1_000,
  /** Asking for a connection is given up after this (net/http, dialer of the default transport). */
  dialTimeoutMs: 30_000,
  /** A pod that fitted nowhere is tried again no sooner than this after it last was, … */
  schedulerBackOffMs: 1_000,
  /** … twice that each further time, up to this (pkg/scheduler backend/queue/scheduling_queue.go). */
  schedulerBackOffMaxMs: 10_000,
  /** Pods of nodes that are gone (podgc/gc_controller.go). */
  podGcPeriodMs: 20_000,
  podGcQuarantineMs: 40_000,
} as const

/** CrashLoopBackOff: how long a container waits that has been started again so often before. */
export function crashBackOffOf(restarts: number): number {
  const { crashBackOffMs, crashBackOffMaxMs } = constants
  return restarts === 0 ? 0 : Math.min(crashBackOffMs * 2 ** (restarts - 1), crashBackOffMaxMs)
}

/** How long after its last try a pod waits that has been tried in vain so often. */
export function schedulerBackOffOf(tries: number): number {
  const { schedulerBackOffMs, schedulerBackOffMaxMs } = constants
  return Math.min(schedulerBackOffMs * 2 ** (tries - 1), schedulerBackOffMaxMs)
}
