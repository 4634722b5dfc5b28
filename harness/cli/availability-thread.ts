/** A thread of `pnpm availability`: plays one failure after another. */
import type { Plan } from '../model/plan.ts'
import { type Downtime, downtimeOf } from '../predict/downtime.ts'
import type { Failure } from '../predict/failures.ts'
import { serve } from './threads.ts'

/** By kind and by target. */
export type FailurePlans = readonly (readonly Plan[])[]

serve(async (plans: FailurePlans, failures: readonly Failure[]): Promise<Downtime[]> => {
  const downtimes: Downtime[] = []
  for (const { kind, target, repairMs, seed } of failures) {
    const plan = plans[kind]?.[target]
    if (!plan) throw new RangeError(`no plan of kind ${kind}, target ${target}`)
    downtimes.push(await downtimeOf({ ...plan, seed }, repairMs))
  }
  return downtimes
})
