/**
 * Who answers for the floating IP. Three ways are known: by a Lease, as kube-vip does, for which the
 * API must answer; by gossip, as MetalLB in layer 2 mode does; by advertisements, as keepalived does.
 * The last two need no API, and have two owners while their machines do not see each other. MetalLB
 * gives the address back to one that returns; keepalived, as it is set here, does not.
 */

import { ownersText } from '../../model/event.ts'
import { speakerDeadMs } from '../../model/memberlist.ts'
import { drawMs } from './calibration.ts'
import { Election } from './election.ts'
import type { EventId } from './kernel/event-queue.ts'
import { between, type Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

export type FloatingIpWay = 'lease' | 'memberlist' | 'vrrp'

/**
 * keepalived: three advertisements a second apart are missed, and a skew by priority; the backup with
 * priority 128 takes over after 3.5 s.
 */
const noticeMs: Record<Exclude<FloatingIpWay, 'lease'>, readonly [number, number]> = {
  memberlist: speakerDeadMs,
  vrrp: [2_500, 3_500],
}

/**
 * A speaker looks once a minute for those that it has lost (MetalLB internal/speakerlist,
 * joinMembers). It does so sooner when the API tells it anew of its own node, which the model leaves out.
 */
const joinEveryMs = 60_000

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
  /** Those whose speaker does not take part as yet. */
  readonly #starting = new Set<Machine>()

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
      scene.machines.onBack((machine) => {
        if (way === 'memberlist') this.#startSpeaker(machine)
        else this.#look()
      })
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

  /**
   * Without a Lease: each group of machines that see each other has one owner. `joined`: speakers have
   * found each other just now, and need not look for each other.
   */
  #look(joined = false): void {
    for (const turn of this.#turns.values()) this.#scene.queue.cancel(turn)
    this.#turns.clear()
    const { machines, queue } = this.#scene
    const gossips = this.way === 'memberlist'
    const wanted = this.#wanted()
    // keepalived hears the other at once; a speaker goes on until it has found the other again.
    const still = this.#owners.filter((machine) =>
      gossips ? machine.power === 'on' : wanted.includes(machine),
    )
    this.#own(still)
    for (const machine of wanted) {
      const rivals = still.filter((one) => one !== machine && machines.reaches(one, machine))
      if (still.includes(machine) && rivals.length === 0) continue
      const [from, to] = noticeMs[gossips ? 'memberlist' : 'vrrp']
      const foundMs = joined ? 0 : this.#draw() * joinEveryMs
      const afterMs = rivals.length > 0 ? foundMs : between(this.#draw, from, to)
      const id = queue.after(afterMs, () => {
        this.#turns.delete(machine)
        const others = this.#owners.filter((one) => one !== machine && !rivals.includes(one))
        this.#own([...others, machine])
      })
      this.#turns.set(machine, id)
    }
  }

  /**
   * In the order of the topology, for MetalLB's hash is one as good as another. keepalived's have the
   * same priority, so one that comes back takes nothing (`nopreempt`).
   */
  #wanted(): Machine[] {
    const alive = [...this.announcers].filter(
      (machine) => machine.power === 'on' && !this.#starting.has(machine),
    )
    const owners = alive.filter((machine) => this.#owners.includes(machine))
    const wanted: Machine[] = []
    for (const machine of this.way === 'vrrp' ? [...owners, ...alive] : alive) {
      const seen = wanted.some((owner) => this.#scene.machines.reaches(owner, machine))
      if (!seen) wanted.push(machine)
    }
    return wanted
  }

  /** A speaker that starts, or goes on, asks the others to take it in (MetalLB speakerlist, Rejoin). */
  #startSpeaker(machine: Machine): void {
    const { calibration, queue } = this.#scene
    const { losses, booting } = machine
    const startMs = booting
      ? drawMs(this.#draw, calibration.nodeBoot) + drawMs(this.#draw, calibration.podAfterBoot)
      : drawMs(this.#draw, calibration.thaw)
    this.#starting.add(machine)
    queue.after(startMs, () => {
      if (machine.losses !== losses || machine.power !== 'on') return
      this.#starting.delete(machine)
      this.#look(true)
    })
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
