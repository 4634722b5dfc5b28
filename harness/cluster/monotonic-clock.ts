/**
 * The session's clock on a real machine: CLOCK_MONOTONIC from an origin that other processes of
 * this machine can be given, so that the prober and the conductor tell the same time.
 */
import type { Clock } from '../model/clock.ts'

/** setTimeout counts in 32 bits. */
const longestTimerMs = 2_147_000_000

export class MonotonicClock implements Clock {
  readonly originNs: bigint
  /** The wall clock at the origin. */
  readonly startedAt: Date

  constructor() {
    this.originNs = process.hrtime.bigint()
    this.startedAt = new Date()
  }

  nowMs(): number {
    return Number(process.hrtime.bigint() - this.originNs) / 1e6
  }

  fromEpochMs(epochMs: number): number {
    return epochMs - this.startedAt.getTime()
  }

  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.min(Math.max(0, atMs - this.nowMs()), longestTimerMs),
      )
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}

/** Looks until `done` says so or the time is up; true when it did. */
export async function until(
  clock: Clock,
  withinMs: number,
  everyMs: number,
  done: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadlineMs = clock.nowMs() + withinMs
  for (;;) {
    if (await done()) return true
    const now = clock.nowMs()
    if (now >= deadlineMs) return false
    await clock.sleepUntil(Math.min(now + everyMs, deadlineMs), signal)
  }
}
