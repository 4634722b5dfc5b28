/**
 * One failure, played in the model: when the workload and the API were away, from the failure on. The
 * drill is the scenario's own. Where it heals before the repair would be done, nothing changes any
 * more by its goals, so that time is stretched to the repair; where the repair is done sooner, it
 * heals then.
 */

import { momentsOf } from '../measure/moments.ts'
import type { Measurement } from '../model/claim.ts'
import type { Plan } from '../model/plan.ts'
import type { VantageMeasure } from '../model/record.ts'
import { aWhileMs, type FaultPlan, isIntervention, watchedMs } from '../model/scenario.ts'
import type { Timers } from '../model/timers.ts'
import { play } from './play.ts'

/** From and to, in milliseconds since the failure; in order, and apart. */
export type Away = [number, number][]

export type Downtime = { workload: Away; api: Away } | { invalid: string }

/** `repairMs`: 0 of a failure that passes by itself. Rejects on a bug of the model. */
export async function downtimeOf(plan: Plan, repairMs: number): Promise<Downtime> {
  const played = await play(repairedAfter(plan, repairMs))
  if ('invalid' in played) return played
  const { fault } = momentsOf(plan, played.phases, played.faults, [])
  if (fault === null) return { invalid: 'nothing was broken' }
  const ways = workloadWays(played)
  const api = played.vantages.filter(({ id }) => id === 'api-read')
  if ([...ways, ...api].some(({ outages }) => outages.some(({ ended }) => !ended))) {
    return { invalid: 'an outage had not ended when the run did' }
  }
  const heldMs = fault.healFromMs - fault.injectedAtMs
  const stretchMs = Math.max(0, repairMs - heldMs)
  const since = (atMs: number) =>
    atMs - fault.injectedAtMs + (atMs >= fault.healFromMs ? stretchMs : 0)
  const awayOf = (vantage: VantageMeasure): Away =>
    vantage.outages.flatMap(({ startMs, endMs }) => {
      // The later bounds: an outage that ends with the heal ends just before it by the earlier one.
      const [fromMs, toMs] = [since(startMs[1]), since(endMs[1])]
      return toMs > 0 ? [[Math.max(0, fromMs), toMs] as [number, number]] : []
    })
  return {
    workload: workloadWays(played)
      .map(awayOf)
      .reduce(intersection, [[0, Number.MAX_VALUE]]),
    api: api.flatMap(awayOf),
  }
}

/** Looked at for a while longer than the drill: what comes of a heal may come late. */
function repairedAfter(plan: Plan, repairMs: number): Plan {
  const settleMs = plan.bounds.settleMs + aWhileMs(plan.timers)
  const bounds = { ...plan.bounds, settleMs }
  const longer = { ...plan, bounds, settleUntil: [...plan.settleUntil, 'a-while' as const] }
  if (repairMs === 0) return longer
  const faults = plan.faults.filter((fault) => !comesTooLate(fault, repairMs, plan.timers))
  const waits = faults.some(({ after }) => after !== undefined)
  const observeMs = waits ? bounds.observeMs : Math.min(bounds.observeMs, repairMs)
  return { ...longer, faults, bounds: { ...bounds, observeMs } }
}

/** A person who would come later than the repair does not come. */
const comesTooLate = ({ kind, after }: FaultPlan, repairMs: number, timers: Timers): boolean =>
  isIntervention(kind) && after !== undefined && repairMs < watchedMs(timers)

/** Saves through the floating IP; without one through any node: it is away when no way is left. */
function workloadWays({ plan, vantages }: Measurement): VantageMeasure[] {
  const saves = vantages.filter(({ kind, connection }) => kind === 'save' && connection === 'new')
  const shared = saves.filter(({ throughNode }) => throughNode === null)
  return plan.topology.floatingIp && shared.length > 0 ? shared : saves
}

/** What lies in both. */
export function intersection(a: Away, b: Away): Away {
  return a
    .flatMap(([aFrom, aTo]) =>
      b.map(([from, to]): [number, number] => [Math.max(aFrom, from), Math.min(aTo, to)]),
    )
    .filter(([from, to]) => from < to)
}
