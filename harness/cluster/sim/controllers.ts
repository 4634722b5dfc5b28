/**
 * The controllers of a cluster's workload, the scheduler, the eviction of pods from tainted nodes and
 * the collector of pods whose node is gone. Each works while the controller manager or the scheduler
 * has a leader; what it found undone, it does when there is one again.
 */
import { drawMs } from './calibration.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { NodeLifecycle } from './node-lifecycle.ts'
import type { Placing } from './placing.ts'
import type { Owner, Pod, PodChange, Pods } from './pods.ts'
import { constants, schedulerBackOffOf } from './profile.ts'
import type { Scene } from './scene.ts'

export class Controllers {
  readonly #scene: Scene
  readonly #pods: Pods
  readonly #nodes: NodeLifecycle
  readonly #draw: Draw
  readonly #placing: Placing
  #managed = true
  #scheduled = true
  /** By tainted machine: the eviction that waits for each pod's toleration. */
  readonly #evictions = new Map<Machine, EventId[]>()
  readonly #scheduling = new Set<Pod>()
  /** Pods that fitted nowhere: why, how often they were tried, and when for the last time. */
  readonly #unschedulable = new Map<Pod, { why: string; tries: number; lastMs: number }>()

  constructor(scene: Scene, pods: Pods, nodes: NodeLifecycle, placing: Placing) {
    this.#scene = scene
    this.#pods = pods
    this.#nodes = nodes
    this.#draw = scene.chance('controllers')
    this.#placing = placing
    pods.onChange((pod, change) => {
      if (change === 'created') this.#schedule(pod)
      if (change === 'deleting' || change === 'deleted') this.#replenish(pod.owner)
      this.#retryAfter(pod, change)
    })
    nodes.onChange((machine, what) => {
      this.#retry('nodes')
      if (what === 'not-ready') this.#unready(machine)
      else if (what === 'no-execute') this.#evictFrom(machine)
      else if (what === 'clean') {
        this.#spare(machine)
        this.#scheduleAll()
      }
    })
  }

  /** The controller manager has a leader whose API answers, or has not. */
  manage(works: boolean): void {
    this.#managed = works
    if (!works) {
      for (const machine of [...this.#evictions.keys()]) this.#spare(machine)
      return
    }
    for (const owner of this.#pods.owners) this.#replenish(owner)
    // A new leader knows no clock of the one before it.
    for (const machine of this.#scene.machines.all) {
      if (this.#nodes.hasNoExecute(machine)) this.#evictFrom(machine)
      if (!this.#nodes.isReady(machine) && !machine.gone) this.#unready(machine)
    }
  }

  /** The scheduler has a leader whose API answers, or has not. */
  run(works: boolean): void {
    this.#scheduled = works
    // A new leader knows of no try of the one before it.
    this.#unschedulable.clear()
    if (works) this.#scheduleAll()
  }

  /** A node object is gone: its pods are collected. */
  nodeDeleted(machine: Machine): void {
    const { queue } = this.#scene
    this.#retry('nodes')
    const afterMs = constants.podGcQuarantineMs + this.#draw() * constants.podGcPeriodMs
    queue.after(afterMs, () => {
      for (const pod of this.#pods.on(machine)) this.#pods.remove(pod)
    })
  }

  /** In the look that finds a node lost, all its pods are no longer Ready. */
  #unready(machine: Machine): void {
    const { queue, calibration } = this.#scene
    queue.after(drawMs(this.#draw, calibration.unready), () => {
      if (this.#nodes.isReady(machine)) return
      for (const pod of this.#pods.on(machine)) this.#pods.setReady(pod, false)
    })
  }

  #evictFrom(machine: Machine): void {
    this.#spare(machine)
    if (!this.#managed) return
    const { queue, calibration } = this.#scene
    const lateMs = drawMs(this.#draw, calibration.evict)
    const waiting: EventId[] = []
    for (const pod of this.#pods.on(machine)) {
      const { tolerationMs } = pod.owner
      if (tolerationMs === null || pod.deleting) continue
      waiting.push(queue.after(tolerationMs + lateMs, () => this.#pods.markDeleting(pod, true)))
    }
    this.#evictions.set(machine, waiting)
  }

  #spare(machine: Machine): void {
    for (const id of this.#evictions.get(machine) ?? []) this.#scene.queue.cancel(id)
    this.#evictions.delete(machine)
  }

  /** As many as there should be; one with an identity waits until the one before it is gone. */
  #replenish(owner: Owner): void {
    if (!this.#managed || owner.kind === 'DaemonSet') return
    const { queue, calibration } = this.#scene
    queue.after(drawMs(this.#draw, calibration.replace), () => {
      if (!this.#managed) return
      const ending = owner.kind === 'StatefulSet' ? 0 : owner.deleting
      const counted = owner.pods.size - ending
      for (let missing = owner.replicas - counted; missing > 0; missing -= 1) {
        this.#pods.create(owner, this.#nameOf(owner))
      }
    })
  }

  #nameOf(owner: Owner): string {
    if (owner.kind === 'StatefulSet') {
      const taken = new Set([...owner.pods].map(({ name }) => name))
      for (let ordinal = 0; ; ordinal += 1) {
        const name = `${owner.component}-${ordinal}`
        if (!taken.has(name)) return name
      }
    }
    return `${owner.component}-${owner.made + 1}`
  }

  #scheduleAll(): void {
    for (const { unbound } of this.#pods.owners) for (const pod of unbound) this.#schedule(pod)
  }

  #retryAfter(pod: Pod, change: PodChange): void {
    if (change === 'deleted') this.#unschedulable.delete(pod)
    if (change === 'scheduled' || change === 'deleting' || change === 'deleted') {
      this.#retry(change)
    }
    if (change === 'deleted' && !this.#placing.followsRules && this.#placing.madeRoom(pod)) {
      this.#scheduleAll()
    }
  }

  /** Those that fitted nowhere, and may fit after that. */
  #retry(after: PodChange | 'nodes'): void {
    for (const pod of this.#unschedulable.keys()) {
      if (this.#placing.mayHelp(pod, after)) this.#schedule(pod)
    }
  }

  #schedule(pod: Pod): void {
    if (!this.#scheduled || this.#scheduling.has(pod)) return
    this.#scheduling.add(pod)
    const { queue, calibration } = this.#scene
    const waitMs = drawMs(this.#draw, calibration.schedule) + this.#backOffMs(pod)
    queue.after(waitMs, () => {
      this.#scheduling.delete(pod)
      if (!this.#scheduled || pod.gone || pod.node !== null) return
      const { machine, why } = this.#placing.placeFor(pod)
      if (machine) {
        this.#unschedulable.delete(pod)
        this.#pods.bind(pod, machine)
      } else if (why !== null) this.#fitsNowhere(pod, why)
    })
  }

  #backOffMs(pod: Pod): number {
    const tried = this.#unschedulable.get(pod)
    if (!tried) return 0
    const { tries, lastMs } = tried
    return Math.max(0, lastMs + schedulerBackOffOf(tries) - this.#scene.queue.nowMs)
  }

  #fitsNowhere(pod: Pod, why: string): void {
    const before = this.#unschedulable.get(pod)
    const tries = (before?.tries ?? 0) + 1
    this.#unschedulable.set(pod, { why, tries, lastMs: this.#scene.queue.nowMs })
    if (before?.why !== why) this.#pods.tellUnschedulable(pod, why)
  }
}
