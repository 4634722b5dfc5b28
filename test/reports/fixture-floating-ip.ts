/**
 * Two sites, a drained control plane, a worker for reporting alone, volumes on a worker's own disk
 * and a floating IP: once its holder loses power, once the link between the sites is cut and both
 * workers answer for it. Made up by hand.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import { timersOf } from '../../harness/model/timers.ts'
import type { Topology } from '../../harness/model/topology.ts'
import type { ReportInput } from '../../reports/input.ts'
import { event, measured, outage, samplesOf, steps, type View } from './fixture-parts.ts'
import { workerDown } from './fixture-worker-down.ts'

const twoSites: Topology = {
  name: 'two-sites',
  title: 'Workers on two sites share a floating IP',
  document: '001',
  sites: [
    { name: 'site-a', region: 'cx', zone: 'north' },
    { name: 'site-b', region: 'cx', zone: 'south' },
  ],
  nodes: [
    {
      name: 'control-plane',
      role: 'control-plane',
      site: 'site-a',
      schedulable: false,
      drained: true,
    },
    { name: 'worker-a', role: 'worker', site: 'site-a', schedulable: true },
    { name: 'worker-b', role: 'worker', site: 'site-b', schedulable: true },
    { name: 'reporting', role: 'worker', site: 'site-a', schedulable: true, only: 'reporting' },
  ],
  loadBalancer: null,
  clusterDns: 'spread',
  floatingIp: {
    documented: 'MetalLB',
    announcers: ['worker-a', 'worker-b'],
    port: 80,
    leadsTo: 'ingress',
  },
  storage: { kind: 'local', standIn: 'a folder on the disk of the node where the pod first ran' },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30080, extra: ['reporting', 'ingress'] },
  differences: ['keepalived in the place of MetalLB'],
}

const view = (id: string, kind: View['kind'], rest: Partial<View> = {}): View => ({
  id,
  kind,
  through: 'floating IP',
  throughNode: null,
  connection: 'new',
  latencyMs: 5,
  windows: [],
  outages: [],
  ...rest,
})

const held = { fromMs: 10_050, toMs: 14_350, oneIn: 1, error: 'timeout' }

const views: View[] = [
  view('api-read', 'api-read', {
    through: 'API server of control-plane',
    throughNode: 'control-plane',
  }),
  view('page', 'page', { windows: [held], outages: [outage(10_050, 14_350)] }),
  view('save', 'save', {
    windows: [{ ...held, toMs: 57_000 }],
    outages: [outage(10_050, 57_000)],
  }),
  view('report', 'report', { windows: [held], outages: [outage(10_050, 14_350)] }),
  view('page-worker-b', 'page', { through: 'NodePort on worker-b', throughNode: 'worker-b' }),
]

const samples = views.flatMap((one) => samplesOf(one, 79_000))

/** The holder loses power: nobody answers for 4.2 s, then the other worker; a short double at the end. */
export const holderDown: ReportInput & { record: RunRecord } = {
  samples,
  topology: twoSites,
  events: [
    event(10_000, { source: 'harness', name: 'fault', subject: 'worker-a', node: 'worker-a' }),
    event(10_050, {
      source: 'arp',
      name: 'floating-ip-owner',
      subject: '172.28.255.1',
      node: null,
      detail: 'nobody',
    }),
    event(14_250, {
      source: 'arp',
      name: 'floating-ip-owner',
      subject: '172.28.255.1',
      node: null,
      detail: 'worker-b',
    }),
  ],
  record: {
    ...workerDown.record,
    runId: '20260302T090000-two-sites-vip-holder-down-kind',
    scenario: 'vip-holder-down',
    title: 'The holder of the floating IP is down',
    whatIf: 'The worker that holds the floating IP loses power.',
    topology: 'two-sites',
    pace: 'documented',
    timers: { ...timersOf('documented') },
    faults: [
      {
        id: 'holder-power',
        kind: 'power.kill',
        target: 'worker-a',
        role: 'runs database-0',
        injectedAtMs: 10_000,
        tookHoldAtMs: 10_040,
        undoneAtMs: 57_000,
        receipt: { before: 'up', during: 'down', after: 'up again' },
      },
    ],
    vantages: views.map((one) => measured(one, samples, 10_000)),
    recovery: {
      reactionMs: [4_250, 4_250],
      repairMs: null,
      recoveryMs: [4_300, 4_350],
      outageMs: [4_250, 4_350],
      vantage: 'page',
      steps: steps(10_000, [['floating-ip-moved', 4_250, 'three advertisements were missed']]),
    },
    claims: [
      {
        id: '001-vip',
        source: '001: the floating IP is announced from either worker',
        verdict: 'confirmed',
        accepted: { verdict: 'confirmed', reason: '', date: '2026-02-20' },
        measured: 'worker-b after 4.2 s',
        expected: 'the other worker answers',
        because: 'keepalived missed three advertisements',
      },
    ],
    prediction: null,
    floatingIp: {
      address: '172.28.255.1',
      engine: 'keepalived 2.3.3, one advertisement a second',
      documented: 'MetalLB',
      tenures: [
        { owners: ['worker-a'], fromMs: 0, toMs: 10_050 },
        { owners: [], fromMs: 10_050, toMs: 14_250 },
        { owners: ['worker-b'], fromMs: 14_250, toMs: 62_000 },
        { owners: ['worker-a', 'worker-b'], fromMs: 62_000, toMs: 62_300 },
        { owners: ['worker-a'], fromMs: 62_300, toMs: 79_000 },
      ],
    },
    invariants: [
      { id: 'nodes', holds: true, expected: '4 nodes Ready', seen: '4 of 4 Ready' },
      {
        id: 'drained-control-plane',
        holds: true,
        expected: 'no pod of the workload on control-plane',
        seen: 'none',
      },
      {
        id: 'floating-ip',
        holds: true,
        expected: 'one owner among worker-a, worker-b',
        seen: '172.28.255.1 is answered for by worker-a',
      },
      { id: 'storage', holds: true, expected: 'bound to one node', seen: 'bound to worker-a' },
    ],
    differences: [...twoSites.differences],
    verdict: 'confirmed',
  },
}

/** The link is cut: both workers answer for the address until it is whole again. */
export const linkCut: ReportInput & { record: RunRecord } = {
  ...holderDown,
  events: [],
  record: {
    ...holderDown.record,
    runId: '20260302T100000-two-sites-link-cut-kind',
    scenario: 'site-link-cut',
    title: 'The link between the sites is cut',
    whatIf: 'Nothing passes between the two sites.',
    faults: [
      {
        id: 'link',
        kind: 'network.cut',
        target: 'site-a/site-b',
        role: 'named in the plan',
        injectedAtMs: 10_000,
        tookHoldAtMs: 10_120,
        undoneAtMs: 57_000,
        receipt: {
          before: 'worker-b answered worker-a in 1 ms',
          during: 'no answer in 1 s, either way',
          after: 'worker-b answers worker-a again',
        },
      },
    ],
    floatingIp: {
      address: '172.28.255.1',
      engine: 'keepalived 2.3.3, one advertisement a second',
      documented: 'MetalLB',
      tenures: [
        { owners: ['worker-a'], fromMs: 400, toMs: 13_600 },
        { owners: ['worker-a', 'worker-b'], fromMs: 13_600, toMs: 58_100 },
        { owners: ['worker-a'], fromMs: 58_100, toMs: 79_000 },
      ],
    },
    claims: [],
  },
}
