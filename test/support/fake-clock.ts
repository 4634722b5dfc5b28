/**
 * A clock whose time passes only while somebody sleeps. What was put down for an instant happens
 * when that instant is reached, in order, before the sleeper wakes.
 */
import type { Clock } from '../../harness/model/clock.ts'

interface Due {
  atMs: number
  everyMs: number | null
  happen(): void
}

export class FakeClock implements Clock {
  readonly #originEpochMs: number
  #nowMs = 0
  #due: Due[] = []

  constructor(originEpochMs = 0) {
    this.#originEpochMs = originEpochMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  fromEpochMs(epochMs: number): number {
    return epochMs - this.#originEpochMs
  }

  /** Once, when that instant is reached. */
  at(atMs: number, happen: () => void): void {
    this.#due.push({ atMs, everyMs: null, happen })
  }

  /** From the next multiple on, until the returned function is called. */
  every(everyMs: number, happen: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + everyMs, everyMs, happen }
    this.#due.push(due)
    return () => {
      this.#due = this.#due.filter((other) => other !== due)
    }
  }

  async sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const next = this.#due
        .filter((due) => due.atMs <= atMs)
        .reduce<Due | null>((first, due) => (first && first.atMs <= due.atMs ? first : due), null)
      if (!next) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      if (next.everyMs === null) this.#due = this.#due.filter((due) => due !== next)
      else next.atMs += next.everyMs
      next.happen()
    }
    this.#nowMs = Math.max(this.#nowMs, atMs)
  }
}
