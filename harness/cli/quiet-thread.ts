/** A thread of `pnpm sweep quiet`: disturbs one combination with a few seeds after another. */
import type { Disturbances } from '../cluster/sim/disturbances.ts'
import type { Plan } from '../model/plan.ts'
import type { QuietRun } from '../model/quiet.ts'
import { quietRun } from '../predict/quiet.ts'
import { serve } from './threads.ts'

export interface QuietData {
  hours: number
  /** By combination; a plan of null is refused. */
  combinations: readonly (Disturbances & { plan: Plan | null })[]
}

export interface QuietTask {
  combination: number
  /** First and last. */
  seeds: { from: number; to: number }
}

serve(async ({ hours, combinations }: QuietData, { combination, seeds }: QuietTask) => {
  const { plan = null, ...disturbances } = combinations[combination] ?? {
    lossShare: 0,
    pause: null,
  }
  const runs: QuietRun[] = []
  for (let seed = seeds.from; plan && seed <= seeds.to; seed += 1) {
    runs.push(await quietRun({ ...plan, seed }, disturbances, hours))
  }
  return runs
})
