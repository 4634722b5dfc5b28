/**
 * A clock that several may sleep by at once. Its time passes only when everybody who could do
 * something sleeps, and then to the next instant for which anybody asked: in order, whoever asked
 * first coming first where two ask for the same one.
 */
import type { Clock } from '../../harness/model/clock.ts'

interface Due {
  atMs: number
  everyMs: number | null
  happen(): void
}

export class SharedClock implements Clock {
  #nowMs = 0
  #due: Due[] = []
  /** Somebody sleeps; what merely happens by itself does not make time pass. */
  #sleepers = 0
  #turning = false

  nowMs(): number {
    return this.#nowMs
  }

  fromEpochMs(epochMs: number): number {
    return epochMs
  }

  /** Once, when that instant is reached. */
  at(atMs: number, happen: () => void): void {
    this.#due.push({ atMs, everyMs: null, happen })
  }

  /** From the next multiple on, until the returned function is called. */
  every(everyMs: number, happen: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + everyMs, everyMs, happen }
    this.#due.push(due)
    return () => this.#forget(due)
  }

  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const give = () => {
        this.#sleepers -= 1
        this.#forget(due)
        signal?.removeEventListener('abort', giveUp)
      }
      const due: Due = {
        atMs,
        everyMs: null,
        happen: () => {
          give()
          resolve()
        },
      }
      const giveUp = () => {
        give()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#sleepers += 1
      this.#due.push(due)
      this.#turn()
    })
  }

  #forget(due: Due): void {
    this.#due = this.#due.filter((other) => other !== due)
  }

  /** One instant a turn, so that everybody who was woken has done what he can. */
  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => {
      this.#turning = false
      if (this.#sleepers === 0) return
      const next = this.#due.reduce<Due | null>(
        (first, due) => (first && first.atMs <= due.atMs ? first : due),
        null,
      )
      if (!next) return
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      if (next.everyMs === null) this.#forget(next)
      else next.atMs += next.everyMs
      next.happen()
      this.#turn()
    })
  }
}
