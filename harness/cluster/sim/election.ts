/**
 * Who works among those that may, by a Lease (client-go leaderelection): controller managers,
 * schedulers, and the agents of a floating IP. The holder renews at every retry period; the others
 * look as often, and take the Lease when they have not seen it change for its whole life, by their
 * own clocks. Renewals are not simulated one by one: while nothing is in their way, when the last one
 * was follows from when the first one was.
 */
import type { EventId } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'

export interface ElectionTimers {
  leaseDurationMs: number
  renewDeadlineMs: number
  retryPeriodMs: number
}

interface Candidate {
  name: string
  /** Its process runs, and the API is ready for it. */
  able: boolean
  /** Since when it has looked at the Lease. */
  sinceMs: number
}

type Told = (leader: string | null) => void

export class Election {
  readonly #scene: Scene
  readonly #timers: ElectionTimers
  readonly #draw: Draw
  readonly #candidates: Map<string, Candidate>
  readonly #told: Told[] = []
  /** Who holds the Lease as it stands in etcd, whether or not they still live. */
  #holder: string | null
  /** The last renewal of a holder that renews no more. */
  #renewedAtMs = 0
  /** From this instant on the holder has renewed at every retry period. */
  #renewsSinceMs: number | null = 0
  #giveUp: EventId | null = null
  /** The holder works; it still does while it tries to renew. */
  #works = true
  #takeover: EventId | null = null

  /** `holder`: who has it in the beginning; null: any of them. */
  constructor(
    scene: Scene,
    name: string,
    timers: ElectionTimers,
    candidates: readonly string[],
    holder: string | null = null,
  ) {
    this.#scene = scene
    this.#timers = timers
    this.#draw = scene.chance(`election ${name}`)
    this.#candidates = new Map(
      candidates.map((each) => [each, { name: each, able: true, sinceMs: 0 }]),
    )
    const drawn = candidates[Math.floor(this.#draw() * candidates.length)] ?? null
    this.#holder = holder !== null && this.#candidates.has(holder) ? holder : drawn
    // It began to renew at some instant of its period.
    this.#renewsSinceMs = -this.#draw() * timers.retryPeriodMs
  }

  onChange(told: Told): void {
    this.#told.push(told)
  }

  /** Who works; null while the Lease is free, or its holder cannot work. */
  get leader(): string | null {
    return this.#works ? this.#holder : null
  }

  /** Who may hold it. */
  get names(): string[] {
    return [...this.#candidates.keys()]
  }

  get holder(): string | null {
    return this.#holder
  }

  /** One that could not work can, from now on. A new process is not the holder of before. */
  enable(name: string, newProcess: boolean): void {
    const candidate = this.#candidateOf(name)
    if (candidate.able) return
    candidate.able = true
    candidate.sinceMs = this.#scene.queue.nowMs
    if (this.#holder === name && !newProcess && this.#giveUp !== null) this.#renewAgain()
    else this.#consider()
  }

  /**
   * One that could work cannot: its process is gone (`died`), or it asks in vain, and gives up after
   * the renew deadline. `released`: it gave the Lease back.
   */
  disable(name: string, how: 'died' | 'asks in vain' | 'released'): void {
    const candidate = this.#candidateOf(name)
    const was = candidate.able
    candidate.able = false
    if (this.#holder !== name) {
      if (was) this.#consider()
      return
    }
    const { queue } = this.#scene
    if (this.#renewsSinceMs !== null) this.#renewedAtMs = this.#lastRenewalMs(queue.nowMs)
    this.#renewsSinceMs = null
    if (how === 'asks in vain' && was) {
      const atMs = Math.max(queue.nowMs, this.#renewedAtMs + this.#timers.renewDeadlineMs)
      this.#giveUp = queue.at(atMs, () => this.#stopWorking())
    } else this.#stopWorking()
    if (how === 'released') this.#holder = null
    this.#consider()
  }

  /** Its holder gives it back, so that the next one need not wait for its end. */
  release(name: string): void {
    if (this.#holder === name) this.disable(name, 'released')
  }

  add(name: string): void {
    if (this.#candidates.has(name)) return
    this.#candidates.set(name, { name, able: false, sinceMs: this.#scene.queue.nowMs })
  }

  #candidateOf(name: string): Candidate {
    const found = this.#candidates.get(name)
    if (!found) throw new RangeError(`${name} is no candidate`)
    return found
  }

  #stopWorking(): void {
    const worked = this.#works
    this.#works = false
    if (this.#giveUp !== null) this.#scene.queue.cancel(this.#giveUp)
    this.#giveUp = null
    if (worked) for (const told of this.#told) told(null)
  }

  #renewAgain(): void {
    if (this.#giveUp !== null) this.#scene.queue.cancel(this.#giveUp)
    this.#giveUp = null
    this.#renewsSinceMs = this.#scene.queue.nowMs
    this.#cancelTakeover()
  }

  /** The holder waits one retry period between renewals. */
  #lastRenewalMs(atMs: number): number {
    const sinceMs = this.#renewsSinceMs ?? atMs
    const period = this.#timers.retryPeriodMs
    return sinceMs + Math.floor(Math.max(0, atMs - sinceMs) / period) * period
  }

  /** Who would take the Lease, and when, if nothing more happened. */
  #consider(): void {
    this.#cancelTakeover()
    if (this.#renewsSinceMs !== null) return
    let first: { name: string; atMs: number } | null = null
    for (const candidate of this.#candidates.values()) {
      if (!candidate.able) continue
      const atMs = this.#takesAtMs(candidate)
      if (first === null || atMs < first.atMs) first = { name: candidate.name, atMs }
    }
    if (first === null) return
    const { name, atMs } = first
    this.#takeover = this.#scene.queue.at(atMs, () => {
      this.#takeover = null
      this.#take(name)
    })
  }

  #cancelTakeover(): void {
    if (this.#takeover !== null) this.#scene.queue.cancel(this.#takeover)
    this.#takeover = null
  }

  /** Its first look at which it has seen the Lease unchanged for its whole life. */
  #takesAtMs({ sinceMs }: Candidate): number {
    const { nowMs } = this.#scene.queue
    const fromMs = Math.max(sinceMs, 0)
    if (this.#holder === null) return Math.max(nowMs, fromMs) + this.#draw() * this.#pauseMaxMs
    // It has looked at some instant since the last renewal, or first did when it began to look.
    const sawMs =
      fromMs > this.#renewedAtMs ? fromMs : this.#renewedAtMs + this.#draw() * this.#pauseMaxMs
    let lookMs = sawMs
    while (lookMs <= sawMs + this.#timers.leaseDurationMs || lookMs < nowMs) {
      lookMs += this.#pauseMs()
    }
    return lookMs
  }

  get #pauseMaxMs(): number {
    return this.#timers.retryPeriodMs * (1 + constants.leaderRetryJitter)
  }

  #pauseMs(): number {
    return this.#timers.retryPeriodMs * (1 + this.#draw() * constants.leaderRetryJitter)
  }

  #take(name: string): void {
    this.#stopWorking()
    this.#works = true
    this.#holder = name
    this.#renewsSinceMs = this.#scene.queue.nowMs
    for (const told of this.#told) told(name)
  }
}
