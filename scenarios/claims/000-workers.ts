/**
 * What document 000, CX Worker HA, says of a worker that is lost and of one that comes back.
 * Promised times are read with the timers of the run, so that a brisk run is held to a brisk
 * promise.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { Outage } from '../../harness/model/record.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import { aimsAtControlPlane } from './aims.ts'
import { fiveMinutes } from './five-minutes.ts'
import {
  betweenSteps,
  countsOf,
  countText,
  faultOn,
  fits,
  hit,
  spanOf,
  workloadVantages,
} from './reading.ts'

const workerIsDown: Claim = {
  id: '000-worker-down',
  document: '000',
  says: 'A worker that is down costs some features five minutes, until their pods have moved.',
  condition: 'A worker is down, and the control plane is up.',
  kubernetes: 'a node may be silent for 50 s since 1.32, for 40 s before',
  scenarios: ['worker-down', 'site-down'],
  topologies: ['cx-worker-ha'],
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'five minutes is the toleration alone: noticing the loss comes before it, and starting the pods elsewhere after it',
      date: '2026-11-20',
    },
  ],
  // The loss of the control plane's site is a row of its own.
  speaksOf: (plan) => !aimsAtControlPlane(plan),
  judge(measurement) {
    const { outageMs, vantage } = measurement.recovery
    if (hit(measurement)?.role !== 'worker' || outageMs === null || vantage === null) return null
    const { timers } = measurement.plan
    const { promisedMs, text } = fiveMinutes(measurement)
    const open = openOutage(measurement, vantage)
    const measured: Interval = open === null ? outageMs : [outageMs[0], Number.POSITIVE_INFINITY]
    const moved = betweenSteps(measurement, 'evicted', 'endpoint-added')
    return {
      verdict: fits(measured, promisedMs),
      measured:
        open === null
          ? `${vantage} unavailable for ${formatInterval(outageMs)}`
          : `${vantage} unavailable for at least ${formatMs(outageMs[0])}, and still so at the end of the run`,
      expected: text,
      because:
        outageMs[0] === 0
          ? `${vantage} lost nothing that its other replicas did not carry`
          : measured[1] < promisedMs[0]
            ? `what ran there has a second replica elsewhere: clients are served as soon as the lost node is noticed (node-monitor-grace-period, ${formatMs(timers.nodeMonitorGraceMs)}) and sent nothing more`
            : `node silence of ${formatMs(timers.nodeMonitorGraceMs)} (node-monitor-grace-period) comes before the ${formatMs(timers.unreachableTolerationMs)} toleration, then ${moved === null ? 'the move, which was not seen to end' : `${formatMs(moved)} to reschedule`}`,
      duration: { measuredMs: measured, promisedMs },
    }
  },
}

const workerIsRestored: Claim = {
  id: '000-worker-restored',
  document: '000',
  says: 'A worker that comes back has no effect.',
  condition: 'The worker was down long enough for its pods to have moved.',
  kubernetes: null,
  scenarios: ['worker-restored', 'worker-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const healed = spanOf(measurement, 'healed')
    const baseline = spanOf(measurement, 'baseline')
    const vantages = workloadVantages(measurement)
    if (hit(measurement)?.role !== 'worker' || healed === null || baseline === null) return null
    if (faultOn(measurement, 'worker')?.undoneAtMs == null) return null
    const after = countsOf(healed, vantages)
    const before = countsOf(baseline, vantages)
    if (after.samples === 0) return null
    const moved = podsCreatedIn(measurement, healed.fromMs)
    const finding = {
      measured: `${countText(after)} after the heal; ${moved.length} pods moved again`,
      expected: 'no failed request, and no pod moved',
    }
    if (moved.length > 0) {
      return { ...finding, verdict: 'contradicted', because: `pods moved: ${moved.join(', ')}` }
    }
    if (after.failed === 0) {
      return {
        ...finding,
        verdict: 'confirmed',
        because: 'the scheduler moves no running pod, so those that moved stay where they are',
      }
    }
    return before.failed === 0
      ? {
          ...finding,
          verdict: 'contradicted',
          because: 'requests failed after the heal, and none before the fault',
        }
      : {
          ...finding,
          verdict: 'undetermined',
          because: `requests failed before the fault too: ${countText(before)}`,
        }
  },
}

function openOutage(measurement: Measurement, vantage: string): Outage | null {
  const measure = measurement.vantages.find(({ id }) => id === vantage)
  return measure?.outages.find((outage) => !outage.ended) ?? null
}

/** Workload pods first heard of after the instant. */
function podsCreatedIn(measurement: Measurement, afterMs: number): string[] {
  const seen = new Set<string>()
  const created: string[] = []
  for (const { name, subject, component, atMs } of measurement.events) {
    if (component === null || !name.startsWith('pod-') || seen.has(subject)) continue
    seen.add(subject)
    if (atMs > afterMs && name === 'pod-created') created.push(subject)
  }
  return created
}

export const claimsOfWorkers: readonly Claim[] = [workerIsDown, workerIsRestored]
