/**
 * What document 002, a highly available k0s cluster, says that a look at the standing cluster or at
 * the document's own files can decide.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { differingAddresses } from '../../harness/model/topology.ts'
import { holdAll, invariantOf } from './reading.ts'

const common = {
  document: '002',
  condition: 'Nothing is broken yet.',
  kubernetes: null,
  scenarios: ['control-plane-down', 'controller-zone-down', 'quorum-lost', 'eject-controller'],
  topologies: ['k0s-three-zones'],
} as const

const loadBalancer: Claim = {
  ...common,
  id: '002-lb',
  says: 'Clients reach the API through HAProxy, leastconn with TLS checks, on 6443, 8132 and 9443.',
  accepted: [
    {
      verdict: 'undetermined',
      reason: 'what answers on 8132 and 9443 is part of k0s alone, and kubeadm has none of it',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const ports = invariantOf(measurement, 'load-balancer')
    const page = invariantOf(measurement, 'statistics-page')
    if (ports === null || page === null) return null
    const measured = `${ports.seen}; statistics page: ${page.seen}`
    const expected = `6443, 8132 and 9443 UP, and the statistics page ${page.expected}`
    if (!ports.holds || !page.holds) {
      return {
        verdict: 'contradicted',
        measured,
        expected,
        because: 'HAProxy has not the servers that stand here, or shows no page',
      }
    }
    const others = measurement.plan.topology.loadBalancer?.others ?? []
    const unserved = others.filter(({ served }) => !served)
    return unserved.length === 0
      ? { verdict: 'confirmed', measured, expected, because: 'every port has its servers UP' }
      : {
          verdict: 'undetermined',
          measured,
          expected,
          because: `the API answers through HAProxy; undetermined, because nothing here serves ${unserved.map(({ port, what }) => `${port} (${what})`).join(' and ')}`,
        }
  },
}

const members: Claim = {
  ...common,
  id: '002-members',
  says: 'etcd has three started members, and none is a learner.',
  accepted: [],
  judge: (measurement) =>
    holdAll(measurement, ['etcd-members'], {
      confirmed: 'every controller carries one voting member',
      contradicted: 'etcd has other members than the controllers of the document',
    }),
}

const noTaint: Claim = {
  ...common,
  id: '002-no-taint',
  says: 'Controllers are workers too: no taint keeps the workload away.',
  accepted: [],
  judge: (measurement) =>
    holdAll(measurement, ['taints', 'nodes'], {
      confirmed: 'there is no other node, so the workload runs on the controllers',
      contradicted: 'a controller is tainted, or is not Ready',
    }),
}

const addresses: Claim = {
  ...common,
  id: '002-addresses',
  says: 'The load balancer and the list of hosts speak of the same three machines.',
  condition: "The document's own files, side by side; no cluster is needed.",
  accepted: [
    {
      verdict: 'contradicted',
      reason: 'HAProxy sends to 10.10.2.2 what the host list puts at 10.10.3.2',
      date: '2026-11-21',
    },
  ],
  judge(measurement) {
    const differing = differingAddresses(measurement.plan.topology)
    return {
      verdict: differing.length === 0 ? 'confirmed' : 'contradicted',
      measured:
        differing
          .map(
            ({ node, balanced, listed }) =>
              `${node}: ${balanced} in HAProxy, ${listed} in the list`,
          )
          .join('; ') || 'the same address in both, for every machine',
      expected: 'one address for each machine',
      because:
        differing.length === 0
          ? 'both files name the same addresses'
          : `followed to the letter, ${differing.map(({ node }) => node).join(', ')} would never be UP`,
    }
  },
}

export const claims002: readonly Claim[] = [loadBalancer, members, noTaint, addresses]
