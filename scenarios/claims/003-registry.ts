/**
 * What document 003, embedded Kubernetes in high availability mode, lists as known to go wrong: the
 * registry on the primary, the quorum of replicated storage, two masters that join at once, and an
 * alias of a shell.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { Outage } from '../../harness/model/record.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { flagOf, numberOf } from './facts.ts'
import {
  answeredText,
  countsOf,
  darkestMs,
  faultOfKind,
  faultOn,
  goneMs,
  heldSpan,
  saveVantages,
  workloadVantages,
} from './reading.ts'

const common = {
  document: '003',
  kubernetes: null,
  topologies: ['embedded-external-lb'],
} as const

const registry: Claim = {
  ...common,
  id: '003-registry',
  says: 'Air-gapped, the primary master cannot be lost: the image registry is on it.',
  condition:
    'The primary is lost, and later a worker, whose pods must be pulled elsewhere. Read as: what runs goes on, and what was lost with the worker does not come back meanwhile.',
  scenarios: ['registry-host-down'],
  accepted: [],
  judge(measurement) {
    const host = faultOn(measurement, 'control-plane')
    const worker = faultOn(measurement, 'worker')
    const saves = saveVantages(measurement)
    if (host === null || worker === null || saves.length === 0) return null
    const endMs = Math.max(...measurement.phases.map(({ toMs }) => toMs), 0)
    const healMs = Math.min(worker.undoFromMs ?? endMs, host.undoFromMs ?? endMs)
    const alone = within(measurement, host.injectedAtMs, worker.injectedAtMs)
    const outages = saves
      .flatMap((vantage) => vantage.outages)
      .filter(({ endMs: end }) => end[1] > worker.injectedAtMs)
    const last = outages.toSorted((a, b) => a.endMs[0] - b.endMs[0]).at(-1)
    const unpulled = neverReady(measurement, worker.injectedAtMs, healMs)
    const stayed = last !== undefined && (!last.ended || last.endMs[0] >= healMs)
    const finding = {
      measured: `${alone.length === 0 ? 'page and save went on' : `page or save failed ${alone.length} times`} in ${formatMs(worker.injectedAtMs - host.injectedAtMs)} without the registry; after the worker's loss saves were away for ${last === undefined ? 'no time' : formatInterval(last.durationMs)}, and ${unpulled.length} pods were made that never were Ready (${unpulled.join(', ') || 'none'})`,
      expected: 'running pods live on, moved ones cannot be pulled until the primary is back',
    }
    if (!stayed) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: 'what was lost came back elsewhere although the registry was away',
      }
    }
    if (unpulled.length === 0) {
      return {
        ...finding,
        verdict: 'undetermined',
        because:
          'no pod was made in the place of a lost one before the heal, so none had to be pulled',
      }
    }
    const dark = alone.some(({ durationMs }) => durationMs[0] > goneMs)
    return {
      ...finding,
      verdict: 'confirmed',
      because: `their images are pulled from the address of ${host.target}, and no other node holds them${dark ? '; what ran did not go on undisturbed either' : ''}`,
    }
  },
}

/** Outages of page and save that began in that time. */
const within = (measurement: Measurement, fromMs: number, toMs: number): Outage[] =>
  workloadVantages(measurement)
    .flatMap((vantage) => vantage.outages)
    .filter(({ startMs }) => startMs[1] >= fromMs && startMs[1] < toMs)

/** Workload pods made in that time and not Ready in it. */
function neverReady({ events }: Measurement, fromMs: number, toMs: number): string[] {
  const inTime = events.filter(
    ({ component, atMs }) => component !== null && atMs >= fromMs && atMs < toMs,
  )
  const ready = new Set(
    inTime.filter(({ name }) => name === 'pod-ready').map(({ subject }) => subject),
  )
  const made = inTime.filter(({ name }) => name === 'pod-created')
  return [...new Set(made.map(({ subject }) => subject))].filter((pod) => !ready.has(pod))
}

