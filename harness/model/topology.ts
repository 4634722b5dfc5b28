/**
 * What a document draws: sites, nodes, the load balancer with its documented configuration,
 * storage, and the workload with its replicas. Pure data; a topology file holds one of these.
 */
import type { Placement } from './placement.ts'

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
  /** Carries this component alone: a taint keeps the rest of the workload away. */
  only?: Component
  /** Cordoned and emptied of everything but DaemonSets, once the cluster stands. */
  drained?: boolean
  /** The address in the document's list of machines; addresses here are given anew. */
  documentedAddress?: string
}

/** The parts of the workload. The first three are everywhere, the others where a document has them. */
export const components = ['page', 'api', 'database', 'reporting', 'monitor', 'ingress'] as const
export type Component = (typeof components)[number]

/** A port that the load balancer forwards beside that of the API. */
export interface BalancedPort {
  frontend: string
  backend: string
  port: number
  /** What serves it in the document's distribution, and whether anything does here. */
  what: string
  served: boolean
}

/** HAProxy in TCP mode, as the document configures it. Times in milliseconds. */
export interface LoadBalancer {
  name: string
  /** Absent: HAProxy. Another one is known to the model alone. */
  kind?: 'envoy'
  balance: 'roundrobin' | 'leastconn'
  port: number
  frontend: string
  backend: string
  timeouts: { connectMs: number; clientMs: number; serverMs: number; tunnelMs?: number }
  /** HAProxy's own defaults where the document writes `check` and no more: 2 s, 3, 2. */
  check: {
    /** `https`: the API server must say that it is healthy. */
    kind: 'tcp' | 'tls' | 'https'
    intervalMs: number
    /** Absent: as long as the interval. */
    timeoutMs?: number
    fall: number
    rise: number
  }
  /** Connect attempts after the first. */
  retries: number
  /** With a smaller share of servers up than this, all get connections; absent: never. */
  panicShare?: number
  others?: readonly BalancedPort[]
  /** The port of HAProxy's statistics page. */
  statsPagePort?: number
  /** The addresses that the document's HAProxy configuration gives to its servers, by node. */
  documentedServers?: Readonly<Record<string, string>>
}

/**
 * One address that moves between nodes: announced by ARP, held by one node at a time, and
 * forwarded from there into the workload.
 */
export interface FloatingIp {
  /** The program that the document uses. What stands in for it where it cannot be had is chosen
   * when the cluster comes up, and every record names it. */
  documented: 'kube-vip' | 'MetalLB'
  /**
   * How those that may hold it agree. Absent: as on every cluster made here, by a Lease in the place
   * of kube-vip and by keepalived's VRRP in that of MetalLB. MetalLB's own is known to the model alone.
   */
  sharedBy?: 'memberlist'
  /** Nodes that may hold it. */
  announcers: readonly string[]
  /** The port at which clients find the workload. */
  port: number
  /** The component to which it leads. */
  leadsTo: 'page' | 'ingress'
}

/** An image registry inside the cluster, from which nodes pull the workload's images. */
export interface ImageRegistry {
  /** The node whose address is advertised. */
  node: string
  port: number
}

export interface Workload {
  pageReplicas: number
  apiReplicas: number
  /** The NodePort through which clients reach the page. */
  nodePort: number
  /** Namespaces of the document, by component; what is not named lies in one of ours. */
  namespaces?: Readonly<Partial<Record<Component, string>>>
  /** Parts beyond page, API and database; one replica each. */
  extra?: readonly Component[]
  /**
   * Parts with an identity of their own (StatefulSets): one that was lost is not replaced before
   * it is known to be gone. The others are Deployments.
   */
  stateful?: readonly Component[]
  /** What parts ask of nodes, and where they may run, where that is not as usual. */
  placement?: Readonly<Partial<Record<Component, Placement>>>
}

/**
 * `shared`: a volume that every node can mount, so its pod may start anywhere. `local`: a volume
 * on one node's disk, to which its pod is bound by node affinity.
 */
export interface Storage {
  kind: 'shared' | 'local'
  /** The namespace of the provisioner of shared volumes; absent: one of ours. */
  namespace?: string
  /** What stands behind it here, said wherever a result is shown. */
  standIn: string
  /** Of the document's own store, where that keeps several copies and its stand-in one. */
  copies?: Copies
}

/** So many copies of everything, each on another node; used while at least `least` are left of all. */
export interface Copies {
  count: number
  least: number
}

export interface Topology {
  name: string
  title: string
  document: DocumentId
  sites: readonly Site[]
  nodes: readonly TopologyNode[]
  /** Null: all traffic goes to the API server of the first control plane. */
  loadBalancer: LoadBalancer | null
  /**
   * kubeadm leaves both replicas of the cluster's DNS where they started, on the first control
   * plane (`as-installed`); RKE2 keeps them on different nodes (`spread`).
   */
  clusterDns: 'as-installed' | 'spread'
  floatingIp?: FloatingIp
  imageRegistry?: ImageRegistry
  storage: Storage
  workload: Workload
  /** What this topology leaves out of its document, or adds, each in a sentence. */
  differences: readonly string[]
}

/** All components of a topology's workload. */
export const componentsOf = ({ extra = [] }: Workload): Component[] =>
  components.filter(
    (component) =>
      component === 'page' ||
      component === 'api' ||
      component === 'database' ||
      extra.includes(component),
  )

/** How many replicas each component should have. */
export function wantedReplicas(workload: Workload): Record<string, number> {
  const wanted: Record<Component, number> = {
    page: workload.pageReplicas,
    api: workload.apiReplicas,
    database: 1,
    reporting: 1,
    monitor: 1,
    ingress: 2,
  }
  return Object.fromEntries(
    componentsOf(workload).map((component) => [component, wanted[component]]),
  )
}

/** Nodes on which any part of the workload may run. */
export const workloadNodes = (topology: Topology): TopologyNode[] =>
  topology.nodes.filter(({ schedulable, drained }) => schedulable && !drained)

/** Nodes on which page, API and database may run. */
export const commonNodes = (topology: Topology): TopologyNode[] =>
  workloadNodes(topology).filter(({ only }) => only === undefined)

/**
 * Nodes to which the document's load balancer and its list of machines give different addresses: a
 * slip in the document that no cluster is needed to find.
 */
export function differingAddresses({ nodes, loadBalancer }: Topology): {
  node: string
  balanced: string
  listed: string
}[] {
  return nodes.flatMap(({ name, documentedAddress: listed }) => {
    const balanced = loadBalancer?.documentedServers?.[name]
    return listed !== undefined && balanced !== undefined && listed !== balanced
      ? [{ node: name, balanced, listed }]
      : []
  })
}
