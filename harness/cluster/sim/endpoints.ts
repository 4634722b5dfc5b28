/**
 * Endpoints: which pods a Service has as the API says, and as each node's kube-proxy has last heard.
 * A node that does not hear the API goes on with what it knew.
 */
import type { Component } from '../../model/topology.ts'
import { drawMs } from './calibration.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Pod, Pods } from './pods.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'

/** A pod at the address that it had when it was written down. */
export interface Endpoint {
  pod: Pod
  address: number
}

type View = Map<Component, readonly Endpoint[]>

export class Endpoints {
  readonly #scene: Scene
  readonly #pods: Pods
  readonly #hearsApi: (machine: Machine) => boolean
  readonly #draw: Draw
  /** As the API says. */
  readonly #slices: View = new Map()
  readonly #views = new Map<Machine, View>()
  /** When each machine lost the API that does not hear it now. */
  readonly #lostAtMs = new Map<Machine, number>()
  /** It could hear the API again, and will try to at that instant. */
  readonly #deafUntilMs = new Map<Machine, number>()
  /** Machines that have booted and whose kube-proxy has not heard the API since. */
  readonly #starting = new Set<Machine>()
  #managed = true

  /** `observed`: machines whose rules somebody's requests go by. */
  constructor(
    scene: Scene,
    pods: Pods,
    observed: readonly Machine[],
    hearsApi: (machine: Machine) => boolean,
  ) {
    this.#scene = scene
    this.#pods = pods
    this.#hearsApi = hearsApi
    this.#draw = scene.chance('endpoints')
    for (const owner of pods.owners) this.#slices.set(owner.component, belonging(owner.pods))
    for (const machine of observed) this.#views.set(machine, new Map(this.#slices))
    pods.onChange((pod, change) => {
      if (
        change === 'ready' ||
        change === 'not-ready' ||
        change === 'deleting' ||
        change === 'deleted' ||
        change === 'readdressed'
      ) {
        this.#look(pod.owner.component)
      }
    })
  }

  /** The controller manager has a leader whose API answers, or has not. */
  manage(works: boolean): void {
    this.#managed = works
    if (works) for (const { component } of this.#pods.owners) this.#look(component)
  }

  /** What requests that go through this machine are led by. */
  at(machine: Machine, component: Component): readonly Endpoint[] {
    return this.#views.get(machine)?.get(component) ?? []
  }

  /** It hears the API no more. */
  disconnected(machine: Machine): void {
    this.#lostAtMs.set(machine, this.#scene.queue.nowMs)
  }

  /** Its kube-proxy starts anew, and its kernel has no rules until then. */
  booted(machine: Machine): void {
    this.#lostAtMs.delete(machine)
    this.#deafUntilMs.delete(machine)
    if (this.#views.has(machine)) this.#views.set(machine, new Map())
    this.#starting.add(machine)
  }

  /** It could hear the API again: its rules are written anew when it next tries to watch. */
  reconnected(machine: Machine): void {
    const lostAtMs = this.#lostAtMs.get(machine)
    this.#lostAtMs.delete(machine)
    if (!this.#views.has(machine)) return
    const { queue, calibration } = this.#scene
    const retryMs = this.#starting.delete(machine)
      ? drawMs(this.#draw, calibration.podStart)
      : lostAtMs === undefined
        ? 0
        : this.#retryMs(queue.nowMs - lostAtMs)
    this.#deafUntilMs.set(machine, queue.nowMs + retryMs)
    queue.after(retryMs, () => this.#spreadTo(machine))
  }

  /** Until the next try of one that has tried in vain for so long, with its back-off. */
  #retryMs(forMs: number): number {
    let atMs = 0
    let pauseMs: number = constants.watchRetryMs
    while (atMs < forMs) {
      atMs += pauseMs * (1 + this.#draw())
      pauseMs = Math.min(2 * pauseMs, constants.watchRetryMaxMs)
    }
    return atMs - forMs
  }

  #look(component: Component): void {
    if (!this.#managed) return
    const owner = this.#pods.ownerOf(component)
    const before = this.#slices.get(component) ?? []
    const now = owner ? belonging(owner.pods) : []
    for (const { pod } of before) if (!has(now, pod)) this.#event('endpoint-removed', pod)
    for (const { pod } of now) if (!has(before, pod)) this.#event('endpoint-added', pod)
    const same = (a: Endpoint) => now.some((b) => a.pod === b.pod && a.address === b.address)
    if (before.length === now.length && before.every(same)) return
    this.#slices.set(component, now)
    for (const machine of this.#views.keys()) this.#spreadTo(machine)
  }

  #spreadTo(machine: Machine): void {
    const { queue, calibration } = this.#scene
    queue.after(drawMs(this.#draw, calibration.endpointSpread), () => {
      if (machine.power !== 'on' || !this.#hearsApi(machine)) return
      if (queue.nowMs < (this.#deafUntilMs.get(machine) ?? 0)) return
      this.#views.set(machine, new Map(this.#slices))
      this.#scene.touch()
    })
  }

  #event(name: 'endpoint-added' | 'endpoint-removed', pod: Pod): void {
    const { component } = pod.owner
    this.#scene.tell({
      ...{ source: 'api', name, subject: component },
      ...{ node: pod.node?.name ?? null, component, detail: pod.name },
    })
  }
}

const has = (endpoints: readonly Endpoint[], pod: Pod): boolean =>
  endpoints.some((endpoint) => endpoint.pod === pod)

const belonging = (pods: Iterable<Pod>): Endpoint[] =>
  [...pods]
    .filter(({ ready, deleting }) => ready && !deleting)
    .map((pod) => ({ pod, address: pod.address }))
