/**
 * The clock of a simulated session: the conductor waits on it as on a real one, and no time passes
 * outside. While somebody waits and nothing else is left to be done in this process, the queue goes
 * on to the next thing that wakes somebody. A turn of the event loop lets files be written meanwhile;
 * a session that waits for nothing outside is done in a third of the time without them.
 */
import type { Clock } from '../../../model/clock.ts'
import type { EventQueue } from './event-queue.ts'

/** Even a session that waits for nothing outside gives way so often, for signals and messages. */
const pumpsPerTurn = 1_000

export class VirtualClock implements Clock {
  readonly #queue: EventQueue
  readonly #startedAtEpochMs: number
  readonly #alone: boolean
  #pumps = 0
  #sleepers = 0
  #woken = 0
  #pumping = false

  /** `alone`: who sleeps on it waits for nothing else than it, such as a file. */
  constructor(queue: EventQueue, startedAtEpochMs: number, alone = false) {
    this.#queue = queue
    this.#startedAtEpochMs = startedAtEpochMs
    this.#alone = alone
  }

  nowMs(): number {
    return this.#queue.nowMs
  }

  fromEpochMs(epochMs: number): number {
    return epochMs - this.#startedAtEpochMs
  }

  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted()
      const wake = () => {
        signal?.removeEventListener('abort', giveUp)
        this.#sleepers -= 1
        this.#woken += 1
        resolve()
      }
      const id = this.#queue.at(Math.max(atMs, this.#queue.nowMs), wake)
      const giveUp = () => {
        this.#queue.cancel(id)
        this.#sleepers -= 1
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#sleepers += 1
      this.#pump()
    })
  }

  /** Wakes at `latestMs`, or before it at the first of its looks that finds it so. */
  sleepUntilMet(met: () => boolean, lookEveryMs: number, latestMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const look = () => {
        const { nowMs } = this.#queue
        if (nowMs < latestMs && !met()) {
          this.#queue.at(Math.min(nowMs + lookEveryMs, latestMs), look)
          return
        }
        this.#sleepers -= 1
        this.#woken += 1
        resolve()
      }
      this.#queue.after(Math.min(lookEveryMs, Math.max(0, latestMs - this.#queue.nowMs)), look)
      this.#sleepers += 1
      this.#pump()
    })
  }

  /** After whatever this process is about to do anyway, which may be that others fall asleep too. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    this.#pumps += 1
    const pass = () => this.#pass()
    if (!this.#alone || this.#pumps % pumpsPerTurn === 0) setImmediate(pass)
    // A tick that is asked for in a microtask comes after all microtasks that there are.
    else void Promise.resolve().then(() => process.nextTick(pass))
  }

  #pass(): void {
    this.#pumping = false
    this.#woken = 0
    while (this.#sleepers > 0 && this.#woken === 0) {
      if (!this.#queue.step()) return
    }
    if (this.#sleepers > 0) this.#pump()
  }
}
