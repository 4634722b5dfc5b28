/**
 * Time belongs to the session. The conductor and the prober read and wait on this alone, so that
 * one conductor runs real clusters and simulated ones.
 */
export interface Clock {
  /** Milliseconds since the session began; never goes back. */
  nowMs(): number
  /** Resolves at the instant, or rejects with the signal's reason. */
  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void>
  /** The session's time for a wall-clock instant in epoch milliseconds. */
  fromEpochMs(epochMs: number): number
}
