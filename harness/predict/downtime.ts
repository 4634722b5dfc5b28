/**
 * One failure, played in the model: when the workload and the API were away, from the failure on. The
 * drill is the scenario's own, held until all has happened that its fault brings about: from then on
 * nothing changes any more, and the time is stretched to the repair. Where the repair is done sooner,
 * it heals then.
 */

import { momentsOf } from '../measure/moments.ts'
import type { Measurement } from '../model/claim.ts'
import type { Plan } from '../model/plan.ts'
import type { VantageMeasure } from '../model/record.ts'
import { aWhileMs, type FaultPlan, isIntervention, watchedMs } from '../model/scenario.ts'
import { play } from './play.ts'

/** From and to, in milliseconds since the failure; in order, and apart. */
export type Away = [number, number][]

export type Downtime = { workload: Away; api: Away } | { invalid: string }

/** `repairMs`: 0 of a failure that passes by itself. Rejects on a bug of the model. */
export async function downtimeOf(plan: Plan, repairMs: number): Promise<Downtime> {
  const played = await play(repairedAfter(plan, repairMs))
  if ('invalid' in played) {
    // Where nothing is stuck, a person finds nothing to do, and the drill is invalid.
    const alone = plan.faults.filter((fault) => !comesLater(fault))
    return alone.length < plan.faults.length
      ? await downtimeOf({ ...plan, faults: alone }, repairMs)
      : played
  }
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
  return { workload: ways.map(awayOf).reduce(intersection), api: api.flatMap(awayOf) }
}

/** Beyond the timers: pods start elsewhere. And the pods of one lost node more are evicted. */
const slackMs = 60_000
const nextEvictionMs = 10_000

/**
 * The drill, held until all that the fault brings about has happened, or until the repair where that
 * is sooner; then everything is repaired at once, and looked at for a while longer.
 */
function repairedAfter(plan: Plan, repairMs: number): Plan {
  const { timers, topology } = plan
  const settleMs = plan.bounds.settleMs + aWhileMs(timers)
  const bounds = { ...plan.bounds, settleMs }
  const longer: Plan = { ...plan, bounds, settleUntil: [...plan.settleUntil, 'a-while'] }
  if (repairMs === 0) return longer
  const faults = plan.faults
    .filter((fault) => !comesLater(fault) || repairMs >= watchedMs(timers))
    .map(({ afterUndo: _, ...fault }) => fault)
  const allMs = watchedMs(timers) + slackMs + topology.nodes.length * nextEvictionMs
  const longestMs = Math.max(bounds.observeMs, allMs)
  const waits = faults.some(({ after }) => after !== undefined)
  return {
    ...longer,
    faults,
    observeUntil: [...plan.observeUntil, 'watched', 'vantages-good'],
    bounds: { ...bounds, observeMs: waits ? longestMs : Math.min(longestMs, repairMs) },
  }
}

/** A person who comes when it is seen what the fault has done, and not after the repair. */
const comesLater = ({ kind, after }: FaultPlan): boolean =>
  isIntervention(kind) && after !== undefined

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
