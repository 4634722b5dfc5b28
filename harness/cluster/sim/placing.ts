/**
 * The scheduler beside the model's pods and machines: where the next pod goes. As long as nothing is
 * said of nodes' room or of placement, the short way leads to the same: the machine with the fewest
 * pods of the same owner, and then of all. Else it keeps account, as kube-scheduler does.
 */
import { hostKey, regionKey, usualRequests, zoneKey } from '../../model/placement.ts'
import type { Component } from '../../model/topology.ts'
import { controlPlaneTaint } from '../kubernetes/labels.ts'
import type { Machine } from './machines.ts'
import { type NodeLifecycle, unreachable } from './node-lifecycle.ts'
import type { Owner, Pod, PodChange, Pods } from './pods.ts'
import type { Scene } from './scene.ts'
import { decide } from './scheduler.ts'
import {
  type Placements,
  podsMax,
  type Room,
  type SchedulerNode,
  unboundedRoom,
  type WaitingPod,
} from './scheduler-view.ts'

/** `why` no machine will do; null where one does, and on the short way. */
export interface Placed {
  machine: Machine | null
  why: string | null
}

/** What a pod is to the scheduler. */
type ToPlace = Pick<Pod, 'owner'>

export class Placing {
  readonly #machines: readonly Machine[]
  readonly #pods: Pods
  readonly #nodes: NodeLifecycle
  /** Components that have nodes of their own. */
  readonly #reserved: ReadonlySet<Component>
  readonly #placements: Placements
  /** By the machine's index; null: the short way. */
  readonly #account: readonly SchedulerNode[] | null

  constructor(scene: Scene, pods: Pods, nodes: NodeLifecycle) {
    const { topology, machines, allocatable } = scene
    this.#machines = machines.all
    this.#pods = pods
    this.#nodes = nodes
    this.#reserved = new Set(topology.nodes.flatMap(({ only }) => only ?? []))
    this.#placements = topology.workload.placement ?? {}
    // Throws on a name that the topology does not have.
    for (const name of Object.keys(allocatable)) machines.get(name)
    const said = Object.keys(allocatable).length + Object.keys(this.#placements).length > 0
    this.#account = said ? machines.all.map((machine) => nodeOf(machine, scene)) : null
    if (said) {
      pods.onChange((pod, change) => {
        if (change === 'scheduled') this.count(pod)
        if (change === 'deleting') this.#ends(pod)
        if (change === 'deleted') this.#goes(pod)
      })
    }
  }

  /** It keeps account of rooms and rules, and any change of pods or nodes may make room. */
  get followsRules(): boolean {
    return this.#account !== null
  }

  /** `order`: which of equal machines is taken first; absent: as they stand in the topology. */
  placeFor(pod: ToPlace, order: readonly Machine[] = this.#machines): Placed {
    if (this.#account === null) return { machine: this.#shortWay(pod), why: null }
    const nodes: SchedulerNode[] = []
    const machines = new Map<SchedulerNode, Machine>()
    for (const machine of order) {
      const node = this.#account[machine.index]
      if (machine.gone || !node) continue
      node.unschedulable = machine.cordoned || machine.node.drained === true
      node.taints = taintsOf(machine, this.#nodes.repels(machine))
      nodes.push(node)
      machines.set(node, machine)
    }
    const { node, message } = decide(this.#waiting(pod.owner), {
      nodes,
      placements: this.#placements,
    })
    return { machine: node ? (machines.get(node) ?? null) : null, why: message }
  }

  /** A pod that went made room where there was none for another. */
  madeRoom({ node }: Pod): boolean {
    return node !== null && this.#pods.countOn(node) === podsMax - 1
  }

  /**
   * Where a pod has gone, any may fit. Pods that are ending, or nodes that were lost, are no longer
   * counted in a spread; and one that was placed may be what another wants to be near to
   * (`QueueingHintFn` of each plugin in pkg/scheduler/framework/plugins, v1.34).
   */
  mayHelp({ owner }: ToPlace, after: PodChange | 'nodes'): boolean {
    if (after === 'deleted') return true
    const placement = this.#placements[owner.component] ?? {}
    const spread = placement.spread?.some((each) => each.whenUnsatisfiable === 'DoNotSchedule')
    if (spread) return true
    return after === 'scheduled' && (placement.podAffinity?.required?.length ?? 0) > 0
  }

  /** It is on its machine from now on. */
  count(pod: Pod): void {
    const node = this.#nodeUnder(pod)
    if (!node || !pod.node) return
    const { owner } = pod
    this.#add(node, owner, 1)
    node.living[owner.component] = (node.living[owner.component] ?? 0) + 1
    if (owner.volume?.kind === 'local') owner.volume.at ??= pod.node
  }

  #ends(pod: Pod): void {
    const node = this.#nodeUnder(pod)
    const { component } = pod.owner
    if (node) node.living[component] = (node.living[component] ?? 0) - 1
  }

  #goes(pod: Pod): void {
    const node = this.#nodeUnder(pod)
    if (!node) return
    if (!pod.deleting) this.#ends(pod)
    this.#add(node, pod.owner, -1)
  }

