/**
 * Runs for tests of claims: a short history as in `run-of.ts`, with faults of several kinds, what
 * they found out, and what was seen besides the samples.
 */
import { judge } from '../../harness/judge/judge.ts'
import { measure } from '../../harness/measure/measure.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ClaimResult, FaultRecord, Integrity } from '../../harness/model/record.ts'
import type { FaultKind, Scenario } from '../../harness/model/scenario.ts'
import type { Pace } from '../../harness/model/timers.ts'
import type { Topology } from '../../harness/model/topology.ts'
import type { Vantage } from '../../harness/model/vantage.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { type EventRow, eventsOf, faultOf, planOf, type Row, samplesOf } from '../measure/run-of.ts'

/** Of a fault: its kind, what it hit, when, and when its undoing began; null where it lasts. */
export interface Played extends Partial<Pick<FaultRecord, 'id' | 'facts' | 'role'>> {
  kind: FaultKind
  target: string
  atMs: number
  undoneAtMs: number | null
}

export interface Play {
  scenario: Scenario
  topology: Topology
  pace?: Pace
  faults: readonly Played[]
  /** Beginning of the heal, end of the run. */
  healAtMs: number
  endMs: number
  vantages: readonly Vantage[]
  rows: Readonly<Record<string, readonly Row[]>>
  events?: readonly EventRow[]
  integrity?: Partial<Integrity>
}

export function played(play: Play): Measurement {
  const firstMs = Math.min(...play.faults.map(({ atMs }) => atMs), play.healAtMs)
  const { healAtMs, endMs } = play
  return measure({
    plan: planOf(play.scenario, play.topology, play.pace),
    phases: [
      { name: 'baseline', fromMs: 0, toMs: firstMs },
      { name: 'inject', fromMs: firstMs, toMs: firstMs },
      { name: 'observe', fromMs: firstMs, toMs: healAtMs },
      { name: 'heal', fromMs: healAtMs, toMs: healAtMs },
      { name: 'settle', fromMs: healAtMs, toMs: endMs },
    ],
    faults: play.faults.map(recordOf),
    samples: Object.entries(play.rows).flatMap(([id, rows]) => samplesOf(id, rows)),
    vantages: play.vantages,
    events: eventsOf(play.events ?? []),
    integrity: {
      ...{ acknowledgedWrites: 100, lostWrites: 0, readBack: true, apiWrites: null },
      ...play.integrity,
    },
  })
}

function recordOf({ kind, target, atMs, undoneAtMs, ...rest }: Played, index: number): FaultRecord {
  return {
    ...faultOf(target, atMs, undoneAtMs ?? 0),
    ...{ id: `fault-${index}`, kind, undoneAtMs, undoFromMs: undoneAtMs },
    ...(undoneAtMs === null ? { lasting: true } : {}),
    ...rest,
  }
}

/** What became of that claim; throws where the run was not asked about it. */
export function resultOf(run: Measurement, id: string): ClaimResult {
  const result = judge(run, claims).find((one) => one.id === id)
  if (result === undefined) throw new Error(`${id} was not judged`)
  return result
}

export const verdictOf = (run: Measurement, id: string): string => resultOf(run, id).verdict
