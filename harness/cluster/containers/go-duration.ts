/**
 * Durations as Go writes and reads them (`1m0s`, `500ms`, `5m30s`): in them flags and configuration
 * of Kubernetes components are given and come back.
 */
const unitMs: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
}

/** Null when the text is no duration. */
export function parseDurationMs(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return null
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ''] ?? 0), 0)
}

/** `5s`, `500ms`: a duration as Kubernetes components take it. */
export const goDuration = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`)
