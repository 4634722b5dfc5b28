/**
 * Durations and intervals. Every duration in this code is in milliseconds and says so in its
 * name. An `Interval` is `[lower, upper]`: what a measurement with finite resolution can say.
 */

/** `[lower, upper]` bounds in milliseconds; `lower <= upper`. */
export type Interval = [number, number]

export const secondMs = 1_000
export const minuteMs = 60_000

/** `5 min 54 s`, `37.2 s`, `180 ms`: a duration for people. Negative ones keep their sign. */
export function formatMs(ms: number): string {
  if (ms < 0) return `-${formatMs(-ms)}`
  if (ms < secondMs) return `${Math.round(ms)} ms`
  if (Math.round(ms / 100) < 600) return `${(ms / secondMs).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.round(ms / secondMs)
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

/** `37.1 to 37.2 s` style text for an interval; one figure where the bounds read the same. */
export function formatInterval([lower, upper]: Interval): string {
  const low = formatMs(lower)
  const high = formatMs(upper)
  return low === high ? low : `${low} to ${high}`
}

/** True when some instant lies in both intervals. */
export function overlap(a: Interval, b: Interval): boolean {
  return a[0] <= b[1] && b[0] <= a[1]
}
