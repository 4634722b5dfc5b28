/** Nothing is broken, and nodes are taken for dead all the same: how often, and how sure that is. */
import { expect, test } from 'vitest'
import { quietRun, quietSummary } from '../../harness/predict/quiet.ts'
import { planOf } from '../support/plan-of.ts'

const plan = planOf('cx-worker-ha')
const half = { lossShare: 0.6, pause: null }

test('one seed is one run, and without a disturbance nothing happens', async () => {
  const run = await quietRun({ ...plan, seed: 3 }, half, 2)
  expect(run.notReady).toBeGreaterThan(0)
  expect(await quietRun({ ...plan, seed: 3 }, half, 2)).toEqual(run)
  expect(await quietRun(plan, { lossShare: 0, pause: null }, 24)).toEqual({
    ...{ seed: 1, notReady: 0, evicted: 0 },
  })
})

test('pods are evicted for a pause that is longer than grace and toleration', async () => {
  const pause = { lengthMs: 400_000, perHour: 1 }
  const run = await quietRun({ ...plan, seed: 4 }, { lossShare: 0, pause }, 10)
  expect(run.evicted).toBeGreaterThan(0)
})

test('what was never seen may still happen, as often as Wilson says', () => {
  const runs = Array.from({ length: 100 }, (_, seed) => ({ seed, notReady: 0, evicted: 0 }))
  const none = quietSummary(runs, 2, 1)
  expect(none.notReady).toEqual({ runs: 0, share: 0, interval: [0, expect.closeTo(0.037, 3)] })
  const some = quietSummary(
    runs.map((run) => (run.seed < 10 ? { ...run, notReady: 2 } : run)),
    2,
    1,
  )
  expect(some.notReady.share).toBe(0.1)
  expect(some.notReady.interval).toEqual([expect.closeTo(0.055, 3), expect.closeTo(0.174, 3)])
  expect(some.notReadyPerNodeYear).toBeCloseTo((20 / 200) * 8_760, 6)
})
