/**
 * The way into this room: what a run left on disk → its measurement. Pure, so that a saved run
 * can be measured again by newer code. Refuses samples of a vantage that the run does not have.
 */
import type { Measurement } from '../model/claim.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type {
  FaultRecord,
  FloatingIpRecord,
  Integrity,
  Invariant,
  NodeClock,
  Phase,
  Recovery,
  SplitBrain,
} from '../model/record.ts'
import type { Sample, Vantage } from '../model/vantage.ts'
import { withDatabasesAtOnce } from './databases-at-once.ts'
import { explanationOf } from './explanation.ts'
import { tenuresOf } from './floating-ip.ts'
import { History } from './history.ts'
import { isJudgeable } from './judged-vantage.ts'
import { momentsOf } from './moments.ts'
import { type AnsweredAt, recoveryOf } from './recovery.ts'
import { spansOf } from './spans.ts'
import { measureOutages, measureVantage, type RunBounds } from './vantages.ts'

export interface MeasureInput {
  plan: Plan
  phases: readonly Phase[]
  faults: readonly FaultRecord[]
  /** In any order, of all vantages. */
  samples: Iterable<Sample>
  vantages: readonly Vantage[]
  /** In any order; late and repeated ones are expected. */
  events: readonly DrillEvent[]
  integrity: Integrity
  floatingIp?: Omit<FloatingIpRecord, 'tenures'> | null | undefined
  invariants?: readonly Invariant[] | undefined
  clocks?: readonly NodeClock[] | undefined
  splitBrain?: SplitBrain | undefined
}

/** Throws a RangeError on a sample of an unknown vantage: the files are not of one run. */
export function measure(input: MeasureInput): Measurement {
  const { plan, phases, faults, vantages } = input
  const { samples, moments, bounds, history, answeredAt } = partsOf(input)
  const measured = vantages.map((vantage) =>
    measureVantage(vantage, samples.get(vantage.id) ?? [], bounds),
  )
  const recovery = recoveryOf(plan, measured, vantages, moments, history, answeredAt)
  return {
    plan,
    phases,
    faults,
    vantages: measured,
    recovery,
    explanation: explanationOf(plan, recovery, moments, history, measured, answeredAt),
    spans: spansOf(samples, moments, history, plan.probe.slowMs),
    events: history.events,
    integrity: input.integrity,
    floatingIp: input.floatingIp
      ? {
          ...input.floatingIp,
          tenures: tenuresOf(history.events, input.floatingIp.address, moments.endMs),
        }
      : null,
    invariants: input.invariants ?? [],
    clocks: input.clocks ?? [],
    splitBrain: withDatabasesAtOnce(input.splitBrain ?? null, history, faults),
  }
}

/** The recovery alone, for those who measure thousands of runs and ask for nothing else. */
export function measureRecovery(input: Omit<MeasureInput, 'integrity'>): Recovery {
  const { samples, moments, bounds, history, answeredAt } = partsOf(input)
  const measured = input.vantages
    .filter(isJudgeable)
    .map((vantage) => measureOutages(vantage, samples.get(vantage.id) ?? [], bounds))
  return recoveryOf(input.plan, measured, input.vantages, moments, history, answeredAt)
}

function partsOf({ plan, phases, faults, vantages, ...input }: Omit<MeasureInput, 'integrity'>) {
  const samples = byVantage(input.samples, vantages)
  const firsts = [...samples.values()].flatMap((own) => own.slice(0, 1).concat(own.slice(-1)))
  const moments = momentsOf(plan, phases, faults, firsts.sort(bySending))
  const history = new History(input.events)
  const bounds: RunBounds = {
    startMs: moments.startMs,
    injectedAtMs: moments.fault?.injectedAtMs ?? moments.startMs,
    healFromMs: moments.fault?.healFromMs ?? null,
    endMs: moments.endMs,
    slowMs: plan.probe.slowMs,
  }
  const answeredAt: AnsweredAt = (vantage, sentAtMs) =>
    sentAtMs + (samples.get(vantage)?.find((row) => row.sentAtMs === sentAtMs)?.latencyMs ?? 0)
  return { samples, moments, bounds, history, answeredAt }
}

const bySending = (a: Sample, b: Sample) => a.sentAtMs - b.sentAtMs

function byVantage(samples: Iterable<Sample>, vantages: readonly Vantage[]): Map<string, Sample[]> {
  const rows = new Map<string, Sample[]>(vantages.map(({ id }) => [id, []]))
  /** Those that are not in order already, as most are. */
  const mixed = new Set<Sample[]>()
  for (const sample of samples) {
    const own = rows.get(sample.vantage)
    if (own === undefined) {
      throw new RangeError(
        `a sample names vantage '${sample.vantage}', which the run does not have`,
      )
    }
    const last = own[own.length - 1]
    if (last !== undefined && sample.sentAtMs < last.sentAtMs) mixed.add(own)
    own.push(sample)
  }
  for (const own of mixed) own.sort(bySending)
  return rows
}
