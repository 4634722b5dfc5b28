/**
 * What documents 000 and 001 say of their floating IP: that it moves between workers, one holds it,
 * and it outlasts the control plane. Judged by who answers for it on its segment.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { formatMs } from '../../harness/model/units.ts'
import {
  answeredMs,
  givenUp,
  ownerAt,
  tenuresIn,
  tenuresText,
  withoutOwnerMs,
} from './floating-ip-reading.ts'
import {
  countsOf,
  countText,
  darkestMs,
  floatingIpVantages,
  goneMs,
  heldSpan,
  hit,
} from './reading.ts'

const keepsWorkload: Claim = {
  id: '000-vip',
  document: '000',
  says: 'The floating IP keeps the workload reachable while the control plane is away for a while.',
  condition: 'The only control plane is down, and every worker is up.',
  kubernetes: null,
  scenarios: ['control-plane-down', 'vip-without-control-plane'],
  topologies: ['cx-worker-ha'],
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'the address is shared by leader election through a Lease, and without the API the leader cannot renew it',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const held = heldSpan(measurement)
    const vantages = floatingIpVantages(measurement)
    if (hit(measurement)?.role !== 'control-plane' || held === null || vantages.length === 0)
      return null
    const count = countsOf(held, vantages)
    const dark = darkestMs(vantages, held)
    const engine = measurement.floatingIp?.engine ?? 'an unknown program'
    const nobodyMs = withoutOwnerMs(measurement, held)
    const finding = {
      measured: `nobody answered for the address for ${formatMs(nobodyMs)} (${engine}); of clients that knew its Ethernet address already, ${countText(count)}`,
      expected: 'the address is answered for, and requests through it go on',
    }
    if (count.failed === 0 && nobodyMs < goneMs) {
      return { ...finding, verdict: 'confirmed', because: 'its holder kept the address' }
    }
    if (dark[0] <= goneMs && nobodyMs < goneMs) {
      return {
        ...finding,
        verdict: 'undetermined',
        because: 'requests failed, but never all of them',
      }
    }
    return {
      ...finding,
      verdict: 'contradicted',
      because: `a client that has to ask who has the address found nobody${givenUp(measurement)}${count.failed === 0 ? '; the rules of its Service stay on the node, so clients that still send there are served' : ''}`,
    }
  },
}

const failsOver: Claim = {
  id: '000-vip-failover',
  document: '000',
  says: 'The floating IP is shared among the workers, and one of them holds it.',
  condition: 'The worker that holds it loses its power, and the control plane is up.',
  kubernetes: null,
  scenarios: ['vip-holder-down', 'site-cut'],
  topologies: ['cx-worker-ha'],
  accepted: [],
  judge: (measurement) =>
    hit(measurement)?.kind.startsWith('network.')
      ? oneHolderInCut(measurement)
      : movesToAnother(measurement),
}

const countsOfPods: Claim = {
  id: '000-vip-daemonset',
  document: '000',
  says: 'There are as many pods of kube-vip as control-plane nodes.',
  condition:
    "The document's own words, side by side; no cluster is needed. Held against the floating IP that it wants shared among all workers.",
  kubernetes: null,
  scenarios: ['vip-holder-down', 'vip-without-control-plane'],
  topologies: ['cx-worker-ha'],
  accepted: [
    {
      verdict: 'contradicted',
      reason:
        'the document wants the address shared among the workers, and counts the pods that share it by the control planes, of which there is one',
      date: '2026-11-21',
    },
  ],
  judge({ plan }) {
    const { floatingIp, nodes } = plan.topology
    if (floatingIp?.documented !== 'kube-vip') return null
    const controlPlanes = nodes.filter(({ role }) => role === 'control-plane')
    const same =
      floatingIp.announcers.length === controlPlanes.length &&
      controlPlanes.every(({ name }) => floatingIp.announcers.includes(name))
    return {
      verdict: same ? 'confirmed' : 'contradicted',
      measured: `shared by ${floatingIp.announcers.join(', ')}; control-plane nodes: ${controlPlanes.map(({ name }) => name).join(', ')}`,
      expected: 'a pod on each control-plane node, and on no other',
      because: same
        ? 'the nodes that share the address are the control planes'
        : 'pods on the control planes alone cannot share an address among the workers: the document says both',
    }
  },
}

/** Two sites that cannot see each other: one owner at a time even then. */
function oneHolderInCut(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  if (held === null) return null
  const tenures = tenuresIn(measurement, held)
  if (tenures.length === 0) return null
  const doubledMs = answeredMs(measurement, held, (owners) => owners > 1)
  return {
    verdict: doubledMs > 0 ? 'contradicted' : 'confirmed',
    measured: `${tenuresText(tenures)}, by ${measurement.floatingIp?.engine ?? 'an unknown program'}`,
    expected: 'never two owners at a time, on whichever side',
    because:
      doubledMs > 0
        ? `nodes of both sites answered at once for ${formatMs(doubledMs)}`
        : 'a holder that is cut off from the API gives the address up before another takes it',
  }
}

