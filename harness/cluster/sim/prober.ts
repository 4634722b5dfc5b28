/**
 * The samples of every vantage, by the same schedule as a real prober's; and at each instant at which
 * a way is lost or found again a sample just before and just after, so that outages are exact.
 */
import type { Plan } from '../../model/plan.ts'
import type { Sample, Vantage } from '../../model/vantage.ts'
import { drawMs } from './calibration.ts'
import type { Cluster } from './cluster.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import { type Chance, never } from './paths.ts'

/** So long before a turn the last request of the time before it is sent: what a saved sample can tell. */
const instantMs = 0.01

export interface ProberPorts {
  sampled: Sampled
  /** Asked once: to be told when something changed that a client might notice. */
  onTouch(told: () => void): void
  probes: Probes
}

export type Sampled = (batch: readonly Sample[]) => void

interface View {
  vantage: Vantage
  chanceOf(): Chance
  chance: Chance
  draw: Draw
  number: number
  nextMs: number
}

/**
 * `all`: every probe of the plan. `turns`: only what tells that something has changed, and every probe
 * while the answer is a matter of chance; so a steady state costs nothing.
 */
export type Probes = 'all' | 'turns'

export class Prober {
  readonly #cluster: Cluster
  readonly #views: View[]
  readonly #sampled: Sampled
  readonly #slowestMs: number
  readonly #probes: Probes
  readonly #underWay = new Set<Sample>()
  #running = true
  #stale = false
  #wake: EventId | null = null

  constructor(
    cluster: Cluster,
    plan: Plan,
    vantages: readonly Vantage[],
    { sampled, onTouch, probes }: ProberPorts,
  ) {
    this.#cluster = cluster
    this.#sampled = sampled
    this.#probes = probes
    this.#slowestMs = plan.probe.slowMs
    const { queue } = cluster.scene
    this.#views = vantages.map((vantage) => {
      const chanceOf = this.#chanceOf(vantage)
      const draw = cluster.scene.chance(`vantage ${vantage.id}`)
      const nextMs = queue.nowMs + draw() * vantage.intervalMs
      return { vantage, chanceOf, chance: chanceOf(), draw, number: 0, nextMs }
    })
    onTouch(() => this.#touched())
    if (probes === 'turns') this.#sendAll()
    this.#arm()
  }

  /** What is still under way is told as it will end. */
  stop(): void {
    if (!this.#running) return
    this.#sampled([...this.#underWay])
    this.#underWay.clear()
    if (this.#probes === 'turns') this.#sendAll()
    this.#running = false
  }

  #sendAll(): void {
    const { nowMs } = this.#cluster.scene.queue
    this.#sampled(this.#views.map((view) => this.#sampleOf(view, nowMs, view.chance)))
  }

  #chanceOf({ kind, throughNode, through }: Vantage): () => Chance {
    const { paths, machines, floatingIp, balancer, scene } = this.#cluster
    const leadsTo = scene.topology.floatingIp?.leadsTo ?? 'page'
    if (kind === 'api-read' || kind === 'api-write') {
      if (throughNode !== null) {
        const machine = machines.get(throughNode)
        return () => paths.server(machines.at(machine))
      }
      return balancer ? () => paths.balanced() : () => paths.server(this.#cluster.first)
    }
    if (throughNode === null || through === 'floating IP') {
      return () => {
        const owner = floatingIp?.heldLastBy
        if (!owner) return never('connect-timeout')
        return paths.throughNode(owner, leadsTo, kind === 'save')
      }
    }
    const machine = machines.get(throughNode)
    const component = kind === 'report' ? 'reporting' : 'page'
    return () => paths.throughNode(machine, component, kind === 'save')
  }

  /** Looked at once everything that happens at this instant has happened. */
  #touched(): void {
    if (this.#stale || !this.#running) return
    this.#stale = true
    const { queue } = this.#cluster.scene
    queue.at(queue.nowMs, () => {
      this.#stale = false
      for (const view of this.#views) this.#look(view)
      if (this.#probes === 'turns') this.#arm()
    })
  }

  #look(view: View): void {
    const now = view.chanceOf()
    const before = view.chance
    view.chance = now
    const turned =
      (before.good === 1) !== (now.good === 1) || (before.good === 0) !== (now.good === 0)
    if (!turned) return
    if (this.#probes === 'turns') this.#begin(view)
    const { nowMs } = this.#cluster.scene.queue
    // A request of the instant itself is one of the time after it.
    const justBeforeMs = Math.max(0, nowMs - instantMs)
    if (before.good === 1 && now.good < 1) this.#send(view, justBeforeMs, before)
    if (before.good === 0 && now.good > 0) this.#send(view, justBeforeMs, before)
    if (now.good === 0 || now.good === 1) this.#send(view, nowMs, now)
  }

  /** A state of chance begins at some instant of the time between two probes. */
  #begin(view: View): void {
    view.nextMs = this.#cluster.scene.queue.nowMs + view.draw() * view.vantage.intervalMs
  }

  #isProbed({ chance }: View): boolean {
    return this.#probes === 'all' || (chance.good > 0 && chance.good < 1)
  }

  /** Wakes when the next probe is due. */
  #arm(): void {
    const { queue } = this.#cluster.scene
    if (this.#wake !== null) queue.cancel(this.#wake)
    this.#wake = null
    let soonestMs = Number.POSITIVE_INFINITY
    for (const view of this.#views) {
      if (this.#isProbed(view)) soonestMs = Math.min(soonestMs, view.nextMs)
    }
    if (this.#running && soonestMs < Number.POSITIVE_INFINITY) {
      this.#wake = queue.at(soonestMs, () => this.#probeDue())
    }
  }

  #probeDue(): void {
    this.#wake = null
    const { nowMs } = this.#cluster.scene.queue
    for (const view of this.#views) {
      if (!this.#isProbed(view)) continue
      while (view.nextMs <= nowMs) {
        this.#send(view, view.nextMs, view.chance)
        view.nextMs += view.vantage.intervalMs
      }
    }
    this.#arm()
  }

  #send(view: View, atMs: number, chance: Chance): void {
    const sample = this.#sampleOf(view, atMs, chance)
    this.#underWay.add(sample)
    this.#cluster.scene.queue.after(sample.latencyMs, () => {
      if (this.#underWay.delete(sample)) this.#sampled([sample])
    })
  }

  #sampleOf(view: View, atMs: number, { good, error, failsAfterMs }: Chance): Sample {
    const { vantage, draw } = view
    const { calibration } = this.#cluster.scene
    const ok = good === 1 || (good > 0 && draw() < good)
    const latencyMs = ok
      ? Math.min(drawMs(draw, calibration.answer), this.#slowestMs)
      : Math.min(failsAfterMs, vantage.timeoutMs)
    const numbered = vantage.kind === 'save' || vantage.kind === 'api-write'
    if (numbered) view.number += 1
    return {
      ...{ vantage: vantage.id, scheduledAtMs: atMs, sentAtMs: atMs, latencyMs },
      ...{ ok, error: ok ? null : error, number: numbered ? view.number : null },
    }
  }
}
