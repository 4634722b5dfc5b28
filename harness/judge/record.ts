/**
 * Measurement and verdicts → the run's record, the only thing that renderers read. Adds what
 * neither of them knows, such as versions and the time of day, and refuses to call a run valid
 * that lacks the proof of a fault.
 */
import type { Measurement } from '../model/claim.ts'
import type { ClaimResult, Lateness, RunRecord } from '../model/record.ts'
import { missingReceipts, runVerdict } from './verdict.ts'

export interface RecordMeta {
  timeSource: RunRecord['timeSource']
  /** Version of the Kubernetes that ran. */
  kubernetes: string
  /** Versions of everything else, by name. */
  versions: Record<string, string>
  /** ISO instant, UTC. */
  startedAt: string
  latenessMs: Lateness | null
  /** What makes the run invalid, each a sentence. Missing receipts are added here. */
  invalid?: readonly string[]
  /** What weakens the run without making it invalid, each a sentence. */
  problems: readonly string[]
  /** What the provider leaves out or replaces; the topology's own are put before. */
  differences: readonly string[]
  prediction?: RunRecord['prediction']
}

export function makeRecord(
  measurement: Measurement,
  claims: readonly ClaimResult[],
  meta: RecordMeta,
): RunRecord {
  const { plan, phases, faults, vantages, recovery, integrity } = measurement
  const invalid = unique([...(meta.invalid ?? []), ...missingReceipts(faults)])
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
    seed: plan.seed,
    kubernetes: meta.kubernetes,
    versions: meta.versions,
    startedAt: meta.startedAt,
    phases: [...phases],
    faults: [...faults],
    vantages: [...vantages],
    recovery,
    claims: [...claims],
    prediction: meta.prediction ?? null,
    integrity,
    latenessMs: meta.latenessMs,
    problems: unique([...invalid, ...meta.problems]),
    differences: unique([...plan.topology.differences, ...meta.differences]),
    verdict: runVerdict(claims, invalid),
  }
}

function unique(sentences: readonly string[]): string[] {
  return [...new Set(sentences)]
}
