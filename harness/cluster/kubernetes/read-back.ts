/**
 * Reads every acknowledged save and API write back after a run. A save that was acknowledged and
 * is not there is lost; a counter that an acknowledged write should have replaced is a lost API write.
 */
import type { Clock } from '../../model/clock.ts'
import type { Integrity } from '../../model/record.ts'
import { until } from '../monotonic-clock.ts'
import type { Acknowledged, ApiWrite } from '../port.ts'
import { type ApiAccess, ask } from './api.ts'
import { counterPath } from './workload/namespaces.ts'

export interface ReadBackOptions {
  access: ApiAccess
  apiUrl: string
  /** Ways to the workload, tried in turn: `http://address:port`. */
  entries: readonly string[]
  runId: string
  clock: Clock
}

const withinMs = 20_000

export async function readBack(
  acknowledged: Acknowledged,
  options: ReadBackOptions,
): Promise<Integrity & { problems: string[] }> {
  const problems: string[] = []
  const acknowledgedWrites = [...acknowledged.saves.values()].reduce(
    (sum, numbers) => sum + numbers.length,
    0,
  )
  const held = await readSaves(options)
  let lostWrites = 0
  if (held) {
    for (const [vantage, numbers] of acknowledged.saves) {
      lostWrites += numbers.filter((number) => !held.has(`${vantage}:${number}`)).length
    }
  } else {
    problems.push('the acknowledged saves could not be read back: the workload did not answer')
  }
  const apiWrites = await readApiWrites(acknowledged, options)
  if (apiWrites?.held === null) problems.push('the API writes could not be read back')
  if (apiWrites && apiWrites.lost.length > 0) {
    problems.push(`acknowledged API writes are missing: ${apiWrites.lost.join(', ')}`)
  }
  return {
    acknowledgedWrites,
    lostWrites,
    readBack: held !== null,
    apiWrites: apiWrites && {
      acknowledged: apiWrites.acknowledged,
      highest: apiWrites.highest,
      held: apiWrites.held,
    },
    problems,
  }
}

async function readSaves(options: ReadBackOptions): Promise<Set<string> | null> {
  let saves: Set<string> | null = null
  await until(options.clock, withinMs, 500, async () => {
    for (const entry of options.entries) {
      try {
        const answer = await fetch(`${entry}/saves?run=${encodeURIComponent(options.runId)}`, {
          signal: AbortSignal.timeout(5_000),
        })
        if (answer.status !== 200) continue
        const body = (await answer.json()) as { saves: string[] }
        saves = new Set(body.saves)
        return true
      } catch {
        // This way is gone; the next may not be.
      }
    }
    return false
  })
  return saves
}

async function readApiWrites(acknowledged: Acknowledged, options: ReadBackOptions) {
  if (acknowledged.apiWrites.size === 0) return null
  let data: Record<string, string> | null = null
  await until(options.clock, withinMs, 500, async () => {
    const answer = await ask(options.access, options.apiUrl, counterPath, { timeoutMs: 5_000 })
    if (answer.status !== 200) return false
    data = (JSON.parse(answer.body) as { data?: Record<string, string> }).data ?? {}
    return true
  })
  const all = [...acknowledged.apiWrites.values()].flat()
  const done = all.filter((write) => write.acknowledged)
  const heldOf = (vantage: string) => (data ? Number(data[vantage] ?? 0) : null)
  return {
    acknowledged: done.length,
    highest: Math.max(0, ...done.map(({ number }) => number)),
    held: data
      ? Math.max(0, ...[...acknowledged.apiWrites.keys()].map((id) => heldOf(id) ?? 0))
      : null,
    lost: [...acknowledged.apiWrites].flatMap(([vantage, writes]) => {
      const held = heldOf(vantage)
      const later = held === null ? null : writeLostBehind(held, writes)
      return later ? [`${vantage} held ${held}, but ${later.number} was written after it`] : []
    }),
  }
}

/**
 * The counter is one register under overlapping writes, so the number held at the end need not be
 * the highest. But no acknowledged write may have *begun* after the held one was acknowledged: that
 * one was lost. A held write that never was acknowledged may have taken effect at any later time.
 */
export function writeLostBehind(held: number, writes: readonly ApiWrite[]): ApiWrite | null {
  const kept = writes.find(({ number }) => number === held)
  if (kept && !kept.acknowledged) return null
  const heldSinceMs = kept?.endedAtMs ?? Number.NEGATIVE_INFINITY
  return writes.find((write) => write.acknowledged && write.sentAtMs > heldSinceMs) ?? null
}
