/**
 * What document 002, a highly available k0s cluster, says of losing a controller: by accident with
 * its zone, and on purpose.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { numberOf } from './facts.ts'
import {
  answeredIn,
  answeredText,
  countsOf,
  countText,
  darkestMs,
  faultOfKind,
  goneMs,
  heldSpan,
  hit,
  lostNodes,
  outagesIn,
  spanOf,
  throughLoadBalancer,
} from './reading.ts'

const common = {
  document: '002',
  kubernetes: null,
  topologies: ['k0s-three-zones'],
  accepted: [],
} as const

const quorum: Claim = {
  ...common,
  id: '002-quorum',
  says: 'An odd number of controllers, one in each zone, survives the loss of a machine or a zone.',
  condition:
    'One of three zones is lost; or two, which is more than three can bear, and then writes are expected to stop.',
  scenarios: ['controller-zone-down', 'quorum-lost'],
  judge: (measurement) =>
    lostNodes(measurement).length > 1 ? stopsWithTwo(measurement) : goesOnWithOne(measurement),
}

/** Reads and writes are good again while the zone is still away. */
function goesOnWithOne(measurement: Measurement): Finding | null {
  const held = spanOf(measurement, 'away')
  const after = spanOf(measurement, 'after-ejection')
  const ways = throughLoadBalancer(measurement)
  if (held === null || hit(measurement)?.role !== 'control-plane') return null
  const count = countsOf(held, ways)
  if (count.samples === 0) return null
  const outages = ways.flatMap((vantage) => outagesIn(vantage, held))
  const backMs = outages.reduce((latest, { endMs }) => Math.max(latest, endMs[1]), held.fromMs)
  const open = outages.some(({ ended, endMs }) => !ended || endMs[1] > held.toMs)
  const ejected = after === null ? null : countsOf(after, ways)
  const finding = {
    measured: `${countText(count)} without the zone${ejected === null ? '' : `, ${ejected.failed} of ${ejected.samples} of them after DOWN`}; all failed together for ${formatInterval(darkestMs(ways, held))} at the worst${open ? '' : `, and all were good ${formatMs(backMs - held.fromMs)} after its loss`}`,
    expected: 'reads and writes are good again while the zone is away',
  }
  return open
    ? {
        ...finding,
        verdict: outages.some(({ endMs }) => endMs[0] >= held.toMs)
          ? 'contradicted'
          : 'undetermined',
        because: 'requests still failed when the zone came back',
      }
    : {
        ...finding,
        verdict: 'confirmed',
        because:
          'two of three members are a majority; the load balancer sends to the lost one until its checks have failed, and a lost leader is replaced by election',
      }
}

/** With two of three away no write may be accepted, and writes come back with them. */
function stopsWithTwo(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  const healed = spanOf(measurement, 'healed')
  const writes = throughLoadBalancer(measurement).filter(({ kind }) => kind === 'api-write')
  if (held === null || healed === null) return null
  const count = countsOf(held, writes)
  const after = countsOf(healed, writes)
  if (count.samples === 0) return null
  const accepted = answeredIn(count)
  const finding = {
    measured: `of writes, ${answeredText(count)} with ${lostNodes(measurement).length} away; ${answeredIn(after)} of ${after.samples} after they were started`,
    expected: 'no write is accepted without a majority, and writes are again with one',
  }
  if (accepted > 0) {
    return {
      ...finding,
      verdict: 'contradicted',
      because: 'writes were accepted by one member of three',
    }
  }
  return answeredIn(after) > 0
    ? {
        ...finding,
        verdict: 'confirmed',
        because: 'one member of three is no majority: it takes no write until another is back',
      }
    : {
        ...finding,
        verdict: 'undetermined',
        because: 'writes had not come back by the end of the run',
      }
}

const ejection: Claim = {
  ...common,
  id: '002-eject',
  says: 'A controller is ejected by cordon, drain, deleting its node and removing its etcd member.',
  condition:
    'Nothing else is broken. Read as: one voting member fewer, and the API never gone for a second while it is done.',
  scenarios: ['eject-controller'],
  judge(measurement) {
    const eject = faultOfKind(measurement, 'operator.eject')
    const ways = throughLoadBalancer(measurement)
    const before = numberOf(eject, 'membersBefore')
    const voting = numberOf(eject, 'votingAfter')
    if (eject === null || before === null || voting === null) return null
    const members = numberOf(eject, 'membersAfter') ?? voting
    const quorumAfter = numberOf(eject, 'quorumAfter')
    const toMs = Math.max(...measurement.phases.map((phase) => phase.toMs), eject.injectedAtMs)
    const span = { name: 'held', fromMs: eject.injectedAtMs, toMs, counts: [] } as const
    const dark = darkestMs(ways, span)
    const failed = ways.reduce((sum, vantage) => sum + vantage.failed, 0)
    const samples = ways.reduce((sum, vantage) => sum + vantage.samples, 0)
    if (samples === 0) return null
    const quorumText = quorumAfter === null ? '' : `, of which ${quorumAfter} are a majority`
    const finding = {
      measured: `${voting} voting of ${members} members after it, ${before} before${quorumText}; ${failed} of ${samples} API requests failed, all together for ${formatInterval(dark)} at the worst`,
      expected: `${before - 1} voting members, and an API that is never gone for ${formatMs(goneMs)}`,
    }
    if (voting !== before - 1 || members !== voting) {
      return {
        ...finding,
        verdict: 'contradicted',
        because: 'etcd has other members than it should',
      }
    }
    return dark[0] > goneMs
      ? { ...finding, verdict: 'contradicted', because: 'the API was gone while it was done' }
      : {
          ...finding,
          verdict: 'confirmed',
          because: `the others kept a majority all along; with ${voting} members left, no further one may be lost`,
        }
  },
}

export const claimsOfZones: readonly Claim[] = [quorum, ejection]
