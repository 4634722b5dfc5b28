/**
 * What the prober's two processes say to each other, and in which order: the parent says `start`
 * once, the child answers `ready` or `cannot-start`; then samples and troubles until the parent
 * says `stop`, which the child answers with `stopped` before it ends.
 */
import type { Lateness } from '../../model/record.ts'
import type { ApiCredentials, Sample, Vantage } from '../../model/vantage.ts'

export interface StartMessage {
  type: 'start'
  vantages: readonly Vantage[]
  credentials: ApiCredentials | null
  runId: string
  /** A bigint as decimal text, for the channel carries JSON. */
  originNs: string
  samplesFile: string
}

export type ToChild = StartMessage | { type: 'stop' }

export interface StoppedMessage {
  type: 'stopped'
  latenessMs: Lateness | null
  skipped: number
  /** Samples that were measured and reported, but that the file could not take. */
  unwritten: number
}

export type ToParent =
  | { type: 'ready' }
  | { type: 'cannot-start'; message: string }
  | { type: 'samples'; samples: Sample[] }
  | { type: 'trouble'; message: string }
  | StoppedMessage
