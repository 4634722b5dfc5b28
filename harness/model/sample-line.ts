/**
 * One sample as one line of `samples.jsonl`: a short array, for there are many. The prober's
 * process writes these lines and every later room reads them.
 */
import type { Sample } from './vantage.ts'

const round = (ms: number): number => Math.round(ms * 100) / 100

export function encodeSample(sample: Sample): string {
  return JSON.stringify([
    sample.vantage,
    round(sample.scheduledAtMs),
    round(sample.sentAtMs),
    round(sample.latencyMs),
    sample.ok ? 1 : 0,
    sample.error,
    sample.number,
  ])
}

/** Null for a line that is not one, such as the torn last line of a run that was killed. */
export function decodeSample(line: string): Sample | null {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    return null
  }
  if (!Array.isArray(row) || row.length !== 7) return null
  const [vantage, scheduledAtMs, sentAtMs, latencyMs, ok, error, number] = row as unknown[]
  if (typeof vantage !== 'string' || (ok !== 0 && ok !== 1)) return null
  if (typeof scheduledAtMs !== 'number' || typeof sentAtMs !== 'number') return null
  if (typeof latencyMs !== 'number') return null
  return {
    vantage,
    scheduledAtMs,
    sentAtMs,
    latencyMs,
    ok: ok === 1,
    error: typeof error === 'string' ? error : null,
    number: typeof number === 'number' ? number : null,
  }
}
