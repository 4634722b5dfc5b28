/**
 * The four figures of recovery in words, and the outages behind them. What was not seen is bounded
 * by the time between two probes, and is said so rather than shown as zero.
 */
import type { FaultRecord, Outage, RunRecord, VantageMeasure } from '../harness/model/record.ts'
import { healBeganMs, isInterventionRecord, primaryOf } from '../harness/model/turning-points.ts'
import { formatInterval, formatMs, type Interval } from '../harness/model/units.ts'

export interface Figure {
  name: 'Reaction' | 'Repair' | 'Recovery' | 'Outage'
  says: string
  ms: Interval | null
  /** The figure for a reader, or why there is none. */
  text: string
}

/** A stray answer as the outage begins does not make it a partial one. */
const strayShare = 0.01

/** True when more than a stray probe was answered while others failed. */
export function isPartial(outage: Outage): boolean {
  return outage.probes - outage.failed > strayShare * outage.probes
}

/**
 * Session time of the first fault that no person did on purpose; of the first of any, where there
 * is no other; without one, of the first phase's beginning.
 */
export function originMs(record: RunRecord): number {
  return primaryOf(record.faults)?.injectedAtMs ?? runSpanMs(record)[0]
}

/** Those that took something away, not what a person did; all, where there are none. */
export function harmOf({ faults }: RunRecord): FaultRecord[] {
  const harm = faults.filter((fault) => !isInterventionRecord(fault))
  return harm.length > 0 ? harm : [...faults]
}

/** From the first phase's beginning to the last one's end, session time. */
export function runSpanMs({ phases }: RunRecord): Interval {
  if (phases.length === 0) return [0, 0]
  return [
    Math.min(...phases.map(({ fromMs }) => fromMs)),
    Math.max(...phases.map(({ toMs }) => toMs)),
  ]
}

/** The vantage that recovery and outage speak of. */
export function judgedVantage(record: RunRecord): VantageMeasure | undefined {
  return record.vantages.find(({ id }) => id === record.recovery.vantage)
}

/** Outages of the judged vantage that the fault can have caused: those that add up to the figure. */
export function judgedOutages(record: RunRecord): Outage[] {
  const heldUntilMs = healBeganMs(harmOf(record), record.phases, runSpanMs(record)[1])
  return (judgedVantage(record)?.outages ?? []).filter(
    ({ startMs, endMs }) => endMs[1] > originMs(record) && startMs[0] < heldUntilMs,
  )
}

/** True when the judged vantage missed nothing: the upper bound is the time between two probes. */
export function sawNoOutage({ recovery }: RunRecord): boolean {
  return recovery.outageMs !== null && recovery.outageMs[0] <= 0
}

function textOf(record: RunRecord, name: Figure['name'], ms: Interval | null): string {
  if (name === 'Outage' && ms !== null && sawNoOutage(record)) {
    return ms[1] <= 0 ? 'none' : `none over ${formatMs(ms[1])}`
  }
  if (ms !== null) return formatInterval(ms)
  return name === 'Recovery' && sawNoOutage(record) ? 'nothing to recover' : 'did not happen'
}

/** Reaction, repair, recovery, outage, in this order. */
export function figuresOf(record: RunRecord): Figure[] {
  const { reactionMs, repairMs, recoveryMs, outageMs } = record.recovery
  const figure = (name: Figure['name'], says: string, ms: Interval | null): Figure => ({
    name,
    says,
    ms,
    text: textOf(record, name, ms),
  })
  return [
    figure('Reaction', 'first response', reactionMs),
    figure('Repair', 'replacement or member back', repairMs),
    figure('Recovery', 'service available again', recoveryMs),
    figure('Outage', 'unavailable to the client', outageMs),
  ]
}

/** `99.97 %`. Rounded down, so that one failure in a million is not shown as none. */
export function formatShare(share: number): string {
  const percent = Math.floor(share * 10_000 + 1e-6) / 100
  return `${percent === 0 && share > 0 ? '< 0.01' : percent} %`
}
