/**
 * Endpoints: which pods a Service has as the API says, and as each node's kube-proxy has last heard.
 * A node that does not hear the API goes on with what it knew. What a node knows by whose rules no
 * request has gone yet follows from what the API says, and is not written down at every change.
 */
import type { Component } from '../../model/topology.ts'
import { drawMs } from './calibration.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Owner, Pod, Pods } from './pods.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'

/** A pod at the address that it had when it was written down. */
export interface Endpoint {
  pod: Pod
  address: number
}

/** Made anew when it changes, so that many may hold the same. */
type View = ReadonlyMap<Component, readonly Endpoint[]>

interface Slice {
  readonly owner: Owner
  readonly endpoints: Map<Pod, Endpoint>
  /** The same in the order of the owner's pods; null: to be made. */
  list: readonly Endpoint[] | null
}

/**
 * How a machine finds that it has lost the API. `refused`: it is told at once, and each time that it
 * tries again. `unreachable`: its connection was closed, and then nobody has that address. `silent`:
 * nothing tells it, for what it sends is lost on its way.
 */
export type Loss = 'refused' | 'unreachable' | 'silent'

const unknown: View = new Map()

const { deadConnectionMs, dialTimeoutMs } = constants

/** Doubling pauses from `firstMs` on, while they end within `withinMs`. */
function doubled(firstMs: number, withinMs: number): number[] {
  const count = Math.floor(Math.log2(withinMs / firstMs + 1))
  return Array.from({ length: count }, (_, index) => firstMs * (2 ** (index + 1) - 1))
}

/** From a silent loss to each try to be heard: on the watch that there was, and on one that is asked for. */
const silentTriesMs: readonly number[] = [
  ...doubled(constants.resendMs, deadConnectionMs),
  ...[0, ...doubled(constants.resendConnectMs, dialTimeoutMs)].map((ms) => deadConnectionMs + ms),
  deadConnectionMs + dialTimeoutMs,
]

/** From then on it tries as one that was told. */
const silentMs = deadConnectionMs + dialTimeoutMs

export class Endpoints {
  readonly #scene: Scene
  readonly #hearsApi: (machine: Machine) => boolean
  /** As the API says. */
  readonly #slices: ReadonlyMap<Component, Slice>
  /** The same, all of it; null: to be made. */
  #present: View | null = null
  /** Machines by whose rules requests have gone. */
  readonly #observed = new Set<Machine>()
  /** What those know, and others that did not hear the last of the API. */
  readonly #views = new Map<Machine, View>()
  /** When and how each machine lost the API that does not hear it now. */
  readonly #lost = new Map<Machine, { atMs: number; how: Loss }>()
  /** It could hear the API again, and will try to at that instant. */
  readonly #deafUntilMs = new Map<Machine, number>()
  /** Machines that have booted and whose kube-proxy has not heard the API since. */
  readonly #starting = new Set<Machine>()
  readonly #draws = new Map<Machine, Draw>()
  #managed = true

