/**
 * Whether each kubelet's renewals of its Lease arrive, and when the last one did. While nothing is in
 * their way they are not simulated one by one: when the last was follows from the first. A kubelet
 * asks the API server beside it on a control plane (kubeadm of 1.33 and later), else the endpoint of
 * the cluster; the way is handed in.
 */

import type { Timers } from '../../model/timers.ts'
import type { EventId } from './kernel/event-queue.ts'
import { between, type Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'

/** How a kubelet's way to the API is now, and what became of the connection that it had. */
export interface Way {
  open: boolean
  /** It must find out that its connection is dead: by its own time-out, twice. */
  silent: boolean
}

interface Beat {
  machine: Machine
  draw: Draw
  /** Renewals have arrived at every period since then; null: they do not arrive. */
  sinceMs: number | null
  /** The last that arrived, of one that does not any more. */
  lastMs: number
  stoppedAtMs: number
  resume: EventId | null
}

type Told = (machine: Machine, flows: boolean) => void

/** A try to renew is given up after this: by the client's time-out, or those of the plan's timers. */
export const renewalTimeoutMs = ({ nodeStatusUpdateMs, nodeLeaseDurationMs }: Timers): number =>
  Math.min(constants.heartbeatTimeoutMs, nodeStatusUpdateMs, nodeLeaseDurationMs)

/** Between two renewals that nothing delays. */
export const renewalPeriodMs = ({ nodeLeaseDurationMs }: Timers): number =>
  nodeLeaseDurationMs * constants.leaseRenewShare * (1 + constants.leaseRenewJitter / 2)

/** The back-off between tries grows up to this (component-helpers lease/controller.go). */
export const retryMaxMs = 7_000
export const retryMinMs = 200

export class Heartbeats {
  readonly #scene: Scene
  readonly #wayOf: (machine: Machine) => Way
  readonly #beats: ReadonlyMap<Machine, Beat>
  readonly #told: Told[] = []

  constructor(scene: Scene, wayOf: (machine: Machine) => Way) {
    this.#scene = scene
    this.#wayOf = wayOf
    const period = this.#periodMs
    this.#beats = new Map(
      scene.machines.all.map((machine) => {
        const draw = scene.chance(`heartbeat ${machine.name}`)
        const sinceMs = -draw() * period
        return [machine, { machine, draw, sinceMs, lastMs: 0, stoppedAtMs: 0, resume: null }]
      }),
    )
  }

  /** Told when renewals stop to arrive, and when the first one arrives again. */
  onChange(told: Told): void {
    this.#told.push(told)
  }

  flows(machine: Machine): boolean {
    return this.#beat(machine).sinceMs !== null
  }

  /** The last renewal that arrived up to now. */
  lastMs(machine: Machine): number {
    const beat = this.#beat(machine)
    return beat.sinceMs === null ? beat.lastMs : this.#lastBefore(beat, this.#scene.queue.nowMs)
  }

  /** To be called for every machine whose way to the API may have changed. */
  look(machine: Machine): void {
    const beat = this.#beat(machine)
    const { open, silent } = this.#wayOf(machine)
    const able = machine.power === 'on' && machine.kubelet && !machine.gone
    if (able && open && !silent) {
      if (beat.sinceMs === null && beat.resume === null) this.#resumeIn(beat, this.#retryMs(beat))
      return
    }
    this.#stop(beat)
    if (able && open && silent) this.#resumeIn(beat, this.#noticeMs(beat))
  }

  /** A kubelet that has just started renews at once. */
  started(machine: Machine): void {
    const beat = this.#beat(machine)
    if (this.#wayOf(machine).open && beat.sinceMs === null) this.#resumeIn(beat, 0)
  }

  /** The renewal that is due now arrives so much later, the next one a period after it. */
  late(machine: Machine, delayMs: number): void {
    const beat = this.#beat(machine)
    if (beat.sinceMs === null) return
    this.#stop(beat, this.#scene.queue.nowMs - renewalPeriodMs(this.#scene.timers))
    this.#resumeIn(beat, delayMs)
  }

  #beat(machine: Machine): Beat {
    const beat = this.#beats.get(machine)
    if (!beat) throw new RangeError(`no kubelet on ${machine.name}`)
    return beat
  }

  get #periodMs(): number {
    return this.#scene.timers.nodeLeaseDurationMs * constants.leaseRenewShare
  }

  #lastBefore({ sinceMs }: Beat, atMs: number): number {
    const fromMs = sinceMs ?? atMs
    const period = renewalPeriodMs(this.#scene.timers)
    return fromMs + Math.floor(Math.max(0, atMs - fromMs) / period) * period
  }

  /** `lastMs`: of the last that arrived, where that does not follow from the first. */
  #stop(beat: Beat, lastMs = this.#lastBefore(beat, this.#scene.queue.nowMs)): void {
    if (beat.resume !== null) this.#scene.queue.cancel(beat.resume)
    beat.resume = null
    if (beat.sinceMs === null) return
    const { nowMs } = this.#scene.queue
    beat.lastMs = lastMs
    beat.stoppedAtMs = nowMs
    beat.sinceMs = null
    this.#tell(beat.machine, false)
  }

  #resumeIn(beat: Beat, delayMs: number): void {
    if (beat.resume !== null) this.#scene.queue.cancel(beat.resume)
    beat.resume = this.#scene.queue.after(delayMs, () => {
      beat.resume = null
      beat.sinceMs = this.#scene.queue.nowMs
      this.#tell(beat.machine, true)
    })
  }

  /** Tries grow apart while they fail, so the next one comes within the last pause. */
  #retryMs({ draw, stoppedAtMs }: Beat): number {
    const failingMs = this.#scene.queue.nowMs - stoppedAtMs
    return draw() * Math.min(retryMaxMs, Math.max(retryMinMs, failingMs / 2))
  }

  /** The next renewal is due within a period; two of them time out before it connects anew. */
  #noticeMs({ draw }: Beat): number {
    return between(draw, 0, this.#periodMs) + 2 * renewalTimeoutMs(this.#scene.timers)
  }

  #tell(machine: Machine, flows: boolean): void {
    for (const told of this.#told) told(machine, flows)
  }
}
