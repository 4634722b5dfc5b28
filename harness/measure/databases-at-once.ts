/**
 * Two databases at once, while it lasted: after the heal only one is left to be looked at. A pod on a
 * node that the API cannot reach runs on, and the one in its place starts beside it; with one volume
 * for both, what the first acknowledges is lost.
 */
import type { FaultRecord, SplitBrain } from '../model/record.ts'
import { formatMs } from '../model/units.ts'
import type { History, PodHistory } from './history.ts'

/** Events are told with delays; less than this may be none. */
const tellingMs = 1_000

/** Adds to what was looked at after the run; null stays null where nothing was found. */
export function withDatabasesAtOnce(
  splitBrain: SplitBrain | null,
  history: History,
  faults: readonly FaultRecord[],
): SplitBrain | null {
  const found = databasesAtOnce(history, faults)
  if (splitBrain === null && found.length === 0) return null
  const { looked, found: before } = splitBrain ?? { looked: [], found: [] }
  return {
    looked: [...looked, 'database: its pods during the run, as the watch told them'],
    found: [...before, ...found],
  }
}

/** A sentence for each pair. */
function databasesAtOnce(history: History, faults: readonly FaultRecord[]): string[] {
  const pods = history.pods.filter(({ component }) => component === 'database')
  return pods.flatMap((old) =>
    pods.flatMap((heir) => {
      const fromMs = startedMs(history, heir)
      if (heir === old || fromMs === null || !isOutOfReach(history, old, fromMs)) return []
      const later = faults.filter(({ injectedAtMs }) => injectedAtMs > fromMs)
      const bothMs = Math.min(endMs(old, faults), endMs(heir, later)) - fromMs
      if (bothMs < tellingMs) return []
      return `two databases for ${formatMs(bothMs)}: ${old.name} on ${old.node}, out of the API's reach, and ${heir.name} on ${heir.node}`
    }),
  )
}

/** Null: it never ran, or it did before anybody looked. */
const startedMs = (history: History, { name, createdAtMs }: PodHistory): number | null =>
  createdAtMs === null
    ? null
    : (history.first('pod-started', { subject: name, afterMs: createdAtMs })?.atMs ?? null)

/** Its node is marked as lost at that instant, and it has not been deleted. */
function isOutOfReach(history: History, { node, deletedAtMs }: PodHistory, atMs: number): boolean {
  if (node === null || (deletedAtMs !== null && deletedAtMs <= atMs)) return false
  const last = history.events.findLast(
    ({ name, subject, atMs: toldMs }) =>
      (name === 'node-not-ready' || name === 'node-ready') && subject === node && toldMs <= atMs,
  )
  return last?.name === 'node-not-ready'
}

/** Gone from the API, or its machine lost its power. */
function endMs({ node, deletedAtMs }: PodHistory, faults: readonly FaultRecord[]): number {
  const dark = faults.filter(({ kind, target }) => kind.startsWith('power.') && target === node)
  return Math.min(
    deletedAtMs ?? Number.POSITIVE_INFINITY,
    ...dark.map(({ injectedAtMs }) => injectedAtMs),
  )
}