  constructor(scene: Scene, pods: Pods, hearsApi: (machine: Machine) => boolean) {
    this.#scene = scene
    this.#hearsApi = hearsApi
    this.#slices = new Map(
      pods.owners.map((owner) => [owner.component, { owner, endpoints: new Map(), list: null }]),
    )
    for (const slice of this.#slices.values()) {
      for (const pod of slice.owner.pods) this.#write(slice, pod)
    }
    pods.onChange((pod, change) => {
      if (
        change === 'ready' ||
        change === 'not-ready' ||
        change === 'deleting' ||
        change === 'deleted' ||
        change === 'readdressed'
      ) {
        this.#look(pod)
      }
    })
  }

  /** The controller manager has a leader whose API answers, or has not. */
  manage(works: boolean): void {
    this.#managed = works
    if (works) for (const slice of this.#slices.values()) this.#lookAtAll(slice)
  }

  /** What requests that go through this machine are led by. */
  at(machine: Machine, component: Component): readonly Endpoint[] {
    const view = this.#views.get(machine) ?? this.#now()
    if (!this.#observed.has(machine)) {
      this.#observed.add(machine)
      this.#views.set(machine, view)
    }
    return view.get(component) ?? []
  }

  /** It hears the API no more. */
  disconnected(machine: Machine, how: Loss): void {
    this.#lost.set(machine, { atMs: this.#scene.queue.nowMs, how })
    // One without power forgets what it knew.
    if (machine.power !== 'off' && !this.#views.has(machine)) {
      this.#views.set(machine, this.#now())
    }
  }

  /** Its kube-proxy starts anew, and its kernel has no rules until then. */
  booted(machine: Machine): void {
    this.#lost.delete(machine)
    this.#deafUntilMs.delete(machine)
    this.#views.set(machine, unknown)
    this.#starting.add(machine)
  }

  /** It could hear the API again: its rules are written anew when it next tries to watch. */
  reconnected(machine: Machine): void {
    const lost = this.#lost.get(machine)
    this.#lost.delete(machine)
    const { queue, calibration } = this.#scene
    const retryMs = this.#starting.delete(machine)
      ? drawMs(this.#drawOf(machine), calibration.podStart)
      : lost === undefined
        ? 0
        : this.#retryMs(machine, queue.nowMs - lost.atMs, lost.how)
    this.#deafUntilMs.set(machine, queue.nowMs + retryMs)
    queue.after(retryMs, () => this.#spreadTo(machine))
  }

  /** Until the next try of one that has tried in vain for so long, with its back-off. */
  #retryMs(machine: Machine, forMs: number, how: Loss): number {
    if (how === 'silent' && forMs < silentMs) {
      return (silentTriesMs.find((ms) => ms >= forMs) ?? silentMs) - forMs
    }
    const draw = this.#drawOf(machine)
    const tryMs = how === 'unreachable' ? constants.hostUnreachableMs : 0
    let atMs = how === 'silent' ? silentMs : 0
    let pauseMs: number = constants.watchRetryMs
    for (;;) {
      atMs += pauseMs * (1 + draw())
      if (atMs >= forMs) return atMs - forMs
      atMs += tryMs
      pauseMs = Math.min(2 * pauseMs, constants.watchRetryMaxMs)
    }
  }

  #look(pod: Pod): void {
    const slice = this.#slices.get(pod.owner.component)
    if (this.#managed && slice && this.#write(slice, pod)) this.#spread()
  }

  /** Those that are to go first, as the controller finds them. */
  #lookAtAll(slice: Slice): void {
    let changed = false
    for (const pod of [...slice.endpoints.keys(), ...slice.owner.pods]) {
      changed = this.#write(slice, pod) || changed
    }
    if (changed) this.#spread()
  }

  /** As the pod is now; whether that is another than it was. */
  #write(slice: Slice, pod: Pod): boolean {
    const before = slice.endpoints.get(pod)
    const belongs = pod.ready && !pod.deleting
    if (belongs ? before?.address === pod.address : before === undefined) return false
    if (belongs) slice.endpoints.set(pod, { pod, address: pod.address })
    else slice.endpoints.delete(pod)
    if (belongs !== (before !== undefined)) {
      this.#event(belongs ? 'endpoint-added' : 'endpoint-removed', pod)
    }
    slice.list = null
    this.#present = null
    return true
  }

  #now(): View {
    this.#present ??= new Map(
      [...this.#slices].map(([component, slice]) => {
        slice.list ??= [...slice.owner.pods].flatMap((pod) => slice.endpoints.get(pod) ?? [])
        return [component, slice.list]
      }),
    )
    return this.#present
  }

  #drawOf(machine: Machine): Draw {
    const known = this.#draws.get(machine)
    if (known) return known
    const draw = this.#scene.chance(`endpoints ${machine.name}`)
    this.#draws.set(machine, draw)
    return draw
  }

  #spread(): void {
    for (const machine of this.#observed) this.#spreadTo(machine)
  }

  #spreadTo(machine: Machine): void {
    const { queue, calibration } = this.#scene
    queue.after(drawMs(this.#drawOf(machine), calibration.endpointSpread), () => {
      if (machine.power !== 'on' || !this.#hearsApi(machine)) return
      if (queue.nowMs < (this.#deafUntilMs.get(machine) ?? 0)) return
      if (this.#observed.has(machine)) {
        this.#views.set(machine, this.#now())
        this.#scene.touch()
      } else this.#views.delete(machine)
    })
  }

  #event(name: 'endpoint-added' | 'endpoint-removed', pod: Pod): void {
    const { component } = pod.owner
    this.#scene.tell({
      source: 'api',
      name,
      subject: component,
      node: pod.node?.name ?? null,
      component,
      detail: pod.name,
    })
  }
}
