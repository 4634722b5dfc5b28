/**
 * How one tool (kind, k3d) makes a cluster out of node containers: its names, its commands and how
 * its timers are read back. Everything that is the same for all of them is beside this file.
 */
import type { Plan } from '../../model/plan.ts'
import type { Capability } from '../../model/scenario.ts'
import type { Topology, TopologyNode } from '../../model/topology.ts'
import type { Report } from '../port.ts'
import type { Engine } from './engine.ts'
import type { ClusterFolders, OwnedNode } from './ownership.ts'
import type { TimerReading } from './timers-in-force.ts'

/** A topology node and the container that plays it. */
export interface NamedNode {
  node: TopologyNode
  container: string
}

/** What a kubelet tells of its own timers (`/configz`). */
export interface KubeletTimers {
  nodeStatusUpdateFrequency: string
  nodeLeaseDurationSeconds: number
}

export interface Distribution {
  readonly name: 'kind' | 'k3d'
  /** `key=value`: the label by which all containers of a cluster are found. */
  labelOf(cluster: string): string
  /** One sentence for each reason for which this plan cannot be carried out with this tool. */
  refusals(plan: Plan): string[]
  /** What cannot be broken in the nodes of this tool, though it can in those of others. */
  readonly lacks: readonly Capability[]
  /** What this tool does otherwise than the documents or than what stands for them elsewhere. */
  differences(plan: Plan): string[]
  containersOf(topology: Topology, cluster: string): NamedNode[]
  /** The container that the tool puts in front of several control planes; ours replaces it. */
  loadBalancerOf(cluster: string): string
  /** Runs the tool. Afterwards all containers are there and the kubeconfig is in its file. */
  create(
    engine: Engine,
    plan: Plan,
    folders: ClusterFolders,
    report: Report,
    signal: AbortSignal,
  ): Promise<void>
  /** Removes every container of the cluster; the caller has made sure that it is ours. */
  remove(engine: Engine, cluster: string, folders: ClusterFolders): Promise<void>
  /** Loads images of the engine into the nodes. */
  load(engine: Engine, cluster: string, images: readonly string[]): Promise<void>
  /** Whether the timers on this node are the planned ones. */
  timerDifferences(
    engine: Engine,
    plan: Plan,
    node: OwnedNode,
    kubelet: KubeletTimers | null,
  ): Promise<TimerReading>
  /**
   * The command, inside a control plane, that answers as `etcdctl` does; its arguments follow. Null
   * where the nodes have none, and then etcd's members are not looked at.
   */
  etcdctl(node: OwnedNode): readonly string[] | null
}
