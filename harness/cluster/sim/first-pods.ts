/** Whose pods the cluster has, and where these stand when a drill begins. */
import { type Component, commonNodes, componentsOf } from '../../model/topology.ts'
import type { Placing } from './placing.ts'
import type { Owner, Pods, Volume } from './pods.ts'
import type { Scene } from './scene.ts'

/** A pod for which there is no room from the beginning. */
export interface PendingPod {
  owner: Owner
  name: string
}

/** `wanted`: how many replicas each component should have. */
export function ownersOf(
  { wanted, replicated }: { wanted: Readonly<Record<string, number>>; replicated: boolean },
  scene: Scene,
): Owner[] {
  const { workload, storage } = scene.topology
  const kindOf = (component: Component) =>
    workload.stateful?.includes(component) ? ('StatefulSet' as const) : ('Deployment' as const)
  const volume = (): Volume => ({
    kind: replicated ? 'replicated' : storage.kind,
    at: null,
  })
  return componentsOf(workload).map((component) => ({
    component,
    kind: kindOf(component),
    replicas: wanted[component] ?? 1,
    tolerationMs: scene.timers.unreachableTolerationMs,
    volume: component === 'database' ? volume() : null,
    pods: new Set(),
    unbound: new Set(),
    made: 0,
    deleting: 0,
  }))
}

/**
 * Where they were found, or spread over the nodes that may carry them, from any of these on; where
 * rooms and rules are known, as far as these allow. Those for which there is no place are returned.
 */
export function placeFirst(scene: Scene, pods: Pods, placing: Placing): PendingPod[] {
  const { topology, found, machines } = scene
  const common = commonNodes(topology).map(({ name }) => machines.get(name))
  const draw = scene.chance('placement')
  const pending: PendingPod[] = []
  for (const owner of pods.owners) {
    const reserved = machines.all.filter(({ node }) => node.only === owner.component)
    const places = reserved.length > 0 ? reserved : common
    const first = Math.floor(draw() * places.length)
    const known = found?.pods.filter(({ component }) => component === owner.component) ?? []
    const turned = placing.followsRules ? [...places.slice(first), ...places.slice(0, first)] : []
    for (let replica = 0; replica < owner.replicas; replica += 1) {
      const at = known[replica]
      const name = `${owner.component}-${owner.kind === 'StatefulSet' ? replica : replica + 1}`
      const machine = at
        ? machines.get(at.node)
        : placing.followsRules
          ? placing.placeFor({ owner }, turned).machine
          : places[(first + replica) % places.length]
      if (machine) {
        if (owner.volume?.kind === 'local') owner.volume.at = machine
        placing.count(pods.place(owner, name, machine))
      } else if (placing.followsRules) pending.push({ owner, name })
    }
  }
  return pending
}
