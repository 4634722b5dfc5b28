/**
 * What document 000, CX Worker HA, says may happen, row by row of its what-if table. Promised
 * times are read with the timers of the run, so that a brisk run is held to a brisk promise.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { clusterDnsSubject } from '../../harness/model/event.ts'
import type { Outage } from '../../harness/model/record.ts'
import { formatInterval, formatMs, type Interval, minuteMs } from '../../harness/model/units.ts'
import { givenUp, withoutOwnerMs } from './floating-ip-reading.ts'
import {
  betweenSteps,
  countsOf,
  countText,
  darkestMs,
  fits,
  floatingIpVantages,
  goneMs,
  heldSpan,
  hit,
  orNotSeen,
  outagesIn,
  spanOf,
  workloadVantages,
} from './reading.ts'

/**
 * 'Five minutes' is read to the nearest half minute: as a share of the toleration that it stands
 * for, so that it scales with it.
 */
const halfMinuteShare = minuteMs / 2 / (5 * minuteMs)

const podDown: Claim = {
  id: '000-pod-down',
  document: '000',
  says: 'While a pod is down, some features may fail; not all of them do.',
  condition: 'A pod is down; here those of a worker that lost its power.',
  kubernetes: null,
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const vantages = workloadVantages(measurement)
    if (held === null || vantages.length === 0) return null
    const features = (['page', 'save'] as const).map((kind) => {
      const ways = vantages.filter((vantage) => vantage.kind === kind)
      return { kind, ways, dark: darkestMs(ways, held), count: countsOf(held, ways) }
    })
    if (features.some((feature) => feature.ways.length === 0)) return null
    const finding = {
      measured: features
        .map(({ kind, dark, count }) =>
          dark[1] === 0
            ? `${kind}: no failure`
            : `${kind}: ${count.failed} of ${count.samples} failed, none answered for ${formatInterval(dark)}`,
        )
        .join('; '),
      expected: 'some features fail, others go on',
    }
    const gone = features.filter(({ dark }) => dark[0] > goneMs).map(({ kind }) => kind)
    if (gone.length === features.length) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: `every feature was gone for more than ${formatMs(goneMs)}`,
      }
    }
    if (features.every(({ count }) => count.failed === 0)) {
      return {
        ...finding,
        verdict: 'undetermined',
        because: 'nothing failed, and the document only says that something may',
      }
    }
    return {
      ...finding,
      verdict: 'confirmed',
      because:
        gone.length === 0
          ? 'requests failed while a dead replica was still sent some, and a live one had the rest'
          : `${gone.join(', ')} needs a pod with one replica, which was lost; the rest has a second one`,
    }
  },
}

const workerIsDown: Claim = {
  id: '000-worker-down',
  document: '000',
  says: 'A worker that is down costs some features five minutes, until their pods have moved.',
  condition: 'A worker is down, and the control plane is up.',
  kubernetes: 'a node may be silent for 50 s since 1.32, for 40 s before',
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha'],
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'five minutes is the toleration alone: noticing the loss comes before it, and starting the pods elsewhere after it',
      date: '2026-11-20',
    },
  ],
  judge(measurement) {
    const { outageMs, vantage } = measurement.recovery
    if (hit(measurement)?.role !== 'worker' || outageMs === null || vantage === null) return null
    const { timers } = measurement.plan
    const promisedMs = timers.unreachableTolerationMs
    const toleratedMs = promisedMs * halfMinuteShare
    const open = openOutage(measurement, vantage)
    const measured: Interval = open === null ? outageMs : [outageMs[0], Number.POSITIVE_INFINITY]
    const moved = betweenSteps(measurement, 'evicted', 'endpoint-added')
    return {
      verdict: fits(measured, [promisedMs - toleratedMs, promisedMs + toleratedMs]),
      measured:
        open === null
          ? `${vantage} unavailable for ${formatInterval(outageMs)}`
          : `${vantage} unavailable for at least ${formatMs(outageMs[0])}, and still so at the end of the run`,
      expected: `${formatMs(promisedMs)}, give or take ${formatMs(toleratedMs)}`,
      because:
        outageMs[0] === 0
          ? `${vantage} lost nothing that its other replicas did not carry`
          : `node silence of ${formatMs(timers.nodeMonitorGraceMs)} (node-monitor-grace-period) comes before the ${formatMs(promisedMs)} toleration, then ${moved === null ? 'the move, which was not seen to end' : `${formatMs(moved)} to reschedule`}`,
    }
  },
}

