/**
 * The instants a run turns on: when each fault was injected, took hold and began to be undone,
 * what it hit, and when the run ended. Everything else in this room is measured against them. The
 * primary fault is the first that is not a person's doing; its figures are those of its group.
 */
import type { Plan } from '../model/plan.ts'
import type { FaultRecord, Phase } from '../model/record.ts'
import { type FaultPlan, groupsOf } from '../model/scenario.ts'
import type { Topology } from '../model/topology.ts'
import {
  healBeganMs,
  isInterventionRecord,
  isPassingRecord,
  primaryOf,
  undoBeganMs,
} from '../model/turning-points.ts'
import type { Sample } from '../model/vantage.ts'

export interface Moments {
  startMs: number
  endMs: number
  /** The primary fault; null when nothing was injected: then there is nothing to recover from. */
  fault: PrimaryMoments | null
  /** All of them, in order of injection. */
  faults: readonly FaultMoments[]
}

export type HitRole = 'worker' | 'control-plane' | 'load-balancer' | 'link'

export interface FaultMoments {
  record: FaultRecord
  /** As planned; null in a record whose plan does not name it. */
  plan: FaultPlan | null
  /** Topology name of what was hit: of the node, of the load balancer, or `site/site`. */
  node: string
  role: HitRole
  injectedAtMs: number
  /** When it was proven to hold; the injection where that is not known. */
  heldFromMs: number
  /** When undoing it began; when the heal began where it passes by itself or lasts. */
  healFromMs: number
  /** When it no longer held: undone, passed by itself, or never. */
  overMs: number
  /** Done by a person, on purpose. */
  intervention: boolean
}

/**
 * The primary fault with its whole group: `heldFromMs` is when the last of the group took hold,
 * and the injection where all of it passes by itself; `healFromMs` is when the first of the group
 * began to be undone.
 */
export interface PrimaryMoments extends FaultMoments {
  group: readonly FaultMoments[]
}

/** `samples` decide the bounds only where the phases are missing. */
export function momentsOf(
  plan: Plan,
  phases: readonly Phase[],
  faults: readonly FaultRecord[],
  samples: readonly Sample[],
): Moments {
  const startMs = Math.min(...phases.map((phase) => phase.fromMs), samples[0]?.sentAtMs ?? 0)
  const endMs =
    phases.length > 0
      ? Math.max(...phases.map((phase) => phase.toMs))
      : (samples.at(-1)?.sentAtMs ?? startMs)
  const all = faults
    .toSorted((a, b) => a.injectedAtMs - b.injectedAtMs)
    .map((record) => momentsOfFault(record, plan, phases, endMs))
  return { startMs, endMs, fault: primaryMoments(all, phases, endMs), faults: all }
}

function momentsOfFault(
  record: FaultRecord,
  plan: Plan,
  phases: readonly Phase[],
  endMs: number,
): FaultMoments {
  const healFromMs = undoBeganMs(record, phases, endMs)
  const passing = isPassingRecord(record)
  return {
    record,
    plan: plan.faults.find(({ id }) => id === record.id) ?? null,
    node: record.target,
    role: roleOf(record.target, plan.topology),
    injectedAtMs: record.injectedAtMs,
    heldFromMs: passing
      ? (record.tookHoldAtMs ?? record.injectedAtMs)
      : Math.min(record.tookHoldAtMs ?? record.injectedAtMs, healFromMs),
    healFromMs,
    overMs:
      record.lasting === true ? endMs : passing ? (record.undoneAtMs ?? healFromMs) : healFromMs,
    intervention: isInterventionRecord(record),
  }
}

function primaryMoments(
  faults: readonly FaultMoments[],
  phases: readonly Phase[],
  endMs: number,
): PrimaryMoments | null {
  const record = primaryOf(faults.map((fault) => fault.record))
  const primary = faults.find((fault) => fault.record === record)
  if (primary === undefined) return null
  const group = groupWith(primary, faults)
  const injectedAtMs = Math.min(...group.map((fault) => fault.injectedAtMs))
  const healFromMs = healBeganMs(
    group.map((fault) => fault.record),
    phases,
    endMs,
  )
  const heldFromMs = group.every((fault) => isPassingRecord(fault.record))
    ? injectedAtMs
    : Math.max(...group.map((fault) => fault.heldFromMs))
  return {
    ...primary,
    injectedAtMs,
    heldFromMs: Math.min(heldFromMs, healFromMs),
    healFromMs,
    group,
  }
}

/** Those that were planned to be injected at once with this one, itself among them. */
export function groupWith(fault: FaultMoments, faults: readonly FaultMoments[]): FaultMoments[] {
  const named = faults.map((one) => ({ id: one.record.id, group: one.plan?.group, one }))
  const group = groupsOf(named).find((members) => members.some(({ one }) => one === fault))
  return (group ?? []).map(({ one }) => one)
}

function roleOf(target: string, { nodes, loadBalancer }: Topology): HitRole {
  const node = nodes.find(({ name }) => name === target)
  if (node !== undefined) return node.role
  if (target === loadBalancer?.name) return 'load-balancer'
  return target.includes('/') ? 'link' : 'worker'
}

/** Faults of the run that took something away, not what a person did; all, where there are none. */
export function harmOf({ faults }: Moments): readonly FaultMoments[] {
  const harm = faults.filter(({ intervention }) => !intervention)
  return harm.length > 0 ? harm : faults
}

/** True where one container or pod was hit, and its node stays. */
export const hitsComponent = ({ record }: FaultMoments): boolean =>
  record.kind === 'process.container-kill' || record.kind === 'operator.pod-delete'
