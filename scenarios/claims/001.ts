/**
 * What document 001, Worker HA with MetalLB, says of its workers: what moves when one is lost, what
 * a person has to do then, and what may run where.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { VantageMeasure } from '../../harness/model/record.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import { fiveMinutes } from './five-minutes.ts'
import {
  countsOf,
  countText,
  darkestMs,
  faultOfKind,
  fits,
  goneMs,
  heldSpan,
  hit,
  holdAll,
  lostNodes,
  outagesIn,
  saveVantages,
  workloadVantages,
} from './reading.ts'

const shared = ['cx-worker-ha-metallb'] as const
const both = ['cx-worker-ha-metallb', 'cx-worker-ha-metallb-local'] as const
const common = { document: '001', kubernetes: null, accepted: [] } as const

const tainted: Claim = {
  ...common,
  id: '001-tainted',
  says: 'A control plane that is tainted and drained runs no workload.',
  condition: 'Nothing is broken yet.',
  scenarios: [
    'pod-down',
    'component-down',
    'worker-down',
    'control-plane-rebuild',
    'vip-holder-down',
    'vip-without-control-plane',
  ],
  topologies: both,
  judge: (measurement) =>
    holdAll(measurement, ['taints', 'drained-control-plane'], {
      confirmed: 'the taint keeps pods away, and the drain moved those that tolerate it',
      contradicted: 'a pod runs there that neither a DaemonSet nor the kubelet itself keeps',
    }),
}

const movesOnSharedStorage: Claim = {
  ...common,
  id: '001-worker-down-shared',
  says: 'A worker that is down costs some features five minutes, and their pods move, with shared storage.',
  condition:
    'A worker is down, the control plane is up, and every node can mount every volume. Read as: by itself, before a person deletes anything.',
  kubernetes: 'a node may be silent for 50 s since 1.32, for 40 s before',
  scenarios: ['worker-down'],
  topologies: shared,
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'the database keeps its name, so no other is made until a person deletes the lost one; what has a second replica is back as soon as the node is NotReady',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const held = heldSpan(measurement)
    const away = longestAway(measurement)
    if (held === null || away === null || hit(measurement)?.role !== 'worker') return null
    const { promisedMs, text } = fiveMinutes(measurement)
    const helpedAtMs = faultOfKind(measurement, 'operator.force-delete')?.injectedAtMs ?? null
    const lastMs = helpedAtMs ?? held.toMs
    const { outageMs, endMs } = away
    const finding = {
      measured: awayText(away),
      expected: `${text}, without anybody's help`,
      duration: { measuredMs: outageMs, promisedMs },
    }
    if (endMs[0] >= lastMs) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: `it was not back by itself in ${formatMs(lastMs - held.fromMs)}, ${helpedAtMs === null ? 'until the worker was' : 'and a person had to delete what was stuck'}: a pod with an identity is not replaced while the lost one is Terminating, and one for a lost node alone nowhere, whatever the storage`,
      }
    }
    return {
      ...finding,
      verdict: fits(outageMs, promisedMs),
      because:
        outageMs[1] === 0
          ? 'what was lost had other replicas, which carried it'
          : `node silence of ${formatMs(measurement.plan.timers.nodeMonitorGraceMs)} comes before the toleration, and what has a second replica is back when the node is NotReady`,
    }
  },
}

const staysOnLocalStorage: Claim = {
  ...common,
  id: '001-worker-down-local',
  says: 'With local storage some features stay down: the lost node alone can run their pods.',
  condition:
    'The worker with the database is down, and its volume lies on that worker. Document 000 says so too.',
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha-metallb-local', 'cx-worker-ha-local'],
  judge(measurement) {
    const held = heldSpan(measurement)
    const saves = saveVantages(measurement)
    if (held === null || hit(measurement)?.role !== 'worker') return null
    if (countsOf(held, saves).samples === 0) return null
    const away = longestOf(saves, measurement)
    const waiting = waitingPods(measurement)
    const finding = {
      measured:
        away === null
          ? 'every save was answered'
          : `${awayText(away)}; waiting for a node: ${waiting.join(', ') || 'no pod'}`,
      expected: 'what is bound to the lost disk stays away until the worker is back',
    }
    if (away === null) {
      return { ...finding, verdict: 'contradicted', because: 'nothing was away at all' }
    }
    const stayed = away.endMs[0] >= held.toMs
    return {
      ...finding,
      verdict: stayed ? 'confirmed' : 'contradicted',
      because: stayed
        ? 'node affinity binds the volume to the disk it lies on, and its pod with it'
        : 'the pod was Ready elsewhere while its worker was away',
    }
  },
}

/** Workload pods created while the fault held, and bound to no node before the heal. */
function waitingPods(measurement: Measurement): string[] {
  const held = heldSpan(measurement)
  if (held === null) return []
  const inHeld = measurement.events.filter(
    ({ component, atMs }) => component !== null && atMs > held.fromMs && atMs <= held.toMs,
  )
  const bound = new Set(
    inHeld.filter(({ name }) => name === 'pod-scheduled').map(({ subject }) => subject),
  )
  const created = inHeld.filter(({ name }) => name === 'pod-created')
  return [...new Set(created.map(({ subject }) => subject))].filter((pod) => !bound.has(pod))
}

