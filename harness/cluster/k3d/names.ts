/**
 * What k3d calls a cluster and its containers. k3d refuses names of more than 32 characters, so a
 * longer one of ours is cut and told apart by a mark of the whole.
 */
import { createHash } from 'node:crypto'
import type { Topology, TopologyNode } from '../../model/topology.ts'
import type { NamedNode } from '../containers/distribution.ts'

/** k3d-io/k3d pkg/types/defaults.go: DefaultClusterNameMaxLength. */
const longestName = 32
const markLength = 6

export function k3dName(cluster: string): string {
  if (cluster.length <= longestName) return cluster
  const mark = createHash('sha256').update(cluster).digest('hex').slice(0, markLength)
  return `${cluster.slice(0, longestName - markLength - 1).replace(/-+$/, '')}-${mark}`
}

export const labelOf = (cluster: string): string => `k3d.cluster=${k3dName(cluster)}`

/** k3d calls control planes servers and workers agents, and numbers each from 0. */
export function containersOf(topology: Topology, cluster: string): NamedNode[] {
  const of = (role: TopologyNode['role'], called: string) =>
    topology.nodes
      .filter((node) => node.role === role)
      .map((node, index) => ({ node, container: `k3d-${k3dName(cluster)}-${called}-${index}` }))
  return [...of('control-plane', 'server'), ...of('worker', 'agent')]
}

export const loadBalancerOf = (cluster: string): string => `k3d-${k3dName(cluster)}-serverlb`
