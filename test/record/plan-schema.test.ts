/** Plans of this version and of those before it are read alike. */
import { expect, it } from 'vitest'
import { planSchema } from '../../harness/record/plan-schema.ts'
import { planOf } from '../support/plan-of.ts'

const plan = planOf('kubeadm-stacked')

it('a plan is read as it was written', () => {
  const targeted = { ...plan, target: 'site-a' }
  expect(planSchema.parse(targeted)).toEqual(targeted)
  expect(planSchema.parse(plan)).toEqual(plan)
})

it('one of a version without a target or a patience of its own for writes is read too', () => {
  const { target: _, ...rest } = plan
  const { apiWrite: __, ...timeoutMs } = plan.probe.timeoutMs
  const old = { ...rest, probe: { ...plan.probe, timeoutMs } }
  expect(planSchema.parse(old)).toEqual(old)
})

it.each([{ target: 7 }, { probe: { ...plan.probe, timeoutMs: { api: 1, page: 1 } } }])(
  'one that says something else is refused: %o',
  (wrong) => {
    expect(planSchema.safeParse({ ...plan, ...wrong }).success).toBe(false)
  },
)