const storageQuorum: Claim = {
  ...common,
  id: '003-storage-quorum',
  says: 'A lost node may cost replicated storage its quorum, and pods with claims hang.',
  condition:
    'A worker is lost, or so many that most copies of a volume are gone; the store keeps several.',
  scenarios: ['storage-quorum-lost', 'worker-down'],
  topologies: ['embedded-external-lb', 'embedded-no-lb'],
  accepted: [
    {
      verdict: 'confirmed',
      providers: ['sim'],
      scenarios: ['storage-quorum-lost'],
      reason: 'the model has a store that keeps three copies, of which two must be left',
      date: '2026-11-22',
    },
    {
      verdict: 'undetermined',
      reason: 'no cluster made here has a store that keeps several copies of a volume',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const held = heldSpan(measurement)
    const saves = saveVantages(measurement)
    const { scenario, provider } = measurement.plan
    if (held === null || !scenario.needs.includes('storage')) {
      return {
        verdict: 'undetermined',
        measured: held === null ? 'nothing was broken' : 'one copy of each volume, and no quorum',
        expected: 'pods with claims hang when most copies are gone',
        because: `undetermined, because ${provider} has no store that keeps several copies of a volume`,
      }
    }
    const count = countsOf(held, saves)
    if (count.samples === 0) return null
    const last = saves
      .flatMap((vantage) => vantage.outages)
      .filter(({ endMs, startMs }) => endMs[1] > held.fromMs && startMs[0] < held.toMs)
      .reduce((latest, { endMs }) => Math.max(latest, endMs[0]), 0)
    const hung = last >= held.toMs
    return {
      verdict: hung ? 'confirmed' : 'contradicted',
      measured: `of saves, ${answeredText(count)} in ${formatMs(held.toMs - held.fromMs)} without most copies`,
      expected: 'what needs the volume hangs until its nodes are back',
      because: hung
        ? 'without most of its copies the store neither reads nor writes, wherever the pod is'
        : 'the volume was usable without most of its copies',
    }
  },
}

const joinedTogether: Claim = {
  ...common,
  id: '003-joined-together',
  says: 'When two masters are joined at once, etcd can fail for want of started members.',
  condition:
    'Two masters join the only one that is left, at the same time. Read as failed: a join that does not succeed, a member that is missing, or a majority that is lost.',
  kubernetes: 'newer kubeadm asks etcd again for two minutes when it refuses a member',
  scenarios: ['masters-joined-together'],
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'etcd does refuse the second member, again and again, but this kubeadm asks for two minutes until it does not',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const join = faultOfKind(measurement, 'operator.join-together')
    const joined = numberOf(join, 'joined')
    if (join === null || joined === null) return null
    const masters = measurement.plan.topology.nodes.filter(({ role }) => role === 'control-plane')
    const members = numberOf(join, 'membersAfter')
    const names = ['refusedUnhealthy', 'refusedLearner', 'refusedOther'] as const
    const [unhealthy = 0, learner = 0, other = 0] = names.map((name) => numberOf(join, name) ?? 0)
    const refused = unhealthy + learner + other
    const finding = {
      measured: `${joined} of 2 joined, ${members ?? 'unknown'} members after it; etcd refused ${refused} times (${unhealthy} as unhealthy, ${learner} for a learner that was not done, ${other} otherwise); the API was gone for ${formatInterval(darkestWrites(measurement))} at the worst`,
      expected: 'a join that fails, or an etcd that does',
    }
    const failed =
      joined < 2 ||
      (members !== null && members < masters.length) ||
      flagOf(join, 'quorumKept') === false
    if (failed) {
      return {
        ...finding,
        verdict: 'confirmed',
        because: 'etcd takes no further member before every one it has is started and connected',
      }
    }
    return refused > 0
      ? {
          ...finding,
          verdict: 'contradicted',
          because:
            'etcd refused the second member until the first had started, and kubeadm asked again until it did not',
        }
      : {
          ...finding,
          verdict: 'undetermined',
          because: 'the two did not meet: etcd refused nothing',
        }
  },
}

function darkestWrites(measurement: Measurement) {
  const endMs = Math.max(...measurement.phases.map(({ toMs }) => toMs), 0)
  const fromMs = measurement.faults[0]?.injectedAtMs ?? 0
  const writes = measurement.vantages.filter(
    ({ kind, connection }) => kind === 'api-write' && connection === 'new',
  )
  return darkestMs(writes, { name: 'held', fromMs, toMs: endMs, counts: [] })
}

const alias: Claim = {
  id: '003-alias',
  document: '003',
  says: "The application's shell alias works only on the node on which its pod was scheduled.",
  condition: 'Always.',
  kubernetes: null,
  outOfScope: 'an alias of a shell is no failure of a cluster, and nothing can be drilled about it',
  scenarios: [],
  accepted: [
    {
      verdict: 'undetermined',
      reason: 'not a failure of the cluster: listed, and out of scope',
      date: '2026-11-21',
    },
  ],
  judge: () => null,
}

export const claimsOfKnownIssues: readonly Claim[] = [
  registry,
  storageQuorum,
  joinedTogether,
  alias,
]
