/**
 * The instants a run turns on: when the fault was injected, took hold and was healed, which node
 * it hit, and when the run ended. Everything else in this room is measured against them.
 */
import type { Plan } from '../model/plan.ts'
import type { FaultRecord, Phase } from '../model/record.ts'
import type { Sample } from '../model/vantage.ts'

export interface Moments {
  startMs: number
  endMs: number
  /** Null when nothing was injected: then there is nothing to recover from. */
  fault: FaultMoments | null
}

export interface FaultMoments {
  record: FaultRecord
  /** Topology name of the node that was hit. */
  node: string
  role: 'worker' | 'control-plane'
  injectedAtMs: number
  /** When it was proven to hold; the injection where that is not known. */
  heldFromMs: number
  /** When healing began; the end of the run where it did not. */
  healFromMs: number
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
  const record = [...faults].sort((a, b) => a.injectedAtMs - b.injectedAtMs)[0]
  if (record === undefined) return { startMs, endMs, fault: null }

  const heal = phases.find((phase) => phase.name === 'heal')
  const healFromMs = Math.min(heal?.fromMs ?? endMs, record.undoneAtMs ?? endMs, endMs)
  const node = plan.topology.nodes.find((candidate) => candidate.name === record.target)
  return {
    startMs,
    endMs,
    fault: {
      record,
      node: record.target,
      role: node?.role ?? 'worker',
      injectedAtMs: record.injectedAtMs,
      heldFromMs: Math.min(record.tookHoldAtMs ?? record.injectedAtMs, healFromMs),
      healFromMs,
    },
  }
}
