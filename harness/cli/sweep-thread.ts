/** A thread of a sweep: plays one combination with a few seeds after another. */
import type { Plan } from '../model/plan.ts'
import type { SweepRun } from '../model/sweep.ts'
import { sweepRun } from '../predict/sweep.ts'
import { serve } from './threads.ts'

/** By combination; null where it is refused. */
export type SweepPlans = readonly (Plan | null)[]

export interface SweepTask {
  combination: number
  /** First and last. */
  seeds: { from: number; to: number }
}

serve(async (plans: SweepPlans, { combination, seeds }: SweepTask): Promise<SweepRun[]> => {
  const plan = plans[combination]
  const runs: SweepRun[] = []
  for (let seed = seeds.from; plan && seed <= seeds.to; seed += 1) {
    runs.push(await sweepRun({ ...plan, seed }))
  }
  return runs
})