const announcedByEither: Claim = {
  id: '001-vip',
  document: '001',
  says: 'Either worker announces the address, and the other takes over without the API.',
  condition:
    'The worker that announces it, or the only control plane, loses its power. What really announces it is named in the record.',
  kubernetes: null,
  scenarios: ['vip-holder-down', 'vip-without-control-plane'],
  topologies: ['cx-worker-ha-metallb'],
  accepted: [],
  judge(measurement) {
    return hit(measurement)?.role === 'worker'
      ? movesToAnother(measurement)
      : staysWithoutControlPlane(measurement)
  },
}

/** One owner at a time, and another one than the lost one before the heal. */
function movesToAnother(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  const lost = hit(measurement)?.node
  const injectedAtMs = measurement.faults[0]?.injectedAtMs
  if (held === null || lost === undefined || injectedAtMs === undefined) return null
  const tenures = tenuresIn(measurement, { ...held, fromMs: injectedAtMs })
  if (tenures.length === 0 || ownerAt(measurement, injectedAtMs) !== lost) return null
  const doubledMs = answeredMs(measurement, held, (owners) => owners > 1)
  const heir = tenures.find(({ owners }) => owners.length === 1 && owners[0] !== lost)
  const finding = {
    measured: `${tenuresText(tenures)}, by ${measurement.floatingIp?.engine ?? 'an unknown program'}`,
    expected: 'exactly one owner at a time, and another worker after the lost one',
  }
  if (doubledMs > 0) {
    return {
      ...finding,
      verdict: 'contradicted',
      because: `two nodes answered at once for ${formatMs(doubledMs)}`,
    }
  }
  return heir === undefined
    ? { ...finding, verdict: 'contradicted', because: 'no other worker took the address over' }
    : {
        ...finding,
        verdict: 'confirmed',
        because: `${heir.owners[0]} answered ${formatMs(heir.fromMs - injectedAtMs)} after the fault; until then nobody did`,
      }
}

function staysWithoutControlPlane(measurement: Measurement): Finding | null {
  const held = heldSpan(measurement)
  if (held === null || measurement.floatingIp === null) return null
  const count = countsOf(held, floatingIpVantages(measurement))
  if (count.samples === 0) return null
  const nobodyMs = withoutOwnerMs(measurement, held)
  const stays = nobodyMs < goneMs && count.failed === 0
  return {
    verdict: stays ? 'confirmed' : 'contradicted',
    measured: `${tenuresText(tenuresIn(measurement, held))}, by ${measurement.floatingIp.engine}; ${countText(count)}`,
    expected: 'the same owner, and every request answered',
    because: stays
      ? 'the workers agree on the owner among themselves, and need no API for it'
      : `nobody answered for ${formatMs(nobodyMs)}, or requests failed`,
  }
}

export const claimsOfFloatingIps: readonly Claim[] = [
  keepsWorkload,
  failsOver,
  countsOfPods,
  announcedByEither,
]
