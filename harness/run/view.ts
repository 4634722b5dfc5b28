/**
 * What the conductor knows while a drill runs: the last samples of each vantage, the workload's
 * pods and what was said of the hit nodes. The goals of a phase are decided here, from what was
 * seen and never from time alone.
 */
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { type Goal, watchedMs } from '../model/scenario.ts'
import type { Sample, Vantage } from '../model/vantage.ts'
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
  /** Ended probes of the last while, in order of ending. */
  recent: Sample[]
  up: boolean | null
  changedAtMs: number
  lastError: string | null
}

export class DrillView {
  readonly #plan: Plan
  readonly #wanted: Record<string, number>
  readonly #vantages: Map<string, VantageView>
  readonly #pods = new Map<string, PodView>()
  readonly #notReadyNodes = new Set<string>()
  readonly #downServers = new Set<string>()
  /** Components that had a pod on a hit node when the fault was injected. */
  #hitComponents = new Set<string>()
  #hitNodes = new Set<string>()
  #heldAtMs: number | null = null

  constructor(plan: Plan, vantages: readonly Vantage[], wanted: Record<string, number>) {
    this.#plan = plan
    this.#wanted = wanted
    this.#vantages = new Map(
      vantages.map((vantage) => [
        vantage.id,
        { vantage, recent: [], up: null, changedAtMs: 0, lastError: null },
      ]),
    )
  }

  takeSamples(batch: readonly Sample[]): void {
    for (const sample of batch) {
      const view = this.#vantages.get(sample.vantage)
      if (!view) continue
      const last = view.recent.at(-1)
      view.recent.push(sample)
      const horizonMs = sample.sentAtMs - this.#plan.probe.stableMs - 2 * inFlightSlackMs
      while ((view.recent[0]?.sentAtMs ?? Number.POSITIVE_INFINITY) < horizonMs) view.recent.shift()
      if (view.up !== sample.ok && (!last || sample.sentAtMs >= last.sentAtMs)) {
        view.up = sample.ok
        view.changedAtMs = sample.sentAtMs
      }
      if (sample.error) view.lastError = sample.error
    }
  }

  takeEvent(event: DrillEvent): void {
    switch (event.name) {
      case 'node-not-ready':
        this.#notReadyNodes.add(event.subject)
        return
      case 'node-ready':
        this.#notReadyNodes.delete(event.subject)
        return
      case 'lb-down':
        this.#downServers.add(event.subject)
        return
      case 'lb-up':
        this.#downServers.delete(event.subject)
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

  markHit(node: string): void {
    this.#hitNodes.add(node)
    for (const pod of this.#pods.values()) {
      if (pod.node === node) this.#hitComponents.add(pod.component)
    }
  }

  markHeld(atMs: number): void {
    this.#heldAtMs = atMs
  }

  holds(goal: Goal, nowMs: number): boolean {
    const hit = [...this.#hitNodes]
    switch (goal) {
      case 'vantages-good':
        return this.#waiting(nowMs, false).length === 0
      case 'every-vantage-good':
        return this.#waiting(nowMs, true).length === 0
      case 'node-not-ready':
        return hit.every((node) => this.#notReadyNodes.has(node))
      case 'node-ready':
        return hit.every((node) => !this.#notReadyNodes.has(node))
      case 'lb-down':
        return hit.every((node) => this.#downServers.has(node))
      case 'lb-up':
        return hit.every((node) => !this.#downServers.has(node))
      case 'workload-whole':
      case 'api-lost':
      case 'a-while':
        throw new Error(`goal ${goal} is not there yet`)
      case 'watched':
        return this.#heldAtMs !== null && nowMs - this.#heldAtMs >= watchedMs(this.#plan.timers)
      case 'workload-repaired':
        return [...this.#hitComponents].every((component) => this.#repaired(component))
    }
  }

  /** What each unmet goal still waits for, in words. */
  waitingFor(goals: readonly Goal[], nowMs: number): string[] {
    return goals
      .filter((goal) => !this.holds(goal, nowMs))
      .flatMap((goal) => {
        if (goal === 'vantages-good' || goal === 'every-vantage-good') {
          return this.#waiting(nowMs, goal === 'every-vantage-good').map((id) => `${id} good`)
        }
        if (goal === 'workload-repaired') {
          return [...this.#hitComponents]
            .filter((component) => !this.#repaired(component))
            .map((component) => `${component} ready elsewhere`)
        }
        return goal.replaceAll('-', ' ')
      })
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

  #repaired(component: string): boolean {
    const elsewhere = [...this.#pods.values()].filter(
      (pod) =>
        pod.component === component && pod.ready && pod.node && !this.#hitNodes.has(pod.node),
    )
    return elsewhere.length >= (this.#wanted[component] ?? 1)
  }

  /** Vantages that have not been good for the stable time. */
  #waiting(nowMs: number, throughHitToo: boolean): string[] {
    return [...this.#vantages.values()]
      .filter(({ vantage }) => throughHitToo || !this.#hitNodes.has(vantage.throughNode ?? ''))
      .filter((view) => !this.#stable(view, nowMs))
      .map(({ vantage }) => vantage.id)
  }

  #stable({ vantage, recent }: VantageView, nowMs: number): boolean {
    const { stableMs } = this.#plan.probe
    const toMs = nowMs - inFlightSlackMs
    const fromMs = toMs - stableMs
    let answered = 0
    for (const sample of recent) {
      if (sample.sentAtMs < fromMs) continue
      if (!sample.ok) return false
      if (sample.sentAtMs <= toMs) answered += 1
    }
    return answered >= answeredShare * (stableMs / vantage.intervalMs)
  }
}
