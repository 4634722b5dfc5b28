/**
 * The numbers that a store's own history of the write counter shows, against those that were
 * acknowledged. Pure.
 */
import type { ApiWrite } from '../port.ts'

/** What a history shows of one vantage's number. */
export interface VantageHistory {
  /** Every number that the counter held at some revision. */
  held: ReadonlySet<number>
  /** True when it reaches back to before the first write; else its beginning was compacted away. */
  whole: boolean
}

export interface Comparison {
  /** Acknowledged, of the time that the history covers, and not in it. */
  lost: ApiWrite[]
  /** Acknowledged, not in the history, and perhaps older than what is left of it. */
  older: ApiWrite[]
}

/**
 * A number that was overwritten is in the history all the same. Where the history is cut off, a
 * write belongs to the part that is left when it was begun after one of that part had been
 * acknowledged: it can only have come after that one.
 */
export function compare({ held, whole }: VantageHistory, writes: readonly ApiWrite[]): Comparison {
  const acknowledged = writes.filter((write) => write.acknowledged)
  const missing = acknowledged.filter(({ number }) => !held.has(number))
  const known = acknowledged.filter(({ number }) => held.has(number))
  const coversFromMs = whole
    ? Number.NEGATIVE_INFINITY
    : Math.min(Number.POSITIVE_INFINITY, ...known.map(({ endedAtMs }) => endedAtMs))
  const parts = Map.groupBy(missing, ({ sentAtMs }) => sentAtMs > coversFromMs)
  return { lost: parts.get(true) ?? [], older: parts.get(false) ?? [] }
}

/**
 * A history of the counter's data, oldest first → what it shows of one vantage. Before each run the
 * counter is cleared, so what came before the last time it was bare is of another run.
 */
export function historyOf(
  vantage: string,
  states: readonly Readonly<Record<string, string>>[],
): VantageHistory {
  const bareAt = states.findLastIndex((data) => data[vantage] === undefined)
  const numbers = states.slice(bareAt + 1).map((data) => Number(data[vantage]))
  return { held: new Set(numbers), whole: bareAt >= 0 }
}
