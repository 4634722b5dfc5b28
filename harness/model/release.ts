/**
 * The releases of Kubernetes that the model can stand for, and what differs between them of all that
 * it knows. K3s and RKE2 are named as they name themselves: the release of Kubernetes, a plus sign and
 * their own name.
 */

export interface Release {
  /** As `v1.34`, `v1.34+k3s` or `v1.34+rke2`. */
  name: string
  /** The default of --node-monitor-grace-period. */
  nodeMonitorGraceMs: number
  /** Random election time-outs of etcd are between this and twice this. */
  etcdElectionMs: number
}

/** pkg/controller/nodelifecycle/config/v1alpha1/defaults.go: 40 s before 1.32, 50 s since. */
const nodeMonitorGraceMs = { 'v1.27': 40_000, 'v1.31': 40_000, 'v1.34': 50_000 } as const

/**
 * etcd: server/embed/config.go, 1 s; kubeadm and k0s leave it at that. K3s sets 5 s (pkg/etcd/etcd.go),
 * and RKE2 is taken to do the same, since it embeds K3s.
 */
const etcdElectionMs = { '': 1_000, '+k3s': 5_000, '+rke2': 5_000 } as const

export const releases: readonly Release[] = Object.entries(etcdElectionMs).flatMap(
  ([distribution, electionMs]) =>
    Object.entries(nodeMonitorGraceMs).map(([kubernetes, graceMs]) => ({
      name: `${kubernetes}${distribution}`,
      nodeMonitorGraceMs: graceMs,
      etcdElectionMs: electionMs,
    })),
)

/** That of the clusters that are made here, unless a plan says otherwise. */
export const usualRelease = 'v1.34'

/** Null for one that the model does not know. */
export const releaseNamed = (name: string): Release | null =>
  releases.find((release) => release.name === name) ?? null
