/**
 * etcd, one member beside each API server (kubeadm's stacked topology): who can see a majority, and
 * who leads it. A write is accepted, and a read that must be right is answered, only with a leader in
 * a majority of all members that vote.
 */
import { between } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

interface Member {
  machine: Machine
  /** One that was taken out and put in again is another member. */
  id: number
  up: boolean
  /** It follows, and neither votes nor counts. */
  learner: boolean
  /** Of one that is up: since when the others have been connected to it. */
  upSinceMs: number
}

/** Why etcd takes no further member (server/etcdserver/server.go; api/membership/cluster.go). */
export type Refusal = 'no leader' | 'unhealthy' | 'learner'

/** Every member that votes must have been connected for so long (server.go, HealthInterval). */
const connectedMs = 5_000

/** What a cluster held at an instant, as far as anybody looks at it. */
export interface Snapshot {
  atMs: number
  objects: ReadonlySet<string>
}

export class Etcd {
  readonly #scene: Scene
  readonly #members: Member[]
  readonly #changed: (() => void)[] = []
  /** Names of what was written and is looked up later. */
  #objects = new Set<string>()
  #clusterId = 1
  #made = 0
  #leader: Member | null = null
  /** Counts elections, so that one that was overtaken by events changes nothing. */
  #election = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.#members = scene.machines.controlPlanes.map((machine) => ({
      ...this.#member(machine, true),
      upSinceMs: Number.NEGATIVE_INFINITY,
    }))
    const draw = scene.chance('etcd')
    this.#leader =
      this.#members.find(({ machine }) => machine.name === scene.found?.etcdLeader) ??
      this.#members[Math.floor(draw() * this.#members.length)] ??
      null
    scene.machines.onLost((machine) => this.#set(machine, false))
    scene.machines.onLinks(() => this.#look())
  }

  /** Name of the machine whose member leads; null without one. */
  get leader(): string | null {
    return this.#leader?.machine.name ?? null
  }

  /** Another one after a restore: a new logical cluster. */
  get clusterId(): number {
    return this.#clusterId
  }

  /** Null: that machine has no member. */
  memberIdOf(machine: Machine): number | null {
    return this.#memberOf(machine)?.id ?? null
  }

  write(name: string): void {
    this.#objects.add(name)
  }

  holds(name: string): boolean {
    return this.#objects.has(name)
  }

  snapshot(): Snapshot {
    return { atMs: this.#scene.queue.nowMs, objects: new Set(this.#objects) }
  }

  get size(): number {
    return this.#members.length
  }

  get learners(): number {
    return this.#members.length - this.#voters.length
  }

  get majority(): number {
    return Math.floor(this.#voters.length / 2) + 1
  }

  onChange(told: () => void): void {
    this.#changed.push(told)
  }

  /** The member of that machine is in a majority that has a leader. */
  serves(machine: Machine): boolean {
    const member = this.#memberOf(machine)
    if (!member?.up || member.learner || this.#leader === null) return false
    return member === this.#leader || this.#sees(member, this.#leader)
  }

  /** Its data is there and its process runs. */
  start(machine: Machine): void {
    this.#set(machine, true)
  }

  stop(machine: Machine): void {
    this.#set(machine, false)
  }

  /** An orderly end hands the lead over first, so that nobody waits for an election. */
  handOver(machine: Machine): void {
    if (this.#leader?.machine !== machine) return
    const next = this.#members.find(
      (member) => member !== this.#leader && this.#isElectable(member),
    )
    if (next) this.#lead(next)
  }

  /** Taken out: it counts for no majority any more. */
  remove(machine: Machine): void {
    const place = this.#members.findIndex((member) => member.machine === machine)
    if (place < 0) return
    const [removed] = this.#members.splice(place, 1)
    if (removed === this.#leader) this.#leader = null
    this.#look()
  }

  /**
   * Put in, as a learner that is not up yet; or why not. Only one learner at a time, and none before
   * every member that votes has been connected to the others for a while.
   */
  add(machine: Machine): Refusal | null {
    if (this.#leader === null) return 'no leader'
    const sinceMs = this.#scene.queue.nowMs - connectedMs
    if (this.#voters.some(({ up, upSinceMs }) => !up || upSinceMs > sinceMs)) return 'unhealthy'
    if (this.learners > 0) return 'learner'
    this.#members.push({ ...this.#member(machine, false), learner: true })
    return null
  }

  /** Lets a learner vote; false while it is not up, or there is no leader to let it. */
  promote(machine: Machine): boolean {
    const member = this.#memberOf(machine)
    if (!member?.up || this.#leader === null) return false
    member.learner = false
    // To the others it is connected from now on.
    member.upSinceMs = this.#scene.queue.nowMs
    this.#look()
    return true
  }

  /** A new cluster of one, which holds what the snapshot does. */
  restart(machine: Machine, { objects }: Snapshot): void {
    this.#members.splice(0, this.#members.length, this.#member(machine, true))
    this.#objects = new Set(objects)
    this.#clusterId += 1
    this.#leader = null
    this.#look()
  }

  #member(machine: Machine, up: boolean): Member {
    this.#made += 1
    return { machine, id: this.#made, up, learner: false, upSinceMs: this.#scene.queue.nowMs }
  }

  get #voters(): readonly Member[] {
    return this.#members.filter(({ learner }) => !learner)
  }

  #memberOf(machine: Machine): Member | undefined {
    return this.#members.find((member) => member.machine === machine)
  }

  #set(machine: Machine, up: boolean): void {
    const member = this.#memberOf(machine)
    if (!member || member.up === up) return
    member.up = up
    member.upSinceMs = this.#scene.queue.nowMs
    this.#look()
  }

  #sees(a: Member, b: Member): boolean {
    return a === b || this.#scene.machines.reaches(a.machine, b.machine)
  }

  /** It is up, and so are enough others that it sees. */
  #isElectable(member: Member): boolean {
    if (!member.up || member.learner) return false
    const seen = this.#voters.filter((other) => other.up && this.#sees(member, other))
    return seen.length >= this.majority
  }

  #look(): void {
    if (this.#leader !== null && !this.#isElectable(this.#leader)) this.#leader = null
    if (this.#leader === null) this.#elect()
    this.#tell()
  }

  /** Whose random time-out ends first, of those whose vote can be enough. */
  #elect(): void {
    this.#election += 1
    const election = this.#election
    const candidates = this.#members.filter((member) => this.#isElectable(member))
    if (candidates.length === 0) return
    const { queue, release } = this.#scene
    const draw = this.#scene.chance('etcd')
    const waits = candidates.map(() =>
      between(draw, release.etcdElectionMs, 2 * release.etcdElectionMs),
    )
    const first = waits.indexOf(Math.min(...waits))
    const alone = this.#voters.length === 1
    queue.after(alone ? 0 : (waits[first] ?? 0), () => {
      if (election !== this.#election || this.#leader !== null) return
      const winner = candidates[first]
      if (winner && this.#isElectable(winner)) this.#lead(winner)
      else this.#elect()
    })
  }

  #lead(member: Member): void {
    this.#election += 1
    this.#leader = member
    this.#tell()
  }

  #tell(): void {
    for (const told of this.#changed) told()
  }
}
