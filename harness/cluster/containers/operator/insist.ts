/**
 * A person who is refused tries again. What is done to a control plane makes its API stumble, so a
 * step that fails is repeated until it succeeds or its time is up.
 */
import type { Clock } from '../../../model/clock.ts'

const pauseMs = 1_000

/** The answer of the first attempt that succeeds; throws what the last one threw. */
export async function insist<T>(
  clock: Clock,
  withinMs: number,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadlineMs = clock.nowMs() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (clock.nowMs() >= deadlineMs) throw error
    }
    await clock.sleepUntil(Math.min(clock.nowMs() + pauseMs, deadlineMs))
  }
}
