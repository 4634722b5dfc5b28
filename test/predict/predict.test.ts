/** A prediction is that of one seed and of one cluster, as it was found. */
import { expect, test } from 'vitest'
import { measured } from '../../harness/cluster/sim/calibrated.ts'
import type { Found } from '../../harness/model/found.ts'
import { predict } from '../../harness/predict/predict.ts'
import { planOf } from '../support/plan-of.ts'

const plan = { ...planOf('cx-worker-ha', 'brisk'), seed: 7 }

test('nine of ten outages lie between its bounds, and the steps are those of the one in the middle', async () => {
  const predicted = await predict(plan, null, 20)
  const [lower = 0, upper = 0] = predicted?.outageMs ?? []
  expect(predicted?.runs).toBe(20)
  expect(lower).toBeLessThan(upper)
  expect(predicted?.medianMs).toBeGreaterThanOrEqual(lower)
  expect(predicted?.medianMs).toBeLessThanOrEqual(upper)
  expect(predicted?.steps.length).toBeGreaterThan(1)
})

test('its bounds are wider by the margin of the calibration, and never below nothing', async () => {
  const of = async (margin: number) =>
    (await predict(plan, null, 20, { ...measured, margin }))?.outageMs ?? [0, 0]
  const [lower, upper] = await of(0)
  const [wideLower, wideUpper] = await of(0.1)
  expect(lower - wideLower).toBeCloseTo(wideUpper - upper)
  expect(wideUpper).toBeGreaterThan(upper)
  expect((await of(10))[0]).toBe(0)
})

test('one seed, one prediction', async () => {
  expect(await predict(plan, null, 5)).toEqual(await predict(plan, null, 5))
  expect(await predict(plan, null, 5)).not.toEqual(await predict({ ...plan, seed: 107 }, null, 5))
})

test('it begins as the cluster was found', async () => {
  const at = (node: string): Found => ({
    ...{ floatingIpHolder: null, etcdLeader: null, leaseHolder: null },
    pods: (['page', 'api', 'database'] as const).map((component) => ({ component, node })),
  })
  const named = {
    ...plan,
    faults: plan.faults.map((fault) => ({ ...fault, target: 'node:worker-a' as const })),
  }
  const there = await predict(named, at('worker-a'), 10)
  const elsewhere = await predict(named, at('worker-b'), 10)
  expect(there?.medianMs).toBeGreaterThan(elsewhere?.medianMs ?? Number.POSITIVE_INFINITY)
})
