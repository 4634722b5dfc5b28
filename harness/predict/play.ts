/**
 * One drill in the model, played and measured, for whoever plays many. Without samples of a steady
 * state, which changes nothing in outages and steps.
 */
import { measure } from '../measure/measure.ts'
import type { Measurement } from '../model/claim.ts'
import type { Plan } from '../model/plan.ts'
import { simulate } from './simulate.ts'

/** What was measured, or why the run says nothing. Rejects on a bug of the model. */
export async function play(plan: Plan): Promise<Measurement | { invalid: string }> {
  const { conduct, samples, events } = await simulate(plan, { lean: true })
  const broken = conduct.problems.find(({ invalid }) => invalid)
  if (broken) return { invalid: broken.text }
  const { phases, faults, vantages, integrity } = conduct
  return measure({ plan, phases, faults, vantages, integrity, samples, events })
}
