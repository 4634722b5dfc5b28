/**
 * What a document draws: sites, nodes, the load balancer with its documented configuration,
 * storage, and the workload with its replicas. Pure data; a topology file holds one of these.
 */

/** The five source documents, by the digits that every claim carries. */
export type DocumentId = '000' | '001' | '002' | '003' | '004'

export interface Site {
  name: string
  /** topology.kubernetes.io/region */
  region: string
  /** topology.kubernetes.io/zone */
  zone: string
}

export interface TopologyNode {
  name: string
  role: 'control-plane' | 'worker'
  /** Name of a site of this topology. */
  site: string
  /** May ordinary pods run here? kubeadm taints control planes; a document may say otherwise. */
  schedulable: boolean
}

/** HAProxy in TCP mode, as the document configures it. Times in milliseconds. */
export interface LoadBalancer {
  name: string
  balance: 'roundrobin' | 'leastconn'
  port: number
  frontend: string
  backend: string
  timeouts: { connectMs: number; clientMs: number; serverMs: number }
  /** HAProxy's own defaults where the document writes `check` and no more: 2 s, 3, 2. */
  check: { kind: 'tcp' | 'tls'; intervalMs: number; fall: number; rise: number }
  retries: number
}

export interface Workload {
  pageReplicas: number
  apiReplicas: number
  /** The NodePort through which clients reach the page. */
  nodePort: number
}

export interface Storage {
  kind: 'shared'
  /** What stands behind it here, said wherever a result is shown. */
  standIn: string
}

export interface Topology {
  name: string
  title: string
  document: DocumentId
  sites: readonly Site[]
  nodes: readonly TopologyNode[]
  /** Null: clients talk to the only API server directly. */
  loadBalancer: LoadBalancer | null
  /**
   * kubeadm leaves both replicas of the cluster's DNS where they started, on the first control
   * plane (`as-installed`); RKE2 keeps them on different nodes (`spread`).
   */
  clusterDns: 'as-installed' | 'spread'
  storage: Storage
  workload: Workload
  /** What this topology leaves out of its document, or adds, each in a sentence. */
  differences: readonly string[]
}
