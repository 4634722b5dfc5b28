/**
 * The two instants by which every figure of a run is counted, in one place for whoever measures
 * and whoever shows: which fault is the one in question, and when its healing began. A backup
 * before the fault is no fault, and a reboot that is over is no heal.
 */
import type { FaultRecord, Phase } from './record.ts'
import { type FaultKind, isIntervention, isPassing } from './scenario.ts'

type Injected = Pick<FaultRecord, 'kind' | 'injectedAtMs'>
type Undone = Pick<FaultRecord, 'kind' | 'undoFromMs' | 'undoneAtMs' | 'lasting'>

/** Kinds of old and foreign records are taken for what they say of themselves. */
export const isInterventionRecord = ({ kind }: Pick<FaultRecord, 'kind'>): boolean =>
  isIntervention(kind as FaultKind)
export const isPassingRecord = ({ kind }: Pick<FaultRecord, 'kind'>): boolean =>
  isPassing(kind as FaultKind)

/** The first that no person did on purpose, else the first of all; null without any. */
export function primaryOf<T extends Injected>(faults: readonly T[]): T | null {
  const inOrder = faults.toSorted((a, b) => a.injectedAtMs - b.injectedAtMs)
  return inOrder.find((fault) => !isInterventionRecord(fault)) ?? inOrder[0] ?? null
}

/**
 * When undoing of this fault began. One that passes, and one that lasts, is not undone: then it is
 * when the heal began, and the end of the run where there was none.
 */
export function undoBeganMs(
  fault: Undone,
  phases: readonly Pick<Phase, 'name' | 'fromMs'>[],
  endMs: number,
): number {
  const healMs = phases.find(({ name }) => name === 'heal')?.fromMs ?? endMs
  if (isPassingRecord(fault) || fault.lasting === true) return Math.min(healMs, endMs)
  if (typeof fault.undoFromMs === 'number') return Math.min(fault.undoFromMs, endMs)
  return Math.min(healMs, fault.undoneAtMs ?? endMs, endMs)
}

/** When the first of these faults began to be undone. */
export function healBeganMs(
  faults: readonly Undone[],
  phases: readonly Pick<Phase, 'name' | 'fromMs'>[],
  endMs: number,
): number {
  return Math.min(...faults.map((fault) => undoBeganMs(fault, phases, endMs)), endMs)
}
