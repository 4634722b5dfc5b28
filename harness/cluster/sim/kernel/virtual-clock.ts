/**
 * The clock of a simulated session: the conductor waits on it as on a real one, and no time passes
 * outside. While somebody waits and nothing else is left to be done in this process, the queue goes
 * on to the next thing that wakes somebody.
 */
import type { Clock } from '../../../model/clock.ts'
import type { EventQueue } from './event-queue.ts'

export class VirtualClock implements Clock {
  readonly #queue: EventQueue
  readonly #startedAtEpochMs: number
  #sleepers = 0
  #woken = 0
  #pumping = false

  constructor(queue: EventQueue, startedAtEpochMs: number) {
    this.#queue = queue
    this.#startedAtEpochMs = startedAtEpochMs
  }

  nowMs(): number {
    return this.#queue.nowMs
  }

  fromEpochMs(epochMs: number): number {
    return epochMs - this.#startedAtEpochMs
  }

  async sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
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

  /** After whatever this process is about to do anyway, which may be that others fall asleep too. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      this.#woken = 0
      while (this.#sleepers > 0 && this.#woken === 0) {
        if (!this.#queue.step()) return
      }
      if (this.#sleepers > 0) this.#pump()
    })
  }
}
