/**
 * Measurement and verdicts → the run's record, the only thing that renderers read. Adds what
 * neither of them knows, such as versions and the time of day, and refuses to call a run valid
 * that lacks the proof of a fault.
 */
import type { Measurement } from '../model/claim.ts'
import type { Conduct } from '../model/conduct.ts'
import type { ClaimResult, RunRecord } from '../model/record.ts'
import { missingReceipts, runVerdict } from './verdict.ts'

/** What the conductor wrote down, and what neither it nor the measurement knows. */
export interface RecordMeta
  extends Pick<
    Conduct,
    'timeSource' | 'kubernetes' | 'versions' | 'startedAt' | 'latenessMs' | 'problems'
  > {
  /** Capabilities for want of which nothing was played; absent or empty: it was. */
  lacks?: readonly string[] | undefined
  /** What the provider leaves out or replaces; the topology's own are put before. */
  differences?: readonly string[]
  /** The simulator's prediction; absent: none was made. */
  prediction?: RunRecord['prediction'] | undefined
}

export function makeRecord(
  measurement: Measurement,
  claims: readonly ClaimResult[],
  meta: RecordMeta,
): RunRecord {
  const { plan, phases, faults, vantages, recovery, integrity } = measurement
  const said = (invalid: boolean): string[] =>
    meta.problems.filter((problem) => problem.invalid === invalid).map(({ text }) => text)
  const lacks = meta.lacks ?? []
  // What the conductor says comes first: a missing receipt is a consequence of it.
  const invalid = unique([...said(true), ...(lacks.length > 0 ? [] : missingReceipts(faults))])
  const { clocks, splitBrain } = measurement
  const balancer = plan.topology.loadBalancer?.kind
  const sharedBy = plan.topology.floatingIp?.sharedBy
  return {
    schema: 'clusterdrill/run/v1',
    runId: plan.runId,
    scenario: plan.scenario.name,
    title: plan.scenario.title,
    whatIf: plan.scenario.whatIf,
    topology: plan.topology.name,
    provider: plan.provider,
    timeSource: meta.timeSource,
    pace: plan.pace,
    timers: { ...plan.timers },
    changedTimers: [...plan.changedTimers],
    ...(balancer === undefined ? {} : { balancer }),
    ...(sharedBy === undefined ? {} : { floatingIpSharedBy: sharedBy }),
    seed: plan.seed,
    target: plan.target ?? null,
    kubernetes: meta.kubernetes,
    versions: meta.versions,
    startedAt: meta.startedAt,
    phases: [...phases],
    faults: [...faults],
    vantages: [...vantages],
    recovery,
    claims: claims.map((claim) =>
      invalid.length > 0 ? undecided(claim, invalid[0] ?? '') : claim,
    ),
    prediction: meta.prediction ?? null,
    integrity,
    floatingIp: measurement.floatingIp,
    invariants: [...measurement.invariants],
    explanation: measurement.explanation,
    ...(clocks.length === 0 ? {} : { clocks: [...clocks] }),
    ...(splitBrain === null ? {} : { splitBrain }),
    ...(lacks.length === 0 ? {} : { lacks: [...lacks] }),
    latenessMs: meta.latenessMs,
    problems: unique([...invalid, ...said(false)]),
    differences: unique([...plan.topology.differences, ...(meta.differences ?? [])]),
    verdict: runVerdict(claims, invalid),
  }
}

function unique(sentences: readonly string[]): string[] {
  return [...new Set(sentences)]
}

/** What an invalid run saw is kept, and decides nothing. */
function undecided(claim: ClaimResult, why: string): ClaimResult {
  return {
    ...claim,
    verdict: 'undetermined',
    because: `undetermined, because the run is invalid: ${why}`,
  }
}
