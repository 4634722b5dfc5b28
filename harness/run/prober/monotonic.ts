/**
 * The session's clock as the prober's process reads it: the machine's monotonic clock, which all
 * processes share, less the origin that the session was given. Nothing of the wall clock is in it.
 */

/** A reader of milliseconds since `originNs`, a value of `process.hrtime.bigint()` anywhere. */
export function monotonicSince(originNs: bigint): () => number {
  return () => Number(process.hrtime.bigint() - originNs) / 1e6
}
