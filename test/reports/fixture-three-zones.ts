/**
 * Three zones, each with a control plane that is a worker too, behind a load balancer that forwards
 * a port which nothing serves: one zone loses power while the link between the other two loses
 * packets. One invariant did not hold. Made up by hand.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import type { Topology } from '../../harness/model/topology.ts'
import type { ReportInput } from '../../reports/input.ts'
import { controlPlaneDown } from './fixture-control-plane-down.ts'
import { measured, outage, samplesOf, type View } from './fixture-parts.ts'

const threeZones: Topology = {
  name: 'three-zones',
  title: 'Three controllers that are workers too, one in each zone',
  document: '002',
  sites: [
    { name: 'ch-sion-1', region: 'ch-sion', zone: 'ch-sion-1' },
    { name: 'at-vie-1', region: 'at-vie', zone: 'at-vie-1' },
    { name: 'de-fra-1', region: 'de-fra', zone: 'de-fra-1' },
  ],
  nodes: ['ch-sion-1', 'at-vie-1', 'de-fra-1'].map((site) => ({
    name: `k0s-${site}`,
    role: 'control-plane',
    site,
    schedulable: true,
  })),
  loadBalancer: {
    name: 'haproxy',
    balance: 'leastconn',
    port: 6443,
    frontend: 'kubeAPI',
    backend: 'kubeAPI_backend',
    timeouts: { connectMs: 10_000, clientMs: 86_400_000, serverMs: 86_400_000 },
    check: { kind: 'tls', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
    others: [
      {
        frontend: 'konnectivity',
        backend: 'konnectivity_backend',
        port: 8132,
        what: 'Konnectivity',
        served: false,
      },
      {
        frontend: 'controllerJoinAPI',
        backend: 'controllerJoinAPI_backend',
        port: 9443,
        what: 'the k0s API through which controllers join',
        served: false,
      },
    ],
    statsPagePort: 9000,
  },
  clusterDns: 'spread',
  imageRegistry: { node: 'k0s-ch-sion-1', port: 5000 },
  storage: { kind: 'shared', standIn: 'one folder of the host, mounted into every node' },
  workload: { pageReplicas: 3, apiReplicas: 3, nodePort: 30080 },
  differences: ['kubeadm in the place of k0s'],
}

const views: View[] = [
  {
    id: 'api-read',
    kind: 'api-read',
    through: 'load balancer',
    throughNode: null,
    connection: 'new',
    latencyMs: 8,
    windows: [{ fromMs: 30_050, toMs: 36_100, oneIn: 3, error: 'timeout' }],
    outages: [outage(30_050, 36_100, 3)],
  },
  ...['k0s-ch-sion-1', 'k0s-at-vie-1', 'k0s-de-fra-1'].map(
    (node): View => ({
      id: `page-${node}`,
      kind: 'page',
      through: `NodePort on ${node}`,
      throughNode: node,
      connection: 'new',
      latencyMs: 5,
      windows: [],
      outages: [],
    }),
  ),
]

const samples = views.flatMap((one) => samplesOf(one, 140_000))

export const zoneDown: ReportInput & { record: RunRecord } = {
  samples,
  events: [],
  topology: threeZones,
  record: {
    ...controlPlaneDown.record,
    runId: '20260303T090000-three-zones-controller-zone-down-kind',
    scenario: 'controller-zone-down',
    title: 'A zone is lost',
    whatIf: 'One of three zones loses power, and the link between the other two is bad.',
    topology: 'three-zones',
    provider: 'kind',
    timeSource: 'monotonic',
    faults: [
      {
        id: 'zone-power',
        kind: 'power.kill',
        target: 'k0s-at-vie-1',
        role: 'named in the plan',
        injectedAtMs: 30_000,
        tookHoldAtMs: 30_050,
        undoneAtMs: 100_000,
        receipt: { before: 'up', during: 'down', after: 'up' },
      },
      {
        id: 'bad-link',
        kind: 'network.loss',
        target: 'ch-sion-1/de-fra-1',
        role: 'named in the plan',
        injectedAtMs: 30_010,
        tookHoldAtMs: 30_100,
        undoneAtMs: null,
        receipt: { before: '0 of 20 lost', during: '6 of 20 lost', after: null },
      },
    ],
    vantages: views.map((one) => measured(one, samples, 30_000)),
    recovery: { ...controlPlaneDown.record.recovery, vantage: 'api-read' },
    floatingIp: null,
    invariants: [
      {
        id: 'etcd-members',
        holds: true,
        expected: '3 started, none a learner',
        seen: '3 of 3 started, 0 learners',
      },
      {
        id: 'load-balancer',
        holds: true,
        expected: '6443 (the Kubernetes API) UP; 8132 (Konnectivity) DOWN',
        seen: '6443: UP; 8132: DOWN',
      },
      {
        id: 'statistics-page',
        holds: false,
        expected: 'answers on port 9000',
        seen: 'no answer: refused',
      },
    ],
    claims: [],
    problems: ['the statistics page did not answer'],
    differences: [...threeZones.differences],
    verdict: 'undetermined',
  },
}
