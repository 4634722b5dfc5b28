/**
 * Who answers for the floating IP. Three ways are known: by a Lease, as kube-vip does, for which the
 * API must answer; by gossip, as MetalLB in layer 2 mode does; by advertisements, as keepalived does.
 * The last two need no API, and have two owners while their machines do not see each other.
 */

import { ownersText } from '../../model/event.ts'
import { Election } from './election.ts'
import type { EventId } from './kernel/event-queue.ts'
import { between, type Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

export type FloatingIpWay = 'lease' | 'memberlist' | 'vrrp'

/**
 * MetalLB: memberlist asks a peer every second and suspects it for four with fewer than four
 * speakers, so that it takes 5 to 7 s. keepalived: three advertisements a second apart are missed,
 * and a skew by priority; the backup with priority 128 takes over after 3.5 s.
 */
const noticeMs: Record<Exclude<FloatingIpWay, 'lease'>, readonly [number, number]> = {
  memberlist: [5_000, 7_000],
  vrrp: [2_500, 3_500],
}

export class FloatingIp {
  readonly address: string
  readonly way: FloatingIpWay
  readonly #scene: Scene
  /** In the order of the topology. */
  readonly announcers: ReadonlySet<Machine>
  readonly #election: Election | null
  readonly #draw: Draw
  readonly #hearsApi: (machine: Machine) => boolean
  #owners: Machine[]
  #heldLastBy: Machine | null
  readonly #turns = new Map<Machine, EventId>()

  constructor(
    scene: Scene,
    address: string,
    way: FloatingIpWay,
    announcers: readonly Machine[],
    hearsApi: (machine: Machine) => boolean,
  ) {
    this.#scene = scene
    this.address = address
    this.way = way
    this.announcers = new Set(announcers)
    this.#hearsApi = hearsApi
    this.#draw = scene.chance('floating IP')
    this.#election = way === 'lease' ? this.#byLease() : null
    const known = this.#election?.holder ?? scene.found?.floatingIpHolder
    const holder = announcers.find(({ name }) => name === known)
    this.#owners = holder ? [holder] : announcers.slice(0, 1)
    this.#heldLastBy = this.#owners[0] ?? null
    if (!this.#election) {
      scene.machines.onLost(() => this.#look())
      scene.machines.onBack(() => this.#look())
      scene.machines.onLinks(() => this.#look())
    }
  }

  get owners(): readonly Machine[] {
    return this.#owners.filter(({ power }) => power === 'on')
  }

  /**
   * Where clients send to that have known its Ethernet address: whoever announced it last. One that
   * gave it up without an heir still has the rules of its Service, and goes on answering them.
   */
  get heldLastBy(): Machine | null {
    return this.#heldLastBy
  }

  /** The API answers again, or does not any more, for one that may announce; nothing for others. */
  apiChanged(machine: Machine): void {
    const election = this.#election
    if (!election || !this.announcers.has(machine)) return
    if (machine.power === 'on' && this.#hearsApi(machine)) election.enable(machine.name, false)
    else election.disable(machine.name, machine.power === 'on' ? 'asks in vain' : 'died')
  }

  #byLease(): Election {
    const { timers } = this.#scene
    const election = new Election(
      this.#scene,
      'clusterdrill-floating-ip',
      {
        leaseDurationMs: timers.floatingIpLeaseDurationMs,
        renewDeadlineMs: timers.floatingIpRenewDeadlineMs,
        retryPeriodMs: timers.floatingIpRetryPeriodMs,
      },
      [...this.announcers].map(({ name }) => name),
      this.#scene.found?.floatingIpHolder ?? null,
    )
    election.onChange((name) => {
      this.#own(name === null ? [] : [this.#scene.machines.get(name)])
    })
    return election
  }

  /** Without a Lease: each group of machines that see each other has one owner. */
  #look(): void {
    const alive = [...this.announcers].filter(({ power }) => power === 'on')
    const owns = (machine: Machine) => this.#owners.includes(machine)
    const wanted: Machine[] = []
    // All have the same priority, so one that comes back takes nothing (keepalived, `nopreempt`).
    for (const machine of [...alive.filter(owns), ...alive]) {
      const seen = wanted.some((owner) => this.#scene.machines.reaches(owner, machine))
      if (!seen) wanted.push(machine)
    }
    for (const machine of this.announcers) {
      const turn = this.#turns.get(machine)
      if (turn !== undefined) this.#scene.queue.cancel(turn)
      this.#turns.delete(machine)
    }
    const still = this.#owners.filter((machine) => wanted.includes(machine))
    this.#own(still)
    for (const machine of wanted) {
      if (still.includes(machine)) continue
      const [from, to] = noticeMs[this.way === 'vrrp' ? 'vrrp' : 'memberlist']
      const id = this.#scene.queue.after(between(this.#draw, from, to), () => {
        this.#turns.delete(machine)
        this.#own([...this.#owners, machine])
      })
      this.#turns.set(machine, id)
    }
  }

  #own(owners: Machine[]): void {
    const same =
      owners.length === this.#owners.length && owners.every((owner) => this.#owners.includes(owner))
    if (same) return
    const [heir] = owners.filter((owner) => !this.#owners.includes(owner))
    this.#heldLastBy = heir ?? owners[0] ?? this.#heldLastBy
    this.#owners = owners
    this.#scene.touch()
    this.announce()
  }

  /** Says who answers for it now. */
  announce(): void {
    const owners = this.#owners
    const detail = ownersText(owners.map(({ name }) => name))
    this.#scene.tell({
      ...{ source: 'arp', name: 'floating-ip-owner', subject: this.address },
      ...{ node: owners[0]?.name ?? null, component: null, detail },
    })
  }
}
