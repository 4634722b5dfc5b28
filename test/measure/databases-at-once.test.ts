/** Two databases at once are told from what the watch said, and only where nobody could end the first. */
import { expect, test } from 'vitest'
import { withDatabasesAtOnce } from '../../harness/measure/databases-at-once.ts'
import { History } from '../../harness/measure/history.ts'
import type { FaultRecord } from '../../harness/model/record.ts'
import { type EventRow, eventsOf } from './run-of.ts'

const at = (node: string) => ({ node, component: 'database' })

/** The first is on worker-b, which is lost at 5 s; another takes its place on worker-a at 38 s. */
const replaced: EventRow[] = [
  [5_000, 'node-not-ready', 'worker-b', { node: 'worker-b' }],
  [5_400, 'pod-not-ready', 'database-1', at('worker-b')],
  [35_500, 'pod-evicted', 'database-1', at('worker-b')],
  [36_100, 'pod-created', 'database-2', { component: 'database' }],
  [36_200, 'pod-scheduled', 'database-2', at('worker-a')],
  [38_300, 'pod-started', 'database-2', at('worker-a')],
]
const deletedMs = 49_000
const deleted: EventRow = [deletedMs, 'pod-deleted', 'database-1', at('worker-b')]

const faultOf = (kind: string, target: string): FaultRecord => ({
  ...{ id: 'fault', kind, target, role: '', injectedAtMs: 0 },
  ...{ tookHoldAtMs: 2_000, undoneAtMs: 47_000 },
  receipt: { before: '', during: '', after: '' },
})

const cut = faultOf('network.cut', 'site-a/site-b')
const looked = { looked: ['database: the saves'], found: [] }
const found = (rows: readonly EventRow[], fault = cut) =>
  withDatabasesAtOnce(looked, new History(eventsOf(rows)), [fault])?.found

test('a database that is cut off runs on beside the one in its place', () => {
  expect(found([...replaced, deleted])).toEqual([
    "two databases for 10.7 s: database-1 on worker-b, out of the API's reach, and database-2 on worker-a",
  ])
})

test('one whose machine lost its power does not', () => {
  expect(found([...replaced, deleted], faultOf('power.kill', 'worker-b'))).toEqual([])
  expect(found([...replaced, deleted], faultOf('power.kill', 'worker-a'))).toHaveLength(1)
})

test('one that was gone before the other began does not', () => {
  expect(found([...replaced, [37_000, 'pod-deleted', 'database-1', at('worker-b')]])).toEqual([])
})

test('one that the API reached until the other began is ended in order', () => {
  const back: EventRow = [37_000, 'node-ready', 'worker-b', { node: 'worker-b' }]
  expect(found([...replaced, back, deleted])).toEqual([])
})

test('it is said that this was looked at, and nothing is said where nobody looked', () => {
  const quiet = new History([])
  expect(withDatabasesAtOnce(looked, quiet, [])).toEqual({
    looked: ['database: the saves', 'database: its pods during the run, as the watch told them'],
    found: [],
  })
  expect(withDatabasesAtOnce(null, quiet, [])).toBeNull()
})
