/**
 * What the conductor knows while a drill runs: the last samples of each vantage, the workload's
 * pods and what was said of the hit nodes. The goals of a phase are decided here, from what was
 * seen and never from time alone.
 */
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { aWhileMs, type FaultKind, type Goal, watchedMs } from '../model/scenario.ts'
import type { Sample, Vantage } from '../model/vantage.ts'
import { HitNodes } from './hit-nodes.ts'
import type { Progress } from './ports.ts'

/** A probe may still be under way for this long before its slot counts as unanswered. */
const inFlightSlackMs = 1_000
/** Of the slots of the stable time, so many must have been answered. */
const answeredShare = 0.9

interface PodView {
  component: string
  node: string | null
  ready: boolean
}

interface VantageView {
  vantage: Vantage
  /** Ended probes of the last while, in order of ending; none where samples tell every change. */
  recent: Sample[]
  /** When the newest of all was sent, and what came of it. */
  newestMs: number
  up: boolean | null
  changedAtMs: number
  lastError: string | null
  /** When the newest of the bad ones was sent, and how long it took to fail. */
  lastBadMs: number
  failedAfterMs: number
}

/** Goals of many parts, each of which may be waited for. */
type ManyGoals = 'vantages-good' | 'every-vantage-good' | 'workload-repaired' | 'workload-whole'

export class DrillView {
  readonly #plan: Plan
  readonly #wanted: Record<string, number>
  /** Nothing changes between two samples of a vantage, however far apart they are. */
  readonly #exact: boolean
  readonly #vantages: Map<string, VantageView>
  readonly #pods = new Map<string, PodView>()
  readonly #hit: HitNodes
  /** Components that had a pod on a hit node when the fault was injected. */
  readonly #hitComponents = new Set<string>()
  #heldAtMs: number | null = null
  #healedAtMs: number | null = null

