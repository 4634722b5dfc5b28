/**
 * Pods: what the API says of them, and what is really so in their machines, which differ for as long
 * as nobody can tell. Others are told of every change of either.
 */
import type { Component, Storage } from '../../model/topology.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

export type PodKind = 'Deployment' | 'StatefulSet' | 'DaemonSet'

/** One Deployment, StatefulSet or DaemonSet. */
export interface Owner {
  readonly component: Component
  readonly kind: PodKind
  readonly replicas: number
  /** Seconds its pods tolerate a lost node, in milliseconds; null: for ever. */
  readonly tolerationMs: number | null
  readonly volume: Volume | null
  readonly pods: Set<Pod>
  /** Those of them that have no node yet. */
  readonly unbound: Set<Pod>
  made: number
  /** How many of them are being deleted. */
  deleting: number
}

export interface Volume {
  kind: Storage['kind'] | 'replicated'
  /** Of a local one: the only machine that has it. */
  at: Machine | null
}

export interface Pod {
  readonly name: string
  readonly owner: Owner
  node: Machine | null
  /** Counts its addresses: after a boot of its machine it has another. */
  address: number
  /** In the API. */
  ready: boolean
  deleting: boolean
  gone: boolean
  /** In its machine: its container runs and answers. */
  serves: boolean
  /** How often its container was started again. */
  restarts: number
  restartedAtMs: number
}

export type PodChange =
  | 'created'
  | 'scheduled'
  | 'started'
  | 'ready'
  | 'not-ready'
  | 'deleting'
  | 'deleted'
  /** The API knows its new address. */
  | 'readdressed'
  /** It serves, or does not any more; the API need not know. */
  | 'serving'

type Told = (pod: Pod, change: PodChange) => void

const eventNames = {
  created: 'pod-created',
  scheduled: 'pod-scheduled',
  started: 'pod-started',
  ready: 'pod-ready',
  'not-ready': 'pod-not-ready',
  deleted: 'pod-deleted',
} as const

export class Pods {
  readonly owners: readonly Owner[]
  readonly #scene: Scene
  readonly #told: Told[] = []
  readonly #on = new Map<Machine, Set<Pod>>()
  /** By the machine's index: how many pods are on it that are not being deleted. */
  readonly held: Int32Array
  readonly #heldOf: ReadonlyMap<Owner, Int32Array>

  constructor(scene: Scene, owners: readonly Owner[]) {
    this.#scene = scene
    this.owners = owners
    const many = scene.machines.all.length
    this.held = new Int32Array(many)
    this.#heldOf = new Map(owners.map((owner) => [owner, new Int32Array(many)]))
  }

  onChange(told: Told): void {
    this.#told.push(told)
  }

  /** All that are not gone, in the order of their owners and then of their making. */
  get all(): Pod[] {
    return this.owners.flatMap(({ pods }) => [...pods])
  }

  on(machine: Machine): Pod[] {
    return [...(this.#on.get(machine) ?? [])]
  }

  /** How many are on it, those included that are being deleted. */
  countOn(machine: Machine): number {
    return this.#on.get(machine)?.size ?? 0
  }

  /** As `held`, of one owner. Throws a RangeError on one that is not of this cluster. */
  heldOf(owner: Owner): Int32Array {
    const held = this.#heldOf.get(owner)
    if (!held) throw new RangeError(`nobody owns ${owner.component}`)
    return held
  }

  create(owner: Owner, name: string): Pod {
    const pod = newPod(owner, name, null)
    owner.pods.add(pod)
    owner.unbound.add(pod)
    owner.made += 1
    this.tell(pod, 'created')
    return pod
  }

  /** As it stands when the drill begins: on its node, serving and Ready; nobody is told. */
  place(owner: Owner, name: string, machine: Machine): Pod {
    const pod = newPod(owner, name, machine)
    owner.pods.add(pod)
    owner.made += 1
    this.#onto(pod, machine)
    return pod
  }

  bind(pod: Pod, machine: Machine): void {
    pod.node = machine
    pod.owner.unbound.delete(pod)
    this.#onto(pod, machine)
    this.tell(pod, 'scheduled')
  }

  serve(pod: Pod, serves: boolean): void {
    if (pod.serves === serves) return
    pod.serves = serves
    this.#scene.touch()
    this.tell(pod, 'serving')
  }

  setReady(pod: Pod, ready: boolean): void {
    if (pod.ready === ready || pod.gone) return
    pod.ready = ready
    this.tell(pod, ready ? 'ready' : 'not-ready')
  }

  /** `evicted`: by the taint manager, which says so. */
  markDeleting(pod: Pod, evicted: boolean): void {
    if (pod.deleting || pod.gone) return
    pod.deleting = true
    pod.owner.deleting += 1
    this.#count(pod, -1)
    if (evicted) this.#event(pod, 'pod-evicted', 'DeletionByTaintManager')
    this.tell(pod, 'deleting')
  }

  /** The scheduler found no node for it, and says why. */
  tellUnschedulable(pod: Pod, why: string): void {
    this.#event(pod, 'pod-unschedulable', why)
  }

  remove(pod: Pod): void {
    if (pod.gone) return
    pod.gone = true
    pod.ready = false
    pod.owner.pods.delete(pod)
    pod.owner.unbound.delete(pod)
    if (pod.deleting) pod.owner.deleting -= 1
    else this.#count(pod, -1)
    if (pod.node) this.#on.get(pod.node)?.delete(pod)
    this.serve(pod, false)
    this.tell(pod, 'deleted')
  }

  tell(pod: Pod, change: PodChange): void {
    if (change !== 'deleting' && change !== 'serving' && change !== 'readdressed')
      this.#event(pod, eventNames[change], '')
    for (const told of this.#told) told(pod, change)
  }

  #event(
    pod: Pod,
    name: (typeof eventNames)[keyof typeof eventNames] | 'pod-evicted' | 'pod-unschedulable',
    detail: string,
  ) {
    this.#scene.tell({
      source: 'api',
      name,
      subject: pod.name,
      node: pod.node?.name ?? null,
      component: pod.owner.component,
      detail,
    })
  }

  #onto(pod: Pod, machine: Machine): void {
    const pods = this.#on.get(machine) ?? new Set<Pod>()
    pods.add(pod)
    this.#on.set(machine, pods)
    if (!pod.deleting) this.#count(pod, 1)
  }

  #count({ owner, node }: Pod, by: 1 | -1): void {
    if (node === null) return
    this.held[node.index] = (this.held[node.index] ?? 0) + by
    const own = this.heldOf(owner)
    own[node.index] = (own[node.index] ?? 0) + by
  }
}

/** Where it has a node already, it serves there and is Ready. */
function newPod(owner: Owner, name: string, node: Machine | null): Pod {
  const stands = node !== null
  return {
    name,
    owner,
    node,
    address: 1,
    ready: stands,
    deleting: false,
    gone: false,
    serves: stands,
    restarts: 0,
    restartedAtMs: 0,
  }
}
