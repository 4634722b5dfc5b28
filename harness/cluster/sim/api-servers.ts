/**
 * The API servers, one on each control plane. Each asks the etcd beside it and no other (kubeadm
 * controlplane/manifests.go), so it is ready only while that member is in a majority with a leader.
 * Without one for long it fails its liveness probe: the kubelet kills it, and starts it again and
 * again, each time later.
 */
import { drawMs } from './calibration.ts'
import type { Etcd } from './etcd.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Machine } from './machines.ts'
import { constants, crashBackOffOf } from './profile.ts'
import type { Scene } from './scene.ts'

type Told = (machine: Machine, ready: boolean) => void

/** Of a server that was killed for want of etcd: its container waits, or tries to start. */
interface Trial {
  paused: boolean
  turn: EventId
}

export class ApiServers {
  readonly #scene: Scene
  readonly #etcd: Etcd
  /** Machines that have one, or had. */
  readonly #hosts: Set<Machine>
  /** Machines on which the process runs. */
  readonly #running: Set<Machine>
  readonly #ready: Set<Machine>
  readonly #starts = new Map<Machine, number>()
  /** Those that end in order, and when: until then they take connections, and then all are closed. */
  readonly #ending = new Map<Machine, number>()
  /** From a start to the first good answer, of those that were started and have not been ready since. */
  readonly #settles = new Map<Machine, number>()
  readonly #told: Told[] = []
  /** Those that live without their etcd, to be killed then. */
  readonly #failing = new Map<Machine, { turn: EventId }>()
  readonly #trials = new Map<Machine, Trial>()
  /** Those that are about to be ready. */
  readonly #returning = new Map<Machine, EventId>()

  constructor(scene: Scene, etcd: Etcd) {
    this.#scene = scene
    this.#etcd = etcd
    this.#hosts = new Set(scene.machines.controlPlanes)
    this.#running = new Set(this.#hosts)
    this.#ready = new Set(this.#running)
    etcd.onChange(() => this.#look())
    scene.machines.onLost((machine) => this.stop(machine))
  }

  /** Told of every server that is ready or no longer is, in the order of asking. */
  onChange(told: Told): void {
    this.#told.push(told)
  }

  /** It has one, or had. */
  hosts(machine: Machine): boolean {
    return this.#hosts.has(machine)
  }

  /** Listens: a TCP connection is taken. */
  listens(machine: Machine): boolean {
    if (!this.#running.has(machine) || machine.power !== 'on') return false
    return this.#trials.get(machine)?.paused !== true
  }

  /** Answers reads and writes. */
  isReady(machine: Machine): boolean {
    return this.#ready.has(machine)
  }

  /** How often it was started since the beginning. */
  startsOf(machine: Machine): number {
    return this.#starts.get(machine) ?? 0
  }

  /** It ends in order: connections are taken, and closed when it has ended. */
  ends(machine: Machine): boolean {
    return this.#ending.has(machine)
  }

  /** When one that ends in order has ended; null: it does not end. */
  endsAtMs(machine: Machine): number | null {
    return this.#ending.get(machine) ?? null
  }

  /** It was started with its machine, has its etcd, and turns away whom it does not know yet. */
  starts(machine: Machine): boolean {
    return this.#settles.has(machine) && this.#etcd.serves(machine)
  }

  get anyReady(): boolean {
    return this.#ready.size > 0
  }

  /** In the order of the topology. */
  get ready(): Machine[] {
    return this.#scene.machines.all.filter((machine) => this.#ready.has(machine))
  }

  /** It is told to end; it listens until it is stopped. */
  end(machine: Machine, endsAtMs: number): void {
    this.#ending.set(machine, endsAtMs)
    this.#look()
  }

  stop(machine: Machine): void {
    this.#forget(this.#trials, machine)
    this.#ending.delete(machine)
    this.#settles.delete(machine)
    if (this.#running.delete(machine)) this.#look()
  }

  /**
   * Its machine has booted, or was thawed, so long ago that it listens. `settlesMs`: until it answers
   * well; absent: as after any time without etcd.
   */
  start(machine: Machine, settlesMs?: number): void {
    this.#hosts.add(machine)
    if (settlesMs !== undefined) this.#settles.set(machine, settlesMs)
    this.#running.add(machine)
    this.#starts.set(machine, this.startsOf(machine) + 1)
    this.#look()
  }

  #look(): void {
    for (const machine of this.#hosts) {
      this.#probeLiveness(machine)
      const able = this.listens(machine) && !this.#ending.has(machine) && this.#etcd.serves(machine)
      const returning = this.#returning.get(machine)
      if (!able) {
        if (returning !== undefined) this.#scene.queue.cancel(returning)
        this.#returning.delete(machine)
        if (this.#ready.delete(machine)) this.#tell(machine, false)
      } else if (returning === undefined && !this.#ready.has(machine)) this.#return(machine)
    }
  }

  /** Its probe fails while it has no etcd; so often in a row, and it is killed. */
  #probeLiveness(machine: Machine): void {
    const serves = this.#etcd.serves(machine)
    const trial = this.#trials.get(machine)
    if (trial && !trial.paused && serves) this.#forget(this.#trials, machine)
    const fails = this.listens(machine) && !serves && !this.#trials.has(machine)
    if (!fails) this.#forget(this.#failing, machine)
    if (!fails || this.#failing.has(machine)) return
    const { apiLivenessPeriodMs: period, apiLivenessFailures: failures } = constants
    const firstMs = this.#scene.chance(`liveness ${machine.name}`)() * period
    const turn = this.#scene.queue.after(firstMs + (failures - 1) * period, () => {
      this.#failing.delete(machine)
      this.#pause(machine, 0)
    })
    this.#failing.set(machine, { turn })
  }

  /** Killed, or ended by itself: its container waits for the back-off. */
  #pause(machine: Machine, starts: number): void {
    const turn = this.#scene.queue.after(crashBackOffOf(starts), () =>
      this.#tryToStart(machine, starts + 1),
    )
    this.#trials.set(machine, { paused: true, turn })
    this.#look()
  }

  /** It listens, and gives up unless its etcd serves soon. */
  #tryToStart(machine: Machine, starts: number): void {
    const { apiStartWithoutEtcdMs } = constants
    const turn = this.#scene.queue.after(apiStartWithoutEtcdMs, () => this.#pause(machine, starts))
    this.#trials.set(machine, { paused: false, turn })
    this.#look()
  }

  #forget(of: Map<Machine, { turn: EventId }>, machine: Machine): void {
    const known = of.get(machine)
    if (known) this.#scene.queue.cancel(known.turn)
    of.delete(machine)
  }

  /** It takes a moment until it trusts its etcd again, and longer after a boot. */
  #return(machine: Machine): void {
    const { queue, calibration } = this.#scene
    const afterMs =
      this.#settles.get(machine) ??
      drawMs(this.#scene.chance(`api ${machine.name}`), calibration.apiReturn)
    const id = queue.after(afterMs, () => {
      this.#returning.delete(machine)
      this.#settles.delete(machine)
      this.#ready.add(machine)
      this.#tell(machine, true)
    })
    this.#returning.set(machine, id)
  }

  #tell(machine: Machine, ready: boolean): void {
    for (const told of this.#told) told(machine, ready)
    this.#scene.touch()
  }
}
