/**
 * What documents 000 and 001 say of a pod, and of a component inside it, that is down: the first
 * rows of their what-if tables, in the same words in both.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import {
  countsOf,
  countText,
  featuresIn,
  featuresText,
  goneMs,
  heldSpan,
  saveVantages,
  workloadVantages,
} from './reading.ts'

const documents = [
  { document: '000', topologies: ['cx-worker-ha'] },
  { document: '001', topologies: ['cx-worker-ha-metallb'] },
] as const

const podsDown = documents.map(
  ({ document, topologies }): Claim => ({
    id: `${document}-pod-down`,
    document,
    says: 'While a pod is down, some features may fail; not all of them do.',
    condition: 'The only pod of the database is deleted, in order, and its node stays.',
    kubernetes: null,
    scenarios: ['pod-down'],
    topologies,
    accepted: [],
    judge: someFeaturesFail,
  }),
)

function someFeaturesFail(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  const features = held === null ? null : featuresIn(measurement, held)
  if (features === null) return null
  const finding = {
    measured: featuresText(features),
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
        ? 'requests failed, but no feature was gone: others of its pods, or the next one, had them'
        : `${gone.join(', ')} needs a pod of which there is one; the rest goes on without it`,
  }
}

const componentsDown = documents.map(
  ({ document, topologies }): Claim => ({
    id: `${document}-component-down`,
    document,
    says: 'While a component inside a pod is down, interworking suffers: queries and saves may fail.',
    condition: 'The database is killed inside its pod, and again when it is back; the pod stays.',
    kubernetes: 'a container that fails again is started after 10 s, then 20 s, up to 5 min',
    scenarios: ['component-down'],
    topologies,
    accepted: [],
    judge: interworkingSuffers,
  }),
)

function interworkingSuffers(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  const features = held === null ? null : featuresIn(measurement, held)
  const kills = killsOf(measurement)
  if (features === null || kills.length === 0) return null
  const failing = features.filter(({ count }) => count.failed > 0).map(({ kind }) => kind)
  const pauses = kills.map(({ awayMs }) => formatInterval(awayMs)).join(', then ')
  return {
    verdict: failing.length > 0 ? 'confirmed' : 'contradicted',
    measured: `saves away for ${pauses}; ${featuresText(features)}`,
    expected: 'what needs the component fails while it is down',
    because:
      failing.length > 0
        ? `${failing.join(' and ')} ${failing.length === 1 ? 'needs' : 'need'} the database; the kubelet starts its container again in the same pod, at once the first time and after a pause when it fails again`
        : 'the component was killed, and no request that needs it failed',
  }
}

/** For each time that the component was killed, in order: how long no save was answered. */
function killsOf(measurement: Measurement): { awayMs: Interval }[] {
  const kills = measurement.faults
    .filter(({ kind }) => kind === 'process.container-kill')
    .toSorted((a, b) => a.injectedAtMs - b.injectedAtMs)
  const outages = saveVantages(measurement).flatMap((vantage) => vantage.outages)
  return kills.map(({ injectedAtMs }, index) => {
    const untilMs = kills[index + 1]?.injectedAtMs ?? Number.POSITIVE_INFINITY
    const longest = outages
      .filter(({ startMs, endMs }) => endMs[1] > injectedAtMs && startMs[1] < untilMs)
      .reduce<Interval>(
        (most, { durationMs }) => (durationMs[1] > most[1] ? durationMs : most),
        [0, 0],
      )
    return { awayMs: longest }
  })
}

const componentUp: Claim = {
  id: '000-component-up',
  document: '000',
  says: 'Once the component is up again, the application works normally.',
  condition:
    'The database was killed inside its pod and started again by the kubelet. Read as: every way is good at the end, and no acknowledged save is gone.',
  kubernetes: null,
  scenarios: ['component-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const vantages = workloadVantages(measurement)
    const { acknowledgedWrites, lostWrites, readBack } = measurement.integrity
    if (killsOf(measurement).length === 0 || vantages.length === 0) return null
    const open = vantages.filter(({ outages }) => outages.some(({ ended }) => !ended))
    const healed = measurement.spans.find(({ name }) => name === 'healed')
    const after = healed === undefined ? null : countsOf(healed, vantages)
    if (after === null || after.samples === 0) return null
    const saves = readBack
      ? `${acknowledgedWrites - lostWrites} of ${acknowledgedWrites} acknowledged saves are there`
      : 'the acknowledged saves could not be read back'
    const finding = {
      measured: `${countText(after)} afterwards; ${saves}`,
      expected: 'every way good again, and every acknowledged save there',
    }
    if (open.length > 0) {
      const ids = open.map(({ id }) => id).join(', ')
      return { ...finding, verdict: 'contradicted', because: `${ids} had not come back at the end` }
    }
    if (after.failed > 0) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: 'requests failed after the component had come back',
      }
    }
    if (!readBack) {
      return {
        ...finding,
        verdict: 'undetermined',
        because: 'every way came back, but nobody could tell whether saves were lost',
      }
    }
    return lostWrites > 0
      ? {
          ...finding,
          verdict: 'contradicted',
          because: `${lostWrites} saves were acknowledged and are gone`,
        }
      : {
          ...finding,
          verdict: 'confirmed',
          because: 'the container came back on the same volume, to which every save was written',
        }
  },
}

export const claimsOfPods: readonly Claim[] = [...podsDown, ...componentsDown, componentUp]
