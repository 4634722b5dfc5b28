/**
 * Reaction, repair, recovery and outage: the four figures of the literature, each counted from
 * the injection of the primary fault, and the vantage that the last two speak of. What did not
 * happen in the run is null, never zero.
 */
import type { Plan } from '../model/plan.ts'
import type { Recovery } from '../model/record.ts'
import type { Interval } from '../model/units.ts'
import type { Vantage } from '../model/vantage.ts'
import { whileHeld } from './found-step.ts'
import type { History } from './history.ts'
import { judgedVantage, outagesWhileHeld, totalOf } from './judged-vantage.ts'
import {
  type FaultMoments,
  harmOf,
  hitsComponent,
  type Moments,
  type PrimaryMoments,
} from './moments.ts'
import { type ComponentRepair, repairsOf } from './replacements.ts'
import { stepsOf } from './steps.ts'
import type { VantageOutages } from './vantages.ts'

const nothing: Recovery = {
  reactionMs: null,
  repairMs: null,
  recoveryMs: null,
  outageMs: null,
  vantage: null,
  steps: [],
}

/** When the request that a vantage sent at that instant was answered, or failed. */
export type AnsweredAt = (vantage: string, sentAtMs: number) => number

export function recoveryOf(
  plan: Plan,
  measured: readonly VantageOutages[],
  vantages: readonly Vantage[],
  moments: Moments,
  history: History,
  answeredAt: AnsweredAt,
): Recovery {
  const { fault } = moments
  if (fault === null) return nothing

  const judged = judgedVantage(plan, measured, moments)
  const outages = judged === null ? [] : outagesWhileHeld(judged, fault)
  const last = outages.at(-1)
  const returned = last?.ended === true ? last : null
  const repairs = workloadRepairs(history, moments)
  const intervalMs = vantages.find((vantage) => vantage.id === judged?.id)?.intervalMs ?? 0
  const service =
    judged === null || returned === null
      ? null
      : {
          vantage: judged.id,
          atMs: returned.endMs[1],
          answeredAtMs: answeredAt(judged.id, returned.endMs[1]),
        }
  return {
    reactionMs: sinceFault(reactionAtMs(history, fault), fault),
    repairMs: sinceFault(repairAtMs(history, fault, repairs), fault),
    recoveryMs:
      returned === null
        ? null
        : [
            Math.max(0, returned.endMs[0] - fault.injectedAtMs),
            Math.max(0, returned.endMs[1] - fault.injectedAtMs),
          ],
    outageMs: judged === null ? null : totalOf(outages, intervalMs),
    vantage: judged?.id ?? null,
    steps: stepsOf(plan, history, moments, fault, repairs, service),
  }
}

/** Of pods that were lost with a worker, or deleted; those of control planes are not followed. */
export function workloadRepairs(history: History, moments: Moments): ComponentRepair[] {
  const hit = harmOf(moments).filter((fault) => fault.role === 'worker' || hitsComponent(fault))
  return hit.length === 0 ? [] : repairsOf(history, hit)
}

/** Of whatever was hit first or at once with it: the first thing that the system did. */
function reactionAtMs(history: History, fault: PrimaryMoments): number | null {
  const responses = fault.group.flatMap((one) => [
    history.first('node-not-ready', { subject: one.node, ...whileHeld(one) }),
    history.first('endpoint-removed', { node: one.node, ...whileHeld(one) }),
    history.first('lb-down', { subject: one.node, ...whileHeld(one) }),
    history.first('leader-changed', whileHeld(one)),
  ])
  const seen = responses.flatMap((event) => (event === null ? [] : [event.atMs]))
  return seen.length === 0 ? null : Math.min(...seen)
}

/**
 * Where workers were hit: as many pods Ready elsewhere as were lost. A killed container: its pod
 * Ready again. A control plane: its node Ready again. The load balancer: seen to run again.
 */
function repairAtMs(
  history: History,
  fault: PrimaryMoments,
  repairs: readonly ComponentRepair[],
): number | null {
  if (fault.record.kind === 'process.container-kill') return containerBackAtMs(history, fault)
  const workload = fault.group.some((one) => one.role === 'worker' || hitsComponent(one))
  if (workload) return latest(repairs.map((repair) => repair.repairedAtMs))
  if (fault.role === 'load-balancer') return fault.record.undoneAtMs
  if (fault.role === 'link') return null
  return latest(fault.group.map((one) => memberBackAtMs(history, one)))
}

function containerBackAtMs(history: History, fault: FaultMoments): number | null {
  const filter = { component: fault.plan?.component ?? 'database', node: fault.node }
  const lost = history.first('pod-not-ready', { ...filter, afterMs: fault.injectedAtMs })
  if (lost === null) return null
  return history.first('pod-ready', { ...filter, afterMs: lost.atMs })?.atMs ?? null
}

function memberBackAtMs(history: History, fault: FaultMoments): number | null {
  const over = fault.record.kind === 'power.reboot'
  const afterMs = over ? fault.injectedAtMs : fault.healFromMs
  return history.first('node-ready', { subject: fault.node, afterMs })?.atMs ?? null
}

/** Null when there is none, or one is missing. */
function latest(instantsMs: readonly (number | null)[]): number | null {
  if (instantsMs.length === 0) return null
  return instantsMs.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0)
}

function sinceFault(atMs: number | null, fault: PrimaryMoments): Interval | null {
  return atMs === null ? null : [atMs - fault.injectedAtMs, atMs - fault.injectedAtMs]
}
