/**
 * A cluster in the model in which nothing is broken, disturbed for some hours: how often its nodes are
 * marked NotReady all the same, and what many runs say of that.
 */
import { type Disturbances, disturb } from '../cluster/sim/disturbances.ts'
import { SimSession } from '../cluster/sim/session.ts'
import { yearMs } from '../model/availability.ts'
import type { Plan } from '../model/plan.ts'
import type { QuietCombination, QuietRun } from '../model/quiet.ts'

const anyDay = new Date(0)
const hourMs = 3_600_000

/** Of the plan only topology, timers and seed are looked at. */
export async function quietRun(
  plan: Plan,
  disturbances: Disturbances,
  hours: number,
): Promise<QuietRun> {
  await using session = new SimSession(plan, anyDay)
  const run = { seed: plan.seed, notReady: 0, evicted: 0 }
  await session.watch(({ name }) => {
    if (name === 'node-not-ready') run.notReady += 1
    else if (name === 'pod-evicted') run.evicted += 1
  })
  disturb(session.cluster, disturbances)
  session.cluster.scene.queue.runUntil(hours * hourMs)
  return run
}

type Summed = Omit<QuietCombination, 'settings' | 'timers' | 'refused'>

/** `nodes`: that carry pods. */
export function quietSummary(runs: readonly QuietRun[], nodes: number, hours: number): Summed {
  const nodeYears = (runs.length * nodes * hours * hourMs) / yearMs
  const perNodeYear = (count: (run: QuietRun) => number) =>
    nodeYears === 0 ? 0 : runs.reduce((sum, run) => sum + count(run), 0) / nodeYears
  return {
    runs: runs.length,
    notReady: chanceOf(runs.filter(({ notReady }) => notReady > 0).length, runs.length),
    evicted: chanceOf(runs.filter(({ evicted }) => evicted > 0).length, runs.length),
    notReadyPerNodeYear: perNodeYear(({ notReady }) => notReady),
    podsEvictedPerNodeYear: perNodeYear(({ evicted }) => evicted),
  }
}

/** 95 % of a normal distribution lie within so many standard deviations. */
const deviations = 1.96

/** With Wilson's interval, which says how rare it may be, too, where it was never seen. */
function chanceOf(seen: number, runs: number): Summed['notReady'] {
  if (runs === 0) return { runs: 0, share: 0, interval: [0, 1] }
  const share = seen / runs
  const square = deviations ** 2
  const middle = share + square / (2 * runs)
  const spread = deviations * Math.sqrt((share * (1 - share)) / runs + square / (4 * runs ** 2))
  const whole = 1 + square / runs
  const lower = seen === 0 ? 0 : (middle - spread) / whole
  const upper = seen === runs ? 1 : (middle + spread) / whole
  return { runs: seen, share, interval: [lower, upper] }
}
