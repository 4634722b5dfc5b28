/**
 * Reaction, repair, recovery and outage: the four figures of the literature, each counted from
 * the injection of the fault, and the vantage that the last two speak of. What did not happen in
 * the run is null, never zero.
 */
import type { Plan } from '../model/plan.ts'
import type { Outage, Recovery, VantageMeasure } from '../model/record.ts'
import type { Interval } from '../model/units.ts'
import type { Vantage } from '../model/vantage.ts'
import type { History } from './history.ts'
import type { FaultMoments, Moments } from './moments.ts'
import { repairsOf } from './replacements.ts'
import { stepsOf } from './steps.ts'

const nothing: Recovery = {
  reactionMs: null,
  repairMs: null,
  recoveryMs: null,
  outageMs: null,
  vantage: null,
  steps: [],
}

export function recoveryOf(
  plan: Plan,
  measured: readonly VantageMeasure[],
  vantages: readonly Vantage[],
  moments: Moments,
  history: History,
): Recovery {
  const { fault } = moments
  if (fault === null) return nothing

  const judged = judgedVantage(plan, measured, fault)
  const outages = judged === null ? [] : outagesWhileHeld(judged, fault)
  const last = outages.at(-1)
  const returned = last?.ended === true ? last : null
  const repairs = fault.role === 'worker' ? repairsOf(history, fault) : []
  const intervalMs = vantages.find((vantage) => vantage.id === judged?.id)?.intervalMs ?? 0
  return {
    reactionMs: sinceFault(reactionAtMs(history, fault), fault),
    repairMs: sinceFault(
      fault.role === 'worker'
        ? latest(repairs.map((repair) => repair.repairedAtMs))
        : memberBackAtMs(history, fault),
      fault,
    ),
    recoveryMs:
      returned === null
        ? null
        : [
            Math.max(0, returned.endMs[0] - fault.injectedAtMs),
            Math.max(0, returned.endMs[1] - fault.injectedAtMs),
          ],
    outageMs: judged === null ? null : totalOf(outages, intervalMs),
    vantage: judged?.id ?? null,
    steps: stepsOf(
      plan,
      history,
      fault,
      repairs,
      judged === null || returned === null ? null : { vantage: judged.id, atMs: returned.endMs[1] },
    ),
  }
}

/** Outages that the fault can have caused: over after the injection, begun before the heal. */
function outagesWhileHeld(vantage: VantageMeasure, fault: FaultMoments): Outage[] {
  return vantage.outages.filter(
    (outage) => outage.endMs[1] > fault.injectedAtMs && outage.startMs[0] < fault.healFromMs,
  )
}

/** None seen: none longer than the time between two probes. */
function totalOf(outages: readonly Outage[], intervalMs: number): Interval {
  if (outages.length === 0) return [0, intervalMs]
  return outages.reduce<Interval>(
    (sum, { durationMs }) => [sum[0] + durationMs[0], sum[1] + durationMs[1]],
    [0, 0],
  )
}

/**
 * After a worker: the save that does not go through it and was away longest. After a control
 * plane: reading the API through the load balancer, or directly where there is none.
 */
function judgedVantage(
  plan: Plan,
  measured: readonly VantageMeasure[],
  fault: FaultMoments,
): VantageMeasure | null {
  const fresh = measured.filter(({ connection, samples }) => connection === 'new' && samples > 0)
  const candidates =
    fault.role === 'worker'
      ? fresh.filter(({ kind, throughNode }) => kind === 'save' && throughNode !== fault.node)
      : fresh.filter(
          ({ kind, throughNode }) =>
            kind === 'api-read' && (plan.topology.loadBalancer === null || throughNode === null),
        )
  const outageMs = (vantage: VantageMeasure): number =>
    totalOf(outagesWhileHeld(vantage, fault), 0)[1]
  return candidates.reduce<VantageMeasure | null>(
    (longest, vantage) =>
      longest === null || outageMs(vantage) > outageMs(longest) ? vantage : longest,
    null,
  )
}

function reactionAtMs(history: History, fault: FaultMoments): number | null {
  const held = { afterMs: fault.injectedAtMs, untilMs: fault.healFromMs }
  const responses = [
    history.first('node-not-ready', { subject: fault.node, ...held }),
    history.first('endpoint-removed', { node: fault.node, ...held }),
    history.first('lb-down', { subject: fault.node, ...held }),
    history.first('leader-changed', held),
  ].flatMap((event) => (event === null ? [] : [event.atMs]))
  return responses.length === 0 ? null : Math.min(...responses)
}

function memberBackAtMs(history: History, fault: FaultMoments): number | null {
  const filter = { subject: fault.node, afterMs: fault.healFromMs }
  return history.first('node-ready', filter)?.atMs ?? null
}

/** Null when there is none, or one is missing. */
function latest(instantsMs: readonly (number | null)[]): number | null {
  if (instantsMs.length === 0) return null
  return instantsMs.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0)
}

function sinceFault(atMs: number | null, fault: FaultMoments): Interval | null {
  return atMs === null ? null : [atMs - fault.injectedAtMs, atMs - fault.injectedAtMs]
}
