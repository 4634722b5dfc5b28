/**
 * What an intervention has to work with: the whole cluster, since what a person does is seldom done
 * on one machine. Every command goes to the engine or to kubectl, as a person's would.
 */
import type { Clock } from '../../../model/clock.ts'
import type { FaultPlan } from '../../../model/scenario.ts'
import type { Topology } from '../../../model/topology.ts'
import type { UndoAction } from '../../../model/undo.ts'
import type { ApiAccess } from '../../kubernetes/api.ts'
import type { Report, Target } from '../../port.ts'
import type { Distribution } from '../distribution.ts'
import type { Engine } from '../engine.ts'
import type { ClusterFolders, ClusterState, OwnedNode } from '../ownership.ts'

export interface OperatorSite {
  engine: Engine
  distribution: Distribution
  provider: 'kind' | 'k3d'
  fault: FaultPlan
  target: Target
  topology: Topology
  state: ClusterState
  folders: ClusterFolders
  access: ApiAccess
  /** Where the API is asked: the load balancer's address, or the first control plane's. */
  apiUrl: string
  clock: Clock
  /** Topology names of the nodes that earlier faults of this run have hit. */
  hit: readonly string[]
  report: Report
}

/** The undo of what ends by itself. */
export const noUndo = ({ provider, state, target }: OperatorSite, why: string): UndoAction => ({
  kind: 'none',
  provider,
  cluster: state.name,
  node: target.name,
  why,
})

/** The undo of what lasts: the cluster is marked as used up. */
export const spend = ({ provider, state, target }: OperatorSite, why: string): UndoAction => ({
  kind: 'cluster.spend',
  provider,
  cluster: state.name,
  node: target.name,
  why,
})

/** The node of that topology name. */
export function nodeNamed({ state }: OperatorSite, name: string): OwnedNode {
  const node = state.nodes.find((candidate) => candidate.name === name)
  if (!node) throw new Error(`no node ${name} in ${state.name}`)
  return node
}

/** Nodes of a role, in the topology's order. */
export function nodesOf(
  { state, topology }: Pick<OperatorSite, 'state' | 'topology'>,
  role: 'control-plane' | 'worker',
): OwnedNode[] {
  return state.nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === role,
  )
}

/** Runs a command in a node; standard output. */
export async function inNode(
  engine: Engine,
  node: Pick<OwnedNode, 'container'>,
  command: readonly string[],
  input?: string,
): Promise<string> {
  const interactive = input === undefined ? [] : ['--interactive']
  return await engine.docker(['exec', ...interactive, node.container, ...command], input)
}

/** kubectl against this cluster, from the host. */
export async function kubectl(
  { engine, access }: Pick<OperatorSite, 'engine' | 'access'>,
  args: readonly string[],
  input?: string,
): Promise<string> {
  return await engine.kubectl(['--kubeconfig', access.kubeconfig, ...args], input)
}
