/**
 * Every way in to a cluster, asked as a drill asks: by the prober itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { MonotonicClock } from '../../harness/cluster/monotonic-clock.ts'
import type { Session } from '../../harness/cluster/port.ts'
import { startProber } from '../../harness/run/prober/prober.ts'

/** Rejects with the ways that never answered. */
export async function everyVantageAnswers(
  session: Session,
  runId: string,
  withinMs: number,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clusterdrill-contract-'))
  const waiting = new Map(session.vantages.map(({ id }) => [id, 'nothing yet']))
  const prober = await startProber({
    vantages: session.vantages,
    credentials: session.credentials,
    runId,
    originNs: (session.clock as MonotonicClock).originNs,
    samplesFile: join(folder, 'samples.jsonl'),
    onSamples: (batch) => {
      for (const { vantage, ok, error } of batch) {
        if (ok) waiting.delete(vantage)
        else if (waiting.has(vantage)) waiting.set(vantage, error ?? '')
      }
    },
    onTrouble: () => undefined,
  })
  const deadlineMs = session.clock.nowMs() + withinMs
  while (waiting.size > 0 && session.clock.nowMs() < deadlineMs) {
    await session.clock.sleepUntil(session.clock.nowMs() + 100)
  }
  const never = Object.fromEntries(waiting)
  await prober.stop()
  await rm(folder, { recursive: true, force: true })
  expect(never).toEqual({})
}
