/** A plan, a record and what the conductor did, small and whole, for runs made in tests. */
import type { Conduct } from '../../harness/model/conduct.ts'
import type { DrillEvent } from '../../harness/model/event.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { RunRecord } from '../../harness/model/record.ts'
import { timersOf } from '../../harness/model/timers.ts'
import type { Sample } from '../../harness/model/vantage.ts'

export const plan: Plan = {
  schema: 'clusterdrill/plan/v1',
  runId: 'run-1',
  clusterName: 'drill-one',
  scenario: {
    name: 'worker-down',
    title: 'A worker is down',
    whatIf: 'What if the worker with the database dies?',
    needs: ['power'],
    topologies: ['one'],
    faults: [{ id: 'fault-1', kind: 'power.kill', target: 'worker-with-database' }],
    observeUntil: ['workload-repaired'],
    settleUntil: ['node-ready'],
  },
  topology: {
    name: 'one',
    title: 'One control plane',
    document: '000',
    sites: [{ name: 'here', region: 'region', zone: 'zone' }],
    nodes: [{ name: 'cp-1', role: 'control-plane', site: 'here', schedulable: false }],
    loadBalancer: null,
    clusterDns: 'as-installed',
    storage: { kind: 'shared', standIn: 'a folder' },
    workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30_080 },
    differences: [],
  },
  provider: 'kind',
  pace: 'documented',
  changedTimers: [],
  timers: timersOf('documented'),
  seed: 7,
  probe: {
    intervalMs: 50,
    timeoutMs: { api: 2_000, page: 1_000, save: 2_000 },
    stableMs: 5_000,
    slowMs: 1_000,
  },
  bounds: { baselineMs: 10_000, observeMs: 400_000, settleMs: 120_000 },
  faults: [{ id: 'fault-1', kind: 'power.kill', target: 'worker-with-database' }],
  observeUntil: ['workload-repaired'],
  settleUntil: ['node-ready'],
  harnessVersion: '0.1.0',
}

export const conduct: Conduct = {
  schema: 'clusterdrill/conduct/v1',
  startedAt: '2026-03-01T09:30:05.000Z',
  timeSource: 'monotonic',
  kubernetes: 'v1.34.4',
  versions: {},
  reused: false,
  phases: [{ name: 'baseline', fromMs: 0, toMs: 10_000 }],
  faults: [],
  vantages: [],
  integrity: { acknowledgedWrites: 0, lostWrites: 0, readBack: true, apiWrites: null },
  latenessMs: { p50: 0.7, p99: 1.6, max: 3 },
  problems: [],
}

export const record: RunRecord = {
  schema: 'clusterdrill/run/v1',
  runId: 'run-1',
  scenario: 'worker-down',
  title: 'A worker is down',
  whatIf: 'What if the worker with the database dies?',
  topology: 'one',
  provider: 'kind',
  timeSource: 'monotonic',
  pace: 'documented',
  timers: { ...timersOf('documented') },
  changedTimers: [],
  seed: 7,
  kubernetes: 'v1.34.4',
  versions: {},
  startedAt: '2026-03-01T09:30:05.000Z',
  phases: [],
  faults: [],
  vantages: [],
  recovery: {
    reactionMs: null,
    repairMs: null,
    recoveryMs: null,
    outageMs: null,
    vantage: null,
    steps: [],
  },
  claims: [],
  prediction: null,
  integrity: conduct.integrity,
  latenessMs: null,
  problems: [],
  differences: [],
  verdict: 'undetermined',
}

export const event: DrillEvent = {
  atMs: 50_100,
  source: 'api',
  name: 'node-not-ready',
  subject: 'worker-a',
  node: 'worker-a',
  component: null,
  detail: 'Unknown: NodeStatusUnknown',
}

export const sample: Sample = {
  vantage: 'page-lb',
  scheduledAtMs: 100,
  sentAtMs: 100.25,
  latencyMs: 12.5,
  ok: false,
  error: 'http-503',
  number: null,
}
