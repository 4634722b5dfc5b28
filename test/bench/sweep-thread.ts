/**
 * A share of many runs of one drill in the model, on a thread of its own: `workerData` has the plan
 * and how many runs there are, from which seed on. Says how long their outages were.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { measureRecovery } from '../../harness/measure/measure.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { simulate } from '../../harness/predict/simulate.ts'

export interface Share {
  plan: Plan
  firstSeed: number
  runs: number
}

const { plan, firstSeed, runs } = workerData as Share
const outagesMs: number[] = []
for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
  const own = { ...plan, seed }
  const { conduct, samples, events } = await simulate(own, { lean: true })
  const { outageMs } = measureRecovery({ ...conduct, plan: own, samples, events })
  if (outageMs !== null) outagesMs.push((outageMs[0] + outageMs[1]) / 2)
}
parentPort?.postMessage(outagesMs)
