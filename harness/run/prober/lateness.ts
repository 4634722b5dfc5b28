/**
 * How late probes left against their schedule, in the three figures that a record holds. Pure.
 * A measurement whose probes left late says less than its interval promises, so the figure
 * stands in every record.
 */
import type { Lateness } from '../../model/record.ts'

/**
 * Median, 99th percentile and maximum by the nearest rank, in milliseconds; null for no probes.
 * The values are `sentAtMs - scheduledAtMs`, in any order.
 */
export function latenessOf(latenessMs: readonly number[]): Lateness | null {
  const sorted = Float64Array.from(latenessMs).sort()
  const max = sorted.at(-1)
  if (max === undefined) return null
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? max
  return { p50: rounded(rank(0.5)), p99: rounded(rank(0.99)), max: rounded(max) }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100