const workerIsRestored: Claim = {
  id: '000-worker-restored',
  document: '000',
  says: 'A worker that comes back has no effect.',
  condition: 'The worker was down long enough for its pods to have moved.',
  kubernetes: null,
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const healed = spanOf(measurement, 'healed')
    const baseline = spanOf(measurement, 'baseline')
    const vantages = workloadVantages(measurement)
    if (hit(measurement)?.role !== 'worker' || healed === null || baseline === null) return null
    if (measurement.faults[0]?.undoneAtMs == null) return null
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

const workloadSurvives: Claim = {
  id: '000-workload-survives',
  document: '000',
  says: 'The workload goes on while the control plane is down.',
  condition:
    'The only control plane is down, and every worker is up. Read as: no request through a worker fails, and through the floating IP they never all fail for a second.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const baseline = spanOf(measurement, 'baseline')
    const direct = workloadVantages(measurement)
    const floating = floatingIpVantages(measurement)
    const vantages = [...direct, ...floating]
    if (hit(measurement)?.role !== 'control-plane' || held === null || baseline === null)
      return null
    const count = countsOf(held, vantages)
    if (count.samples === 0) return null
    const watchedMs = held.toMs - held.fromMs
    const dark = darkestMs(vantages, held)
    const ways =
      floating.length === 0
        ? countText(count)
        : `${countText(countsOf(held, direct))} through the workers, ${countText(countsOf(held, floating))} through the floating IP`
    const finding = {
      measured: `${ways} in ${formatMs(watchedMs)} without a control plane`,
      expected: 'no failed request',
    }
    const onlyFloating = countsOf(held, direct).failed === 0
    if (onlyFloating && darkestMs(floating, held)[1] <= goneMs) {
      return {
        ...finding,
        verdict: 'confirmed',
        because: `requests go from node to pod by rules that are already on the nodes${withoutOwnerMs(measurement, held) < goneMs ? '' : ', by the floating IP too for clients that knew its Ethernet address'}`,
      }
    }
    if (dark[0] > goneMs || countsOf(baseline, vantages).failed === 0) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: onlyFloating
          ? `the workload answered on every worker, but not through the floating IP${givenUp(measurement)}`
          : `none was answered for ${formatInterval(dark)} at the worst${dnsOnLostNode(measurement)}`,
      }
    }
    return {
      ...finding,
      verdict: 'undetermined',
      because: 'requests failed before the fault too, and never all of them',
    }
  },
}

/** Names a cause that a run can see: look-ups that are still sent to the lost machine. */
function dnsOnLostNode(measurement: Measurement): string {
  const servers = measurement.events.filter(
    ({ name, subject }) => name === 'note' && subject === clusterDnsSubject,
  )
  const lost = servers.filter(({ node }) => node === hit(measurement)?.node)
  return lost.length === 0
    ? ''
    : `: ${lost.length} of ${servers.length} servers of the cluster's DNS ran on the lost machine, and with no control plane nobody takes them out of their Service`
}

const noConfiguration: Claim = {
  id: '000-no-config',
  document: '000',
  says: 'No configuration can be changed while the control plane is down.',
  condition: 'The only control plane is down.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const ways = measurement.vantages.filter(({ kind }) => kind.startsWith('api-'))
    if (hit(measurement)?.role !== 'control-plane' || held === null) return null
    const count = countsOf(held, ways)
    if (count.samples === 0) return null
    const answered = count.samples - count.failed
    return {
      verdict: answered === 0 ? 'confirmed' : 'contradicted',
      measured: `${answered} of ${count.samples} API requests were answered`,
      expected: 'none, by any way',
      because:
        answered === 0
          ? 'the only API server was on the machine that lost its power'
          : 'an API server answered although its machine was said to be down',
    }
  },
}

const configurationAgain: Claim = {
  id: '000-config-again',
  document: '000',
  says: 'Once the control plane is back, configuration can be changed again.',
  condition: 'The only control plane was down and has been started again.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement): Finding | null {
    const held = heldSpan(measurement)
    const undoneAtMs = measurement.faults[0]?.undoneAtMs ?? null
    const writes = measurement.vantages.find(
      ({ kind, connection }) => kind === 'api-write' && connection === 'new',
    )
    if (held === null || undoneAtMs === null || writes === undefined) return null
    const outage = outagesIn(writes, held).at(-1)
    if (outage === undefined) return null
    const wait: Interval = [
      Math.max(0, outage.endMs[0] - held.toMs),
      Math.max(0, outage.endMs[1] - held.toMs),
    ]
    const expected = 'writes are accepted again; the document names no time'
    return outage.ended
      ? {
          verdict: 'confirmed',
          measured: `first accepted write ${formatInterval(wait)} after the machine was started`,
          expected,
          because: `the machine, etcd and the API server start in turn; node Ready: ${orNotSeen(betweenSteps(measurement, 'healed', 'node-ready'))} after the heal`,
        }
      : {
          verdict: 'contradicted',
          measured: `writes failed until the end of the run, ${formatMs(wait[1])} after the machine was started`,
          expected,
          because: 'the control plane did not come back by itself',
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

export const claims000: readonly Claim[] = [
  podDown,
  workerIsDown,
  workerIsRestored,
  workloadSurvives,
  noConfiguration,
  configurationAgain,
]
