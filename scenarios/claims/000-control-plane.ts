/**
 * What document 000, CX Worker HA, says of its single control plane: what goes on without it, what
 * does not, and what it takes to have it back.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { clusterDnsSubject } from '../../harness/model/event.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import { givenUp, withoutOwnerMs } from './floating-ip-reading.ts'
import {
  answeredIn,
  answeredText,
  betweenSteps,
  countsOf,
  countText,
  darkestMs,
  faultOn,
  floatingIpVantages,
  goneMs,
  heldSpan,
  hit,
  orNotSeen,
  outagesIn,
  spanOf,
  workloadVantages,
} from './reading.ts'

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
    const held = spanOf(measurement, 'away')
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
  scenarios: ['control-plane-down', 'control-plane-restored'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const ways = measurement.vantages.filter(({ kind }) => kind.startsWith('api-'))
    if (hit(measurement)?.role !== 'control-plane' || held === null) return null
    const count = countsOf(held, ways)
    if (count.samples === 0) return null
    const answered = answeredIn(count)
    return {
      verdict: answered === 0 ? 'confirmed' : 'contradicted',
      measured: `of the API, ${answeredText(count)}`,
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
  scenarios: ['control-plane-restored', 'control-plane-down'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement): Finding | null {
    const held = heldSpan(measurement)
    const undoneAtMs = faultOn(measurement, 'control-plane')?.undoneAtMs ?? null
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

const byHand: Claim = {
  id: '000-manual',
  document: '000',
  says: 'A control plane that does not restart by itself has to be repaired by a person.',
  condition:
    'The only control plane loses its power, and nothing starts it again until a person does. Read as: no API request is answered before that, and some are after it.',
  kubernetes: null,
  scenarios: ['control-plane-down', 'control-plane-restored'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const healed = spanOf(measurement, 'healed')
    const ways = apiWays(measurement)
    if (hit(measurement)?.role !== 'control-plane' || held === null || healed === null) return null
    const before = countsOf(held, ways)
    const after = countsOf(healed, ways)
    if (before.samples === 0 || after.samples === 0) return null
    const finding = {
      measured: `${answeredText(before)} in ${formatMs(held.toMs - held.fromMs)} without a person, ${answeredIn(after)} of ${after.samples} after the machine was started`,
      expected: 'none before it is repaired, and some after',
    }
    if (answeredIn(before) > 0) {
      return { ...finding, verdict: 'contradicted', because: 'the API came back by itself' }
    }
    return answeredIn(after) > 0
      ? {
          ...finding,
          verdict: 'confirmed',
          because: 'nothing in the cluster can start the machine on which its only API server is',
        }
      : {
          ...finding,
          verdict: 'undetermined',
          because:
            'it had not come back by the end of the run, so nothing shows that a start repairs it',
        }
  },
}

const apiWays = ({ vantages }: Measurement) =>
  vantages.filter(({ kind }) => kind.startsWith('api-'))

export const claimsOfControlPlanes: readonly Claim[] = [
  workloadSurvives,
  noConfiguration,
  configurationAgain,
  byHand,
]
