/** The longest that phases may take, by what they wait for. */
import { describe, expect, it } from 'vitest'
import { type Course, watchedMs } from '../../harness/model/scenario.ts'
import { paces, timersOf } from '../../harness/model/timers.ts'
import { boundsOf } from '../../harness/plan/bounds.ts'

const power = { id: 'a', kind: 'power.kill', target: 'control-plane' } as const
const course = (rest: Partial<Course> = {}): Course => ({
  ...{ faults: [power], observeUntil: [], settleUntil: [] },
  ...rest,
})
const timers = timersOf('documented')

describe.each(paces)('at %s pace', (pace) => {
  const own = timersOf(pace)

  it('settling lasts longer than what is watched in it', () => {
    const { settleMs } = boundsOf(own, course({ settleUntil: ['node-ready', 'watched'] }))
    expect(settleMs).toBeGreaterThanOrEqual(watchedMs(own) + 60_000)
  })

  it('so does each wait between two undoings', () => {
    const afterUndo = ['node-not-ready', 'workload-repaired'] as const
    const { settleMs } = boundsOf(own, course({ faults: [{ ...power, afterUndo }] }))
    expect(settleMs).toBeGreaterThanOrEqual(
      own.nodeMonitorGraceMs + own.unreachableTolerationMs + 60_000,
    )
  })
})

it('a boot bounds settling where nothing longer is waited for', () => {
  expect(boundsOf(timers, course({ settleUntil: ['node-ready', 'a-while'] })).settleMs).toBe(
    170_000,
  )
})

it('each further node that is lost may wait ten seconds for its eviction', () => {
  const faults = [power, { ...power, id: 'b' }, { ...power, id: 'c' }]
  expect(boundsOf(timers, course()).observeMs).toBe(420_000)
  expect(boundsOf(timers, course({ faults })).observeMs).toBe(440_000)
})
