/**
 * Where one looks from and at what, and what one sees. A vantage is described fully enough for
 * a process of its own to probe it.
 */

/** What a probe asks for; it decides the time-out and what counts as an answer. */
export const vantageKinds = ['api-read', 'api-write', 'page', 'save', 'report'] as const
export type VantageKind = (typeof vantageKinds)[number]

export interface Vantage {
  /** Unique in the run, e.g. `api-read-lb`, `save-worker-b`. */
  id: string
  kind: VantageKind
  /** In words: 'load balancer', 'API server of cp-2', 'NodePort on worker-b'. */
  through: string
  /** The node whose loss takes this way away by itself; null when there is no single one. */
  throughNode: string | null
  /** New connections and reused ones are different experiences, and probed apart. */
  connection: 'new' | 'reused'
  url: string
  timeoutMs: number
  intervalMs: number
}

/** TLS material for API vantages. PEM text. `serverName`: a name the certificate carries. */
export interface ApiCredentials {
  ca: string
  cert: string
  key: string
  serverName: string
}

/**
 * One probe. It speaks of the instant `sentAtMs`: a request begun then succeeded within the
 * vantage's time-out, or did not. `latencyMs` is from then to the answer or the failure.
 */
export interface Sample {
  vantage: string
  /** The instant the open-loop schedule set, in session milliseconds. */
  scheduledAtMs: number
  sentAtMs: number
  latencyMs: number
  ok: boolean
  /** `null` when ok; else a short class: 'timeout', 'refused', 'reset', 'http-503', 'no-route', 'tls', … */
  error: string | null
  /** For saves and writes: the number that was sent. */
  number: number | null
}
