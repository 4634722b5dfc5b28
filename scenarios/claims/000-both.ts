/**
 * What document 000, CX Worker HA, says of losing more than one machine while its only control
 * plane is among them: nothing is moved, and what was lost stays lost until it is back.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import { undoBeganMs } from '../../harness/model/turning-points.ts'
import { formatMs } from '../../harness/model/units.ts'
import { aimsAtControlPlane } from './aims.ts'
import {
  answeredIn,
  answeredText,
  countsOf,
  faultOn,
  featuresIn,
  featuresText,
  goneMs,
  heldSpan,
  orNotSeen,
  outagesIn,
  saveVantages,
} from './reading.ts'

const common = { document: '000', kubernetes: null, topologies: ['cx-worker-ha'] } as const

/** From the control plane's loss to its start; null when it was not lost. */
function absence(measurement: Measurement): { fromMs: number; toMs: number } | null {
  const lost = faultOn(measurement, 'control-plane')
  if (lost === null) return null
  const endMs = Math.max(...measurement.phases.map(({ toMs }) => toMs), 0)
  const toMs = undoBeganMs(lost, measurement.phases, endMs)
  return { fromMs: lost.tookHoldAtMs ?? lost.injectedAtMs, toMs }
}

const noRescheduling: Claim = {
  ...common,
  id: '000-no-rescheduling',
  says: 'Nothing is rescheduled while the control plane is down.',
  condition:
    'The only control plane is down, alone or with a worker. Read as: no API request is answered, no pod is created or bound to a node, and what only a new pod can answer is not answered.',
  scenarios: ['control-plane-down', 'both-down'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const away = absence(measurement)
    if (held === null || away === null) return null
    const api = countsOf(
      held,
      measurement.vantages.filter(({ kind }) => kind.startsWith('api-')),
    )
    if (api.samples === 0) return null
    const moved = measurement.events.filter(
      ({ name, component, atMs }) =>
        component !== null &&
        (name === 'pod-created' || name === 'pod-scheduled') &&
        atMs > away.fromMs &&
        atMs < away.toMs,
    )
    const saves = faultOn(measurement, 'worker') === null ? [] : saveVantages(measurement)
    const back = saves.some((vantage) =>
      outagesIn(vantage, held).some(
        ({ ended, endMs, durationMs }) => ended && endMs[1] <= away.toMs && durationMs[0] > goneMs,
      ),
    )
    const nothing = moved.length === 0 && answeredIn(api) === 0 && !back
    return {
      verdict: nothing ? 'confirmed' : 'contradicted',
      measured: `${moved.length} pods created or bound in ${formatMs(away.toMs - away.fromMs)}; of the API, ${answeredText(api)}`,
      expected: 'none',
      because: nothing
        ? 'whoever creates and binds pods runs on the machine that was lost, or asks it'
        : moved.length > 0
          ? `pods were moved: ${moved.map(({ subject }) => subject).join(', ')}`
          : back
            ? 'what was lost with the worker answered again, although nobody could move it'
            : 'the API answered although its machine was lost',
    }
  },
}

const bothAreDown: Claim = {
  ...common,
  id: '000-both-down',
  says: 'The application may fail when a worker is down while the control plane is.',
  condition:
    'The only control plane and the worker with the database are down. Read as: what was lost with the worker stays away until the control plane is back.',
  scenarios: ['both-down'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const away = absence(measurement)
    const worker = faultOn(measurement, 'worker')
    const saves = saveVantages(measurement)
    if (held === null || away === null || worker === null) return null
    const count = countsOf(held, saves)
    if (count.samples === 0) return null
    const outages = saves.flatMap((vantage) => outagesIn(vantage, held))
    const last = outages.reduce<number>((latest, { endMs }) => Math.max(latest, endMs[1]), 0)
    const back = outages.every(({ ended }) => ended) ? last : null
    const noticed = measurement.events.find(
      ({ name, subject, atMs }) =>
        name === 'node-not-ready' && subject === worker.target && atMs >= away.toMs,
    )
    const since = (atMs: number | null) => orNotSeen(atMs === null ? null : atMs - away.toMs)
    const finding = {
      measured: `of saves ${answeredText(count)} in ${formatMs(held.toMs - held.fromMs)} with both away; after the control plane was started: ${worker.target} NotReady ${since(noticed?.atMs ?? null)}, saves good ${since(back)}`,
      expected: 'requests fail, and go on failing until the control plane is back',
    }
    const { nodeMonitorGraceMs, unreachableTolerationMs } = measurement.plan.timers
    if (count.failed === 0 || outages.length === 0) {
      return {
        ...finding,
        verdict: 'undetermined',
        because: 'nothing failed, and the document only says that something may',
      }
    }
    return last > away.toMs
      ? {
          ...finding,
          verdict: 'confirmed',
          because: `nobody notices a lost worker without a control plane; once that is back, the silence of ${formatMs(nodeMonitorGraceMs)} and the toleration of ${formatMs(unreachableTolerationMs)} begin anew`,
        }
      : {
          ...finding,
          verdict: 'contradicted',
          because: 'saves were answered again while nobody was there to move a pod',
        }
  },
}

const siteIsDown: Claim = {
  ...common,
  id: '000-site-down',
  says: 'Losing the site with the control plane and a worker may take the solution down, in part or as a whole.',
  condition: 'Every machine of the site with the control plane loses its power.',
  scenarios: ['site-down'],
  accepted: [],
  // Losing the other site is losing a worker.
  speaksOf: aimsAtControlPlane,
  judge(measurement) {
    const held = heldSpan(measurement)
    const features = held === null ? null : featuresIn(measurement, held)
    if (features === null || held === null) return null
    if (faultOn(measurement, 'control-plane') === null) return null
    if (faultOn(measurement, 'worker') === null) return null
    const finding = {
      measured: `${featuresText(features)}, in ${formatMs(held.toMs - held.fromMs)} without the site`,
      expected: 'a part or all of it fails',
    }
    if (features.every(({ count }) => count.failed === 0)) {
      return {
        ...finding,
        verdict: 'undetermined',
        because:
          'nothing failed: what the site carried had a second replica elsewhere, and the document only says may',
      }
    }
    const gone = features.filter(({ dark }) => dark[0] > goneMs).map(({ kind }) => kind)
    return {
      ...finding,
      verdict: 'confirmed',
      because: `${gone.length === features.length ? 'complete' : 'partial'}: what the site carried is neither noticed nor moved, for the control plane went with it`,
    }
  },
}

export const claimsOfBoth: readonly Claim[] = [noRescheduling, bothAreDown, siteIsDown]
