/**
 * A control plane lost behind a load balancer, as the model might have told it: one request in
 * three fails until the load balancer sees it. Made up by hand.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import { timersOf } from '../../harness/model/timers.ts'
import type { Topology } from '../../harness/model/topology.ts'
import type { ReportInput } from '../../reports/input.ts'
import { event, measured, outage, samplesOf, steps, type View } from './fixture-parts.ts'
import { workerDown } from './fixture-worker-down.ts'

const kubeadmStacked: Topology = {
  name: 'kubeadm-stacked',
  title: 'kubeadm with three stacked control planes behind HAProxy',
  document: '004',
  sites: [{ name: 'lab', region: 'lab', zone: 'lab' }],
  nodes: [
    ...['cp-1', 'cp-2', 'cp-3'].map((name) => ({
      name,
      role: 'control-plane' as const,
      site: 'lab',
      schedulable: false,
    })),
    ...['worker-1', 'worker-2', 'worker-3'].map((name) => ({
      name,
      role: 'worker' as const,
      site: 'lab',
      schedulable: true,
    })),
  ],
  loadBalancer: {
    name: 'k8s-vip',
    balance: 'roundrobin',
    port: 6443,
    frontend: 'k8s-api',
    backend: 'k8s-controls',
    timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
    check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
  },
  clusterDns: 'as-installed',
  storage: { kind: 'shared', standIn: 'a host folder mounted on every node' },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30080 },
  differences: ['one container network plugin in the place of another'],
}

const apiView = (id: string, through: string, node: string | null, rest: Partial<View>): View => ({
  id,
  kind: 'api-read',
  through,
  throughNode: node,
  connection: 'new',
  latencyMs: 8,
  windows: [],
  outages: [],
  ...rest,
})

const controlPlaneDownViews: View[] = [
  apiView('api-read-lb', 'load balancer', null, {
    windows: [{ fromMs: 30_050, toMs: 36_100, oneIn: 3, error: 'timeout' }],
    outages: [outage(30_050, 36_100, 3)],
  }),
  apiView('api-write-lb', 'load balancer', null, {
    kind: 'api-write',
    connection: 'reused',
    windows: [{ fromMs: 30_050, toMs: 31_600, oneIn: 1, error: 'timeout' }],
    outages: [outage(30_050, 31_600)],
  }),
  apiView('api-read-cp-1', 'API server of cp-1', 'cp-1', {
    windows: [{ fromMs: 30_050, toMs: 118_000, oneIn: 1, error: 'no-route' }],
    outages: [outage(30_050, 118_000)],
  }),
  apiView('api-read-cp-2', 'API server of cp-2', 'cp-2', {}),
  apiView('api-read-cp-3', 'API server of cp-3', 'cp-3', {}),
  apiView('page-worker-1', 'NodePort on worker-1', 'worker-1', { kind: 'page' }),
]

const controlPlaneDownSamples = controlPlaneDownViews.flatMap((view) => samplesOf(view, 140_000))

/** Simulated at the documented pace: one request in three fails until the load balancer sees it. */
export const controlPlaneDown: ReportInput & { record: RunRecord } = {
  samples: controlPlaneDownSamples,
  events: [
    event(30_000, { source: 'harness', name: 'fault', subject: 'cp-1', node: 'cp-1' }),
    event(36_080, {
      source: 'load-balancer',
      name: 'lb-down',
      subject: 'k8s-controls/cp-1',
      node: 'cp-1',
      detail: 'reason: Layer4 timeout, check duration: 2001ms',
    }),
    event(119_900, {
      source: 'load-balancer',
      name: 'lb-up',
      subject: 'k8s-controls/cp-1',
      node: 'cp-1',
      detail: 'reason: Layer4 check passed, check duration: 0ms',
    }),
  ],
  topology: kubeadmStacked,
  record: {
    ...workerDown.record,
    runId: '20260301T100000-kubeadm-stacked-control-plane-down-sim',
    scenario: 'control-plane-down',
    title: 'A control plane is down',
    whatIf: 'The control plane that answered last loses power.',
    topology: 'kubeadm-stacked',
    provider: 'sim',
    timeSource: 'virtual',
    pace: 'documented',
    timers: { ...timersOf('documented') },
    versions: { clusterdrill: '0.1.0' },
    phases: [
      { name: 'baseline', fromMs: 0, toMs: 30_000 },
      { name: 'inject', fromMs: 30_000, toMs: 30_400 },
      { name: 'observe', fromMs: 30_400, toMs: 100_000 },
      { name: 'heal', fromMs: 100_000, toMs: 104_000 },
      { name: 'settle', fromMs: 104_000, toMs: 140_000 },
    ],
    faults: [
      {
        id: 'control-plane-power',
        kind: 'power.kill',
        target: 'cp-1',
        role: 'control-plane-that-answered-last',
        injectedAtMs: 30_000,
        tookHoldAtMs: 30_000,
        undoneAtMs: 100_000,
        receipt: { before: 'up', during: 'down', after: 'up' },
      },
    ],
    vantages: controlPlaneDownViews.map((view) => measured(view, controlPlaneDownSamples, 30_000)),
    recovery: {
      reactionMs: [1_540, 1_540],
      repairMs: null,
      recoveryMs: [6_050, 6_100],
      outageMs: [6_000, 6_100],
      vantage: 'api-read-lb',
      steps: steps(30_000, [
        ['leader-elected', 1_540, 'etcd lost its leader; election timeout 1 s'],
        ['lb-down', 6_080, 'three checks in a row timed out'],
        ['service-available', 6_100, 'the load balancer sends nothing there any more'],
        ['node-not-ready', 52_300, 'no heartbeat for the grace period of 50 s'],
        ['lb-up', 89_900, 'two checks in a row passed'],
        ['node-ready', 92_400, 'kubelet posted status after power-on'],
      ]),
    },
    claims: [
      {
        id: '004-failover',
        source: '004: with the active control plane rebooted, kubectl keeps answering',
        verdict: 'confirmed',
        accepted: { verdict: 'confirmed', reason: '', date: '2026-02-20' },
        measured: 'two requests in three were answered throughout',
        expected: 'the API goes on answering',
        because: 'the load balancer still had two servers',
      },
      {
        id: '004-etcd',
        source: '004: etcd holds the data on all three members, one leads',
        verdict: 'confirmed',
        accepted: { verdict: 'confirmed', reason: '', date: '2026-02-20' },
        measured: 'a leader again after 1.5 s',
        expected: 'a leader among the remaining two',
        because: 'two of three are a quorum',
      },
    ],
    prediction: null,
    integrity: {
      acknowledgedWrites: 0,
      lostWrites: 0,
      readBack: true,
      apiWrites: { acknowledged: 2_769, highest: 2_799, held: 2_799 },
    },
    latenessMs: null,
    differences: [...kubeadmStacked.differences],
    verdict: 'confirmed',
  },
}
