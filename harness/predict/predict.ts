/**
 * What the model says of a drill before it is played: the same plan many times, each with a seed of
 * its own, and between which durations nine of ten outages lie; wider by what the model missed in the
 * runs in which it was calibrated. One seed, one set of numbers.
 */
import { type Measured, measured } from '../cluster/sim/calibrated.ts'
import { measureRecovery } from '../measure/measure.ts'
import type { Found } from '../model/found.ts'
import type { Plan } from '../model/plan.ts'
import type { Prediction, Step } from '../model/record.ts'
import { simulate } from './simulate.ts'
import { rankOf } from './sweep.ts'

/** Enough that the 5th and the 95th percentile are not the least and the most. */
export const runsPerPrediction = 100

interface Outcome {
  outageMs: number
  steps: Step[]
}

/**
 * `found`: how the cluster stands. Null where the model has no valid run of it, or none that says how
 * long the outage was. Rejects on a bug of the model.
 */
export async function predict(
  plan: Plan,
  found: Found | null,
  runs = runsPerPrediction,
  calibrated: Measured = measured,
): Promise<Prediction | null> {
  const outcomes: Outcome[] = []
  for (let index = 0; index < runs; index += 1) {
    const one: Plan = { ...plan, provider: 'sim', seed: plan.seed + index }
    const outcome = await outcomeOf(one, found, calibrated)
    if (outcome !== null) outcomes.push(outcome)
  }
  if (outcomes.length < runs / 2) return null
  outcomes.sort((a, b) => a.outageMs - b.outageMs)
  const median = rankOf(outcomes, 0.5)
  const marginMs = calibrated.margin * median.outageMs
  const [lower, upper] = [rankOf(outcomes, 0.05).outageMs, rankOf(outcomes, 0.95).outageMs]
  return {
    provider: 'sim',
    outageMs: [Math.max(0, lower - marginMs), upper + marginMs],
    medianMs: median.outageMs,
    runs: outcomes.length,
    steps: median.steps,
  }
}

async function outcomeOf(
  plan: Plan,
  found: Found | null,
  calibrated: Measured,
): Promise<Outcome | null> {
  const { conduct, samples, events } = await simulate(plan, { lean: true, found, calibrated })
  if (conduct.problems.some(({ invalid }) => invalid)) return null
  const { phases, faults, vantages } = conduct
  const recovery = measureRecovery({ plan, phases, faults, vantages, samples, events })
  if (recovery.vantage === null) return null
  const [lower, upper] = recovery.outageMs ?? [0, 0]
  return { outageMs: (lower + upper) / 2, steps: recovery.steps }
}
