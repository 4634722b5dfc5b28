/**
 * Who is hit: roles of the scenario → one node, link or load balancer of the cluster, as it stands
 * when the fault is about to begin. Throws an InvalidRunError where a role has nobody.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { FaultTarget } from '../../model/scenario.ts'
import type { Topology } from '../../model/topology.ts'
import type { ApiAccess } from '../kubernetes/api.ts'
import type { PlacedPod } from '../kubernetes/workload/pods.ts'
import type { Target } from '../port.ts'
import type { Distribution } from './distribution.ts'
import type { Engine } from './engine.ts'
import type { ClusterState, OwnedNode } from './ownership.ts'

export interface Scene {
  engine: Engine
  distribution: Distribution
  topology: Topology
  state: ClusterState
  access: ApiAccess
  apiUrl: string
  /** Topology names of the nodes that earlier faults of this run have hit, in that order. */
  hit: readonly string[]
  pods(): Promise<PlacedPod[]>
  /** Who answers for the floating IP now. */
  owners(): readonly string[]
  /** The control plane that the load balancer's log names last. */
  lastServed(): string | null
}

export async function findTarget(target: FaultTarget, scene: Scene): Promise<Target> {
  if (target.startsWith('node:')) return onNode(target.slice(5), 'named in the plan')
  if (target.startsWith('link:')) {
    return { name: target.slice(5), node: null, why: 'named in the plan' }
  }
  switch (target) {
    case 'worker-with-database': {
      const pods = await scene.pods()
      const database = pods.find((pod) => pod.component === 'database' && pod.ready)
      const node = scene.state.nodes.find(({ container }) => container === database?.node)
      if (database && node) return onNode(node.name, `runs ${database.name}`)
      throw nobody('no ready database pod was found to aim at')
    }
    case 'floating-ip-holder': {
      const [holder, ...others] = scene.owners()
      const node = scene.state.nodes.find(({ name }) => name === holder)
      if (node && others.length === 0) return onNode(node.name, 'holds the floating IP')
      throw nobody('no single node holds the floating IP')
    }
    case 'control-plane': {
      const [first, ...others] = nodesOf(scene, 'control-plane')
      if (!first) throw nobody('there is no control plane')
      return onNode(first.name, others.length === 0 ? 'the only one' : 'the first one')
    }
    case 'control-plane-that-answered-last': {
      const controlPlanes = nodesOf(scene, 'control-plane')
      const [only] = controlPlanes
      if (only && controlPlanes.length === 1) return onNode(only.name, 'the only one')
      const last = scene.lastServed()
      const served = controlPlanes.find(({ name }) => name === last)
      if (served) return onNode(served.name, 'served the last request through the load balancer')
      throw nobody("the load balancer's log names no control plane that answered")
    }
    default:
      throw nobody(`nobody is found for '${target}' yet`)
  }
}

const onNode = (node: string, why: string): Target => ({ name: node, node, why })

function nodesOf({ state, topology }: Scene, role: 'control-plane' | 'worker'): OwnedNode[] {
  return state.nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === role,
  )
}

function nobody(what: string): InvalidRunError {
  return new InvalidRunError({
    what,
    changed: 'nothing was broken',
    next: 'Run it again, or name a node with --target.',
  })
}