  constructor(
    plan: Plan,
    vantages: readonly Vantage[],
    wanted: Record<string, number>,
    exact = false,
  ) {
    this.#plan = plan
    this.#exact = exact
    this.#wanted = wanted
    this.#hit = new HitNodes(plan.topology)
    this.#vantages = new Map(
      vantages.map((vantage) => [
        vantage.id,
        {
          vantage,
          recent: [],
          newestMs: Number.NEGATIVE_INFINITY,
          up: null,
          changedAtMs: 0,
          lastError: null,
          lastBadMs: Number.NEGATIVE_INFINITY,
          failedAfterMs: 0,
        },
      ]),
    )
  }

  takeSamples(batch: readonly Sample[]): void {
    for (const sample of batch) {
      const view = this.#vantages.get(sample.vantage)
      if (!view) continue
      if (!this.#exact) this.#keep(view, sample)
      // One that timed out says nothing of those that were sent after it and answered before.
      if (sample.sentAtMs >= view.newestMs) {
        view.newestMs = sample.sentAtMs
        if (view.up !== sample.ok) view.changedAtMs = sample.sentAtMs
        view.up = sample.ok
      }
      if (sample.error) view.lastError = sample.error
      if (!sample.ok && sample.sentAtMs >= view.lastBadMs) {
        view.lastBadMs = sample.sentAtMs
        view.failedAfterMs = sample.latencyMs
      }
    }
  }

  #keep({ recent, vantage }: VantageView, sample: Sample): void {
    recent.push(sample)
    const keptMs = this.#plan.probe.stableMs + vantage.timeoutMs + 2 * inFlightSlackMs
    const horizonMs = sample.sentAtMs - keptMs
    while ((recent[0]?.sentAtMs ?? Number.POSITIVE_INFINITY) < horizonMs) recent.shift()
  }

  takeEvent(event: DrillEvent): void {
    switch (event.name) {
      case 'node-not-ready':
      case 'node-ready':
      case 'lb-down':
      case 'lb-up':
        this.#hit.tell(event.name, event.subject)
        return
      case 'pod-evicted':
      case 'pod-deleted':
        this.#pods.delete(event.subject)
        return
      case 'pod-created':
      case 'pod-scheduled':
      case 'pod-ready':
      case 'pod-not-ready': {
        if (!event.component) return
        const before = this.#pods.get(event.subject)
        this.#pods.set(event.subject, {
          component: event.component,
          node: event.node ?? before?.node ?? null,
          ready:
            event.name === 'pod-ready' ||
            (event.name !== 'pod-not-ready' && before?.ready === true),
        })
      }
    }
  }

  /** Sets the scene: pods that stood before the watches began. */
  seePod(pod: { name: string } & PodView): void {
    this.#pods.set(pod.name, pod)
  }

  /** A fault of that kind is about to be done to the node; `lasting`: it will not be undone. */
  markHit(node: string, kind: FaultKind, lasting: boolean): void {
    if (!this.#hit.mark(node, kind, lasting)) return
    for (const pod of this.#pods.values()) {
      if (pod.node === node) this.#hitComponents.add(pod.component)
    }
  }

  /** Faults of these kinds have taken hold. */
  markHeld(atMs: number, kinds: readonly FaultKind[]): void {
    this.#heldAtMs = atMs
    if (kinds.includes('operator.restore')) this.#hit.restored()
  }

  /** What was done to the node is undone. */
  markUndone(node: string): void {
    this.#hit.undone(node)
  }

  /** The last undoing so far, at the heal. */
  markHealed(atMs: number): void {
    this.#healedAtMs = atMs
  }

  /** Asked far more often than what is waited for, so it stops at the first part that is not so. */
  holds(goal: Goal, nowMs: number): boolean {
    switch (goal) {
      case 'vantages-good':
      case 'every-vantage-good':
        for (const view of this.#vantages.values()) {
          if (!this.#isGood(view, goal, nowMs)) return false
        }
        return true
      case 'workload-repaired':
        for (const component of this.#hitComponents) {
          if (!this.#isRepaired(component)) return false
        }
        return true
      case 'workload-whole':
        for (const component in this.#wanted) if (!this.#isWhole(component)) return false
        return true
      default:
        return this.#isSo(goal, nowMs)
    }
  }

  /** What each unmet goal still waits for, in words. */
  waitingFor(goals: readonly Goal[], nowMs: number): string[] {
    return goals.flatMap((goal) => this.#unmet(goal, nowMs))
  }

  #unmet(goal: Goal, nowMs: number): string[] {
    switch (goal) {
      case 'vantages-good':
      case 'every-vantage-good':
        return [...this.#vantages.values()]
          .filter((view) => !this.#isGood(view, goal, nowMs))
          .map(({ vantage }) => `${vantage.id} good`)
      case 'workload-repaired':
        return [...this.#hitComponents]
          .filter((component) => !this.#isRepaired(component))
          .map((component) => `${component} ready elsewhere`)
      case 'workload-whole':
        return Object.keys(this.#wanted)
          .filter((component) => !this.#isWhole(component))
          .map((component) => `${component} whole`)
      default:
        return this.#isSo(goal, nowMs) ? [] : [goal.replaceAll('-', ' ')]
    }
  }

  /** Good, or left out of the goal. */
  #isGood(view: VantageView, goal: 'vantages-good' | 'every-vantage-good', nowMs: number): boolean {
    if (this.#stable(view, nowMs)) return true
    const { vantage } = view
    if (this.#hit.blocks(vantage.throughNode, goal)) return true
    return goal === 'vantages-good' && this.#isLostReport(vantage)
  }

  #isSo(goal: Exclude<Goal, ManyGoals>, nowMs: number): boolean {
    switch (goal) {
      case 'node-not-ready':
      case 'node-ready':
      case 'lb-down':
      case 'lb-up':
        return this.#hit.holds(goal)
      case 'api-lost':
        return this.#apiLost(nowMs)
      case 'watched':
        return this.#sinceMs(nowMs) >= watchedMs(this.#plan.timers)
      case 'a-while':
        return this.#sinceMs(nowMs) >= aWhileMs(this.#plan.timers)
    }
  }

  vantages(nowMs: number): Progress['vantages'] {
    return [...this.#vantages.values()].map(({ vantage, up, changedAtMs, lastError }) => ({
      id: vantage.id,
      through: vantage.through,
      up,
      sinceMs: up === null ? 0 : Math.max(0, nowMs - changedAtMs),
      lastError: up ? null : lastError,
    }))
  }

  /** Since the last heal, or before it since the last fault took hold; less than 0: neither yet. */
  #sinceMs(nowMs: number): number {
    return this.#turnAtMs === null ? -1 : nowMs - this.#turnAtMs
  }

  /** The last heal, or before it when the last fault took hold; null: neither yet. */
  get #turnAtMs(): number | null {
    return this.#healedAtMs ?? this.#heldAtMs
  }

  /** The nodes that carry it alone were hit, all of them. */
  #nowhereElse(component: string): boolean {
    const reserved = this.#plan.topology.nodes.filter(({ only }) => only === component)
    return reserved.length > 0 && reserved.every(({ name }) => this.#hit.has(name))
  }

  #isRepaired(component: string): boolean {
    if (this.#nowhereElse(component)) return true
    const elsewhere = this.#readyPods(component, (node) => !this.#hit.has(node))
    return elsewhere >= (this.#wanted[component] ?? 1)
  }

  /** A pod is not Ready on a machine without power, whatever the API still says. */
  #isWhole(component: string): boolean {
    const ready = this.#readyPods(component, (node) => !this.#hit.isDark(node))
    return ready >= (this.#wanted[component] ?? 0)
  }

  #readyPods(component: string, counts: (node: string) => boolean): number {
    let ready = 0
    for (const pod of this.#pods.values()) {
      if (pod.component === component && pod.ready && pod.node && counts(pod.node)) ready += 1
    }
    return ready
  }

  #isLostReport({ kind }: Vantage): boolean {
    return kind === 'report' && this.#nowhereElse('reporting')
  }

  /** Of the ways to the API that clients are given; none of them is good any more. */
  #apiLost(nowMs: number): boolean {
    const { loadBalancer, nodes } = this.#plan.topology
    const first = nodes.find(({ role }) => role === 'control-plane')?.name ?? null
    const node = loadBalancer ? null : first
    const ways = [...this.#vantages.values()].filter(
      ({ vantage: { kind, connection, throughNode } }) =>
        kind === 'api-read' && connection === 'new' && throughNode === node,
    )
    return ways.length > 0 && ways.every((view) => this.#lost(view, nowMs))
  }

  #stable({ vantage, recent, up, changedAtMs, lastBadMs }: VantageView, nowMs: number): boolean {
    const { stableMs } = this.#plan.probe
    const toMs = nowMs - inFlightSlackMs
    const fromMs = toMs - stableMs
    // What was good before the fault, or before the heal, says nothing of the time after it.
    if (fromMs < (this.#turnAtMs ?? fromMs)) return false
    if (this.#exact) return up === true && changedAtMs <= fromMs
    if (lastBadMs >= fromMs) return false
    let answered = 0
    for (const { sentAtMs } of recent) if (sentAtMs >= fromMs && sentAtMs <= toMs) answered += 1
    return answered >= answeredShare * (stableMs / vantage.intervalMs)
  }

  /**
   * Nothing but failures since the last good answer, and enough of them in some stable time: a probe
   * that times out is known of only then, and later ones may have failed at once meanwhile.
   */
  #lost({ vantage, recent, up, changedAtMs, failedAfterMs }: VantageView, nowMs: number): boolean {
    const { stableMs } = this.#plan.probe
    // What times out is known of only then, also of the last one of the stable time.
    if (this.#exact) return up === false && changedAtMs + stableMs + failedAfterMs <= nowMs
    const sentMs = recent.map(({ sentAtMs }) => sentAtMs).toSorted((a, b) => a - b)
    const newestMs = sentMs.at(-1) ?? -1
    if (nowMs - newestMs > vantage.timeoutMs + 2 * inFlightSlackMs) return false
    const goodMs = recent.reduce((at, { ok, sentAtMs }) => (ok ? Math.max(at, sentAtMs) : at), -1)
    const failedMs = sentMs.filter((atMs) => atMs > goodMs)
    const enough = Math.ceil(answeredShare * (stableMs / vantage.intervalMs))
    return failedMs.some((fromMs, index) => {
      const lastMs = failedMs[index + enough - 1] ?? Number.POSITIVE_INFINITY
      return fromMs + stableMs <= newestMs && lastMs <= fromMs + stableMs
    })
  }
}
