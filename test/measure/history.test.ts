/** Pods out of events: one life each, also where a StatefulSet gives the old name again. */
import { describe, expect, it } from 'vitest'
import { History } from '../../harness/measure/history.ts'
import { type EventRow, eventsOf } from './run-of.ts'

const database = (node: string) => ({ component: 'database', node })

const events: EventRow[] = [
  [1_000, 'pod-not-ready', 'database-0', database('worker-a')],
  [5_000, 'pod-evicted', 'database-0', database('worker-a')],
  [9_000, 'pod-deleted', 'database-0', database('worker-a')],
  [9_100, 'pod-created', 'database-0', { component: 'database' }],
  [9_200, 'pod-scheduled', 'database-0', database('worker-b')],
  [12_000, 'pod-ready', 'database-0', database('worker-b')],
]

describe('a pod that is made anew under its old name', () => {
  const { pods } = new History(eventsOf(events))

  it('has two lives', () => {
    expect(pods).toEqual([
      {
        ...{ name: 'database-0', component: 'database', node: 'worker-a' },
        ...{ firstSeenMs: 1_000, createdAtMs: null, deletedAtMs: 9_000 },
      },
      {
        ...{ name: 'database-0', component: 'database', node: 'worker-b' },
        ...{ firstSeenMs: 9_100, createdAtMs: 9_100, deletedAtMs: null },
      },
    ])
  })

  it('is lost once, with its first life', () => {
    const history = new History(eventsOf(events))
    expect(history.podsLost('worker-a', 2_000, 20_000)).toEqual([pods[0]])
    expect(history.podsLost('worker-b', 2_000, 20_000)).toEqual([])
  })
})

it('a watch that says the same twice tells of one life', () => {
  const twice: EventRow[] = [
    [1_000, 'pod-created', 'page-1', { component: 'page' }],
    [1_500, 'pod-created', 'page-1', { component: 'page' }],
  ]
  expect(new History(eventsOf(twice)).pods).toHaveLength(1)
})
