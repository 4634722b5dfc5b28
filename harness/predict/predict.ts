/**
 * What the model says of a drill before it is played: the same plan many times, each with a seed of
 * its own, and between which durations nine of ten outages lie. One seed, one set of numbers.
 */
import { measureRecovery } from '../measure/measure.ts'
import type { Found } from '../model/found.ts'
import type { Plan } from '../model/plan.ts'
import type { Prediction, Step } from '../model/record.ts'
import { simulate } from './simulate.ts'

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
): Promise<Prediction | null> {
  const outcomes: Outcome[] = []
  for (let index = 0; index < runs; index += 1) {
    const outcome = await outcomeOf({ ...plan, provider: 'sim', seed: plan.seed + index }, found)
    if (outcome !== null) outcomes.push(outcome)
  }
  if (outcomes.length < runs / 2) return null
  outcomes.sort((a, b) => a.outageMs - b.outageMs)
  const median = at(outcomes, 0.5)
  return {
    provider: 'sim',
    outageMs: [at(outcomes, 0.05).outageMs, at(outcomes, 0.95).outageMs],
    medianMs: median.outageMs,
    runs: outcomes.length,
    steps: median.steps,
  }
}

async function outcomeOf(plan: Plan, found: Found | null): Promise<Outcome | null> {
  const { conduct, samples, events } = await simulate(plan, { lean: true, found })
  if (conduct.problems.some(({ invalid }) => invalid)) return null
  const { phases, faults, vantages } = conduct
  const recovery = measureRecovery({ plan, phases, faults, vantages, samples, events })
  if (recovery.vantage === null) return null
  const [lower, upper] = recovery.outageMs ?? [0, 0]
  return { outageMs: (lower + upper) / 2, steps: recovery.steps }
}

/** Of ascending outcomes, by nearest rank. */
function at(outcomes: readonly Outcome[], fraction: number): Outcome {
  const found = outcomes[Math.max(0, Math.ceil(fraction * outcomes.length) - 1)]
  if (!found) throw new RangeError('no outcome')
  return found
}