  #nodeUnder({ node }: Pod): SchedulerNode | undefined {
    return node === null ? undefined : this.#account?.[node.index]
  }

  #add({ used, bound }: SchedulerNode, { component }: Owner, by: 1 | -1): void {
    const { cpuMillis, memoryBytes } = this.#requestsOf(component)
    used.cpuMillis += by * cpuMillis
    used.memoryBytes += by * memoryBytes
    used.pods += by
    bound[component] = (bound[component] ?? 0) + by
  }

  #requestsOf(component: Component) {
    return this.#placements[component]?.requests ?? usualRequests
  }

  #waiting({ component, volume }: Owner): WaitingPod {
    return {
      component,
      requests: this.#requestsOf(component),
      placement: this.#placements[component] ?? {},
      reserved: this.#reserved.has(component),
      // Bound to a disk once it has been on it.
      volumeOn: volume?.kind === 'local' ? (volume.at?.name ?? null) : null,
    }
  }

  #shortWay({ owner }: ToPlace): Machine | null {
    const { held } = this.#pods
    const heldOf = this.#pods.heldOf(owner)
    let best: Machine | null = null
    let fewestOwn = Number.POSITIVE_INFINITY
    let fewest = Number.POSITIVE_INFINITY
    for (const machine of this.#machines) {
      const own = heldOf[machine.index] ?? 0
      const all = held[machine.index] ?? 0
      if (own > fewestOwn || (own === fewestOwn && all >= fewest)) continue
      if (!this.#mayRun(owner, machine)) continue
      best = machine
      fewestOwn = own
      fewest = all
    }
    return best
  }

  #mayRun(owner: Owner, machine: Machine): boolean {
    const { node } = machine
    if (machine.gone || machine.cordoned || !node.schedulable || node.drained) return false
    if (!this.#nodes.isReady(machine)) return false
    const reserved = this.#reserved.has(owner.component)
    if (node.only !== undefined ? node.only !== owner.component : reserved) return false
    if (owner.volume?.kind === 'local' && owner.volume.at !== machine) return false
    return this.#pods.countOn(machine) < podsMax
  }
}

function nodeOf({ name, node }: Machine, { topology, allocatable }: Scene): SchedulerNode {
  const site = topology.sites.find((each) => each.name === node.site)
  const used: Room = { cpuMillis: 0, memoryBytes: 0, pods: 0 }
  return {
    name,
    labels: {
      [hostKey]: name,
      [zoneKey]: site?.zone ?? node.site,
      [regionKey]: site?.region ?? node.site,
    },
    allocatable: { ...unboundedRoom, ...allocatable[name] },
    ...{ used, bound: {}, living: {} },
    only: node.only ?? null,
    unschedulable: false,
    taints: [],
  }
}

function taintsOf({ node }: Machine, repels: boolean): string[] {
  return [...(node.schedulable ? [] : [controlPlaneTaint]), ...(repels ? [unreachable] : [])]
}
