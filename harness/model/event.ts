/**
 * Something that happened, as seen by the harness, the API, the kubelet or the load balancer, on
 * the session's clock. The names are few, so that steps can be read from them.
 */

export type EventSource = 'harness' | 'api' | 'kubelet' | 'load-balancer' | 'arp'

export type EventName =
  | 'node-not-ready'
  | 'node-ready'
  | 'node-tainted'
  | 'node-untainted'
  | 'pod-created'
  /** No node will do; detail: the scheduler's reasons. */
  | 'pod-unschedulable'
  | 'pod-scheduled'
  | 'pod-started'
  | 'pod-ready'
  | 'pod-not-ready'
  | 'pod-evicted'
  | 'pod-deleted'
  | 'endpoint-added'
  | 'endpoint-removed'
  | 'leader-changed'
  | 'lb-down'
  | 'lb-up'
  | 'lb-empty'
  /** Subject: the address; detail: who answers for it, see `ownersIn`. */
  | 'floating-ip-owner'
  | 'kubelet'
  | 'watch-lost'
  | 'watch-back'
  | 'phase'
  | 'fault'
  | 'undo'
  | 'note'

export interface DrillEvent {
  atMs: number
  source: EventSource
  name: EventName
  /** The node (topology name), pod, lease or server it is about. */
  subject: string
  /** Topology name of the node concerned, where there is one. */
  node: string | null
  /** Workload component ('page', 'api', 'database') where there is one. */
  component: string | null
  detail: string
}

/** Subject of the notes that say, as a drill begins, on which nodes the cluster's DNS runs. */
export const clusterDnsSubject = 'cluster-dns'

/** Text of a `floating-ip-owner` event's detail, and back: topology names, none for nobody. */
export const ownersText = (owners: readonly string[]): string =>
  owners.length === 0 ? 'nobody' : owners.join(', ')
export const ownersIn = (detail: string): string[] =>
  detail === 'nobody' ? [] : detail.split(', ')

/** The Lease by which a floating IP is held, where a Lease does that. */
export const floatingIpLease = 'clusterdrill-floating-ip'
