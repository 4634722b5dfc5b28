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
import type { Machine } from './machines.ts'
import { type Chance, never, soonMs } from './paths.ts'

/** So long before a turn the last request of the time before it is sent: what a saved sample can tell. */
const instantMs = 0.01

export interface ProberPorts {
  sampled: Sampled
  /** Asked once: to be told when something changed that a client might notice. */
  onTouch(told: () => void): void
  probes: Probes
}

export type Sampled = (batch: readonly Sample[]) => void

/** How a vantage asks. */
interface Way {
  /** What a request that is sent now may expect. */
  chance(): Chance
  /** What becomes of one that is sent now; absent: by chance. */
  send?(): Chance
}

interface View {
  vantage: Vantage
  way: Way
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
  /** Those that are asked at their intervals now. */
  #probed: readonly View[]
  readonly #sampled: Sampled
  readonly #slowestMs: number
  readonly #probes: Probes
  readonly #underWay = new Set<Sample>()
  /** What was sent at once, and is told at once. */
  #sent: Sample[] = []
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
      const way = this.#wayOf(vantage)
      const draw = cluster.scene.chance(`vantage ${vantage.id}`)
      const nextMs = queue.nowMs + draw() * vantage.intervalMs
      return { vantage, way, chance: way.chance(), draw, number: 0, nextMs }
    })
    onTouch(() => this.#touched())
    this.#probed = this.#toProbe()
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

  #wayOf({ kind, throughNode, through, connection }: Vantage): Way {
    const { paths, machines, floatingIp, balancer, scene } = this.#cluster
    const leadsTo = scene.topology.floatingIp?.leadsTo ?? 'page'
    if (kind === 'api-read' || kind === 'api-write') {
      if (throughNode !== null) {
        const machine = machines.get(throughNode)
        return { chance: () => paths.server(machines.at(machine)) }
      }
      if (!balancer) return { chance: () => paths.server(this.#cluster.first) }
      return connection === 'reused' ? this.#keptConnection() : this.#newConnections()
    }
    if (throughNode === null || through === 'floating IP') {
      return {
        chance: () => {
          const owner = floatingIp?.heldLastBy
          if (!owner) return never('connect-timeout')
          return paths.throughNode(owner, leadsTo, kind === 'save')
        },
      }
    }
    const machine = machines.get(throughNode)
    const component = kind === 'report' ? 'reporting' : 'page'
    return { chance: () => paths.throughNode(machine, component, kind === 'save') }
  }

  /** The load balancer gives each to the next server. */
  #newConnections(): Way {
    const { paths } = this.#cluster
    return { chance: () => paths.balanced(), send: () => paths.balanced(paths.nextServer()) }
  }

  /** It stays with its server for as long as that answers; then it is one that is made anew. */
  #keptConnection(): Way {
    const { paths } = this.#cluster
    let server: Machine | null = null
    const chance = () => {
      const kept = server && paths.balanced(server)
      if (kept?.good === 1) return kept
      server = null
      return paths.balanced()
    }
    const send = () => {
      const next = paths.nextServer()
      const answer = paths.balanced(next)
      if (answer.good === 1) server = next
      return answer
    }
    return { chance, send }
  }

  /** Looked at once everything that happens at this instant has happened. */
  #touched(): void {
    if (this.#stale || !this.#running) return
    this.#stale = true
    const { queue } = this.#cluster.scene
    queue.at(queue.nowMs, () => {
      this.#stale = false
      for (const view of this.#views) this.#look(view, queue.nowMs)
      if (this.#probes === 'all') return
      this.#tellSent()
      this.#probed = this.#toProbe()
      this.#arm()
    })
  }

  /** What it may expect from that instant on. */
  #look(view: View, fromMs: number): void {
    const now = view.way.chance()
    const before = view.chance
    if (now === before) return
    view.chance = now
    const turned =
      (before.good === 1) !== (now.good === 1) || (before.good === 0) !== (now.good === 0)
    if (!turned) return
    if (this.#probes === 'turns') this.#begin(view)
    // A request of the instant itself is one of the time after it.
    const justBeforeMs = Math.max(0, fromMs - instantMs)
    if (before.good === 1 && now.good < 1) this.#send(view, justBeforeMs, before)
    if (before.good === 0 && now.good > 0) this.#send(view, justBeforeMs, before)
    if (now.good === 0 || now.good === 1) this.#send(view, fromMs, now)
  }

  /** A state of chance begins at some instant of the time between two probes. */
  #begin(view: View): void {
    view.nextMs = this.#cluster.scene.queue.nowMs + view.draw() * view.vantage.intervalMs
  }

  #toProbe(): readonly View[] {
    if (this.#probes === 'all') return this.#views
    return this.#views.filter(({ chance: { good } }) => good > 0 && good < 1)
  }

  /** Wakes when the next probe is due. */
  #arm(): void {
    const { queue } = this.#cluster.scene
    if (this.#wake !== null) queue.cancel(this.#wake)
    this.#wake = null
    const soonestMs = this.#soonestMs()
    if (this.#running && soonestMs < Number.POSITIVE_INFINITY) {
      this.#wake = queue.at(soonestMs, () => this.#wakeUp())
    }
  }

  /** When the next probe is due; infinity: none is. */
  #soonestMs(): number {
    let soonestMs = Number.POSITIVE_INFINITY
    for (const { nextMs } of this.#probed) if (nextMs < soonestMs) soonestMs = nextMs
    return soonestMs
  }

  /** Stays awake for as long as nothing else happens between one probe and the next. */
  #wakeUp(): void {
    this.#wake = null
    const { queue } = this.#cluster.scene
    let nextMs: number
    do nextMs = this.#probeDue(queue.nowMs)
    while (this.#running && queue.passTo(nextMs))
    this.#tellSent()
    this.#arm()
  }

  /** Sends what is due; when the next is. */
  #probeDue(nowMs: number): number {
    let looked = false
    let soonestMs = Number.POSITIVE_INFINITY
    for (const view of this.#probed) {
      while (view.nextMs <= nowMs) {
        this.#send(view, view.nextMs, view.chance)
        view.nextMs += view.vantage.intervalMs
        if (!view.way.send) continue
        // By being sent it may have changed what those after it may expect.
        this.#look(view, nowMs + instantMs)
        looked = true
      }
      if (view.nextMs < soonestMs) soonestMs = view.nextMs
    }
    if (!looked) return soonestMs
    this.#probed = this.#toProbe()
    return this.#soonestMs()
  }

  /** Who asks for turns alone wants to know how a request will end when it is sent. */
  #send(view: View, atMs: number, chance: Chance): void {
    const sample = this.#sampleOf(view, atMs, chance)
    if (this.#probes === 'turns') {
      this.#sent.push(sample)
      return
    }
    this.#underWay.add(sample)
    this.#cluster.scene.queue.after(sample.latencyMs, () => {
      if (this.#underWay.delete(sample)) this.#sampled([sample])
    })
  }

  #tellSent(): void {
    if (this.#sent.length === 0) return
    this.#sampled(this.#sent)
    this.#sent = []
  }

  #sampleOf(view: View, atMs: number, expected: Chance): Sample {
    const { vantage, draw, way } = view
    const { calibration } = this.#cluster.scene
    const open = expected.good > 0 && expected.good < 1
    const chance = open && way.send ? way.send() : expected
    const { good, database } = chance
    const ok = good === 1 || (good > 0 && draw() < good)
    const latencyMs = ok
      ? Math.min(drawMs(draw, calibration.answer), this.#slowestMs)
      : Math.min(failsAfterMs(chance, atMs), vantage.timeoutMs)
    const numbered = vantage.kind === 'save' || vantage.kind === 'api-write'
    if (numbered) view.number += 1
    if (vantage.kind === 'save' && ok && database) {
      this.#cluster.databases.acknowledged(vantage.id, view.number, database)
    }
    return {
      vantage: vantage.id,
      scheduledAtMs: atMs,
      sentAtMs: atMs,
      latencyMs,
      ok,
      error: ok ? null : errorOf(chance, latencyMs >= vantage.timeoutMs),
      number: numbered ? view.number : null,
    }
  }
}

/** From when it is sent; one that comes when all are closed is closed as soon as it is taken. */
const failsAfterMs = ({ failsAfterMs, closesAtMs }: Chance, atMs: number): number =>
  Math.min(failsAfterMs, Math.max(soonMs, closesAtMs - atMs))

/** A client that gives up before its connection is closed was in the middle of its handshake. */
const errorOf = ({ error }: Chance, gaveUp: boolean): Chance['error'] =>
  error === 'closed' && gaveUp ? 'tls-timeout' : error
