/**
 * Reads every acknowledged save and API write back after a run. A save that was acknowledged and
 * is not there is lost. An API write is lost when the history of the counter does not show it; where
 * no history can be read, when the counter holds a number that it should have replaced.
 */
import type { Clock } from '../../model/clock.ts'
import type { Integrity } from '../../model/record.ts'
import { until } from '../monotonic-clock.ts'
import type { Acknowledged, ApiWrite } from '../port.ts'
import { type ApiAccess, ask } from './api.ts'
import { counterPath } from './workload/namespaces.ts'
import { compare, historyOf } from './write-numbers.ts'

export interface ReadBackOptions {
  access: ApiAccess
  /** Ways to the API, tried in turn. */
  apiUrls: readonly string[]
  /** Ways to the workload, tried in turn: `http://address:port`. */
  entries: readonly string[]
  runId: string
  clock: Clock
  /** The counter's data at every revision that is left, oldest first; null where none is told. */
  history?: () => Promise<readonly Readonly<Record<string, string>>[] | null>
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
  return {
    acknowledgedWrites,
    lostWrites,
    readBack: held !== null,
    apiWrites: apiWrites?.found ?? null,
    problems: [...problems, ...(apiWrites?.problems ?? [])],
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

interface ApiWritesBack {
  found: NonNullable<Integrity['apiWrites']>
  problems: string[]
}

/** Null where nothing was written. */
async function readApiWrites(
  { apiWrites }: Acknowledged,
  options: ReadBackOptions,
): Promise<ApiWritesBack | null> {
  if (apiWrites.size === 0) return null
  const data = await readCounter(options)
  const done = [...apiWrites.values()].flat().filter(({ acknowledged }) => acknowledged)
  const found = {
    acknowledged: done.length,
    highest: Math.max(0, ...done.map(({ number }) => number)),
    held: data && Math.max(0, ...[...apiWrites.keys()].map((id) => Number(data[id] ?? 0))),
  }
  const unread = data === null ? ['the API writes could not be read back'] : []
  const states = (await options.history?.()) ?? null
  if (states) {
    const { lost, older } = lostByHistory(apiWrites, states)
    const problems = [...unread, ...sentencesOf(lost, older, done.length)]
    return { found: { ...found, lost: lost.length }, problems }
  }
  const behind = data ? lostBehindCounter(apiWrites, data) : []
  const missing =
    behind.length > 0 ? [`acknowledged API writes are missing: ${behind.join(', ')}`] : []
  return { found, problems: [...unread, ...missing] }
}

/** The counter as the API tells it; null where it does not answer. */
async function readCounter({ access, apiUrls, clock }: ReadBackOptions) {
  let data: Record<string, string> | null = null
  await until(clock, withinMs, 500, async () => {
    for (const apiUrl of apiUrls) {
      const answer = await ask(access, apiUrl, counterPath, { timeoutMs: 5_000 })
      if (answer.status !== 200) continue
      data = (JSON.parse(answer.body) as { data?: Record<string, string> }).data ?? {}
      return true
    }
    return false
  })
  return data as Record<string, string> | null
}

/** Names such as `api-write 37`. */
function lostByHistory(
  apiWrites: Acknowledged['apiWrites'],
  states: readonly Readonly<Record<string, string>>[],
): { lost: string[]; older: string[] } {
  const each = [...apiWrites].map(([vantage, writes]) => {
    const { lost, older } = compare(historyOf(vantage, states), writes)
    const named = ({ number }: ApiWrite) => `${vantage} ${number}`
    return { lost: lost.map(named), older: older.map(named) }
  })
  return { lost: each.flatMap(({ lost }) => lost), older: each.flatMap(({ older }) => older) }
}

const namedMax = 5

function sentencesOf(lost: readonly string[], older: readonly string[], of: number): string[] {
  const some = `${lost.slice(0, namedMax).join(', ')}${lost.length > namedMax ? ', …' : ''}`
  return [
    ...(lost.length > 0
      ? [`${lost.length} of ${of} acknowledged API writes are not in etcd's history: ${some}`]
      : []),
    ...(older.length > 0
      ? [
          `${older.length} of ${of} acknowledged API writes are older than what compaction left of etcd's history: they were not looked for`,
        ]
      : []),
  ]
}

function lostBehindCounter(
  apiWrites: Acknowledged['apiWrites'],
  data: Readonly<Record<string, string>>,
): string[] {
  return [...apiWrites].flatMap(([vantage, writes]) => {
    const held = Number(data[vantage] ?? 0)
    const later = writeLostBehind(held, writes)
    return later ? [`${vantage} held ${held}, but ${later.number} was written after it`] : []
  })
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