interface Away {
  vantage: string
  /** Without an upper bound where it was not back by the end. */
  outageMs: Interval
  /** When the last of its outages ended. */
  endMs: Interval
}

const awayText = ({ vantage, outageMs }: Away): string =>
  Number.isFinite(outageMs[1])
    ? `${vantage} unavailable for ${formatInterval(outageMs)}`
    : `${vantage} unavailable for at least ${formatMs(outageMs[0])}, and still so at the end of the run`

/** Of saves and reports that do not run through a lost node: the one that was away longest. */
function longestAway(measurement: Measurement): Away | null {
  const lost = lostNodes(measurement)
  const reports = measurement.vantages.filter(
    ({ kind, connection, throughNode }) =>
      kind === 'report' && connection === 'new' && !lost.includes(throughNode ?? ''),
  )
  const ways = [...saveVantages(measurement), ...reports]
  const [first] = ways
  if (first === undefined) return null
  return longestOf(ways, measurement) ?? { vantage: first.id, outageMs: [0, 0], endMs: [0, 0] }
}

function longestOf(ways: readonly VantageMeasure[], measurement: Measurement): Away | null {
  const held = heldSpan(measurement)
  if (held === null) return null
  return ways.reduce<Away | null>((longest, vantage) => {
    const outages = outagesIn(vantage, held)
    const last = outages.at(-1)
    if (last === undefined) return longest
    const outageMs = outages.reduce<Interval>(
      (sum, { durationMs, ended }) => [
        sum[0] + durationMs[0],
        ended ? sum[1] + durationMs[1] : Number.POSITIVE_INFINITY,
      ],
      [0, 0],
    )
    return longest === null || outageMs[1] > longest.outageMs[1]
      ? { vantage: vantage.id, outageMs, endMs: last.endMs }
      : longest
  }, null)
}

const reportingAlone: Claim = {
  ...common,
  id: '001-reporting',
  says: 'The extra worker carries reporting and nothing else.',
  condition:
    'A worker is lost. When it is the extra one, reports alone may fail; when it is another, nothing of it may move to the extra one.',
  scenarios: ['worker-down'],
  topologies: shared,
  judge(measurement) {
    const held = heldSpan(measurement)
    const extra = measurement.plan.topology.nodes.find(({ only }) => only === 'reporting')
    if (held === null || extra === undefined) return null
    if (hit(measurement)?.node === extra.name) return onlyReportsFail(measurement)
    const strangers = measurement.events.filter(
      ({ node, component }) =>
        node === extra.name && component !== null && component !== 'reporting',
    )
    const moved = measurement.events.filter(
      ({ name, component, node, atMs }) =>
        name === 'pod-scheduled' && component !== null && node !== null && atMs > held.fromMs,
    )
    if (moved.length === 0 && strangers.length === 0) return null
    const names = [...new Set(strangers.map(({ subject }) => subject))]
    return {
      verdict: names.length === 0 ? 'confirmed' : 'contradicted',
      measured: `${moved.length} pods were bound to a node after the loss, ${names.length} of other parts were seen on ${extra.name}`,
      expected: `none on ${extra.name}`,
      because:
        names.length === 0
          ? 'a taint keeps every other part away, even when a worker is missing'
          : `${names.join(', ')} ran there`,
    }
  },
}

function onlyReportsFail(measurement: Measurement): ReturnType<Claim['judge']> {
  const held = heldSpan(measurement)
  if (held === null) return null
  const reports = measurement.vantages.filter(
    ({ kind, connection }) => kind === 'report' && connection === 'new',
  )
  const [report, rest] = [reports, workloadVantages(measurement)].map((ways) =>
    countsOf(held, ways),
  )
  if (report === undefined || rest === undefined) return null
  if (report.samples === 0 || rest.samples === 0) return null
  const alone = rest.failed === 0 && darkestMs(reports, held)[0] > goneMs
  return {
    verdict: alone ? 'confirmed' : 'contradicted',
    measured: `reports: ${countText(report)}; page and save: ${countText(rest)}`,
    expected: 'reports fail, and nothing else',
    because: alone
      ? 'no other part runs on that worker, and no other worker is for reports'
      : rest.failed > 0
        ? 'other requests failed too'
        : 'reports went on although the worker that makes them was lost',
  }
}

export const claims001: readonly Claim[] = [
  movesOnSharedStorage,
  staysOnLocalStorage,
  tainted,
  reportingAlone,
]
