/** Durations are read from what a run tells, and nothing else; and a few of them tell the shape. */
import { expect, test } from 'vitest'
import type { DrillEvent, EventName } from '../../harness/model/event.ts'
import type { FaultRecord, RunRecord } from '../../harness/model/record.ts'
import type { TrackedRun } from '../../harness/model/track-record.ts'
import type { Sample } from '../../harness/model/vantage.ts'
import {
  type CalibrationRun,
  durationsIn,
  marginOf,
  spreadOf,
} from '../../harness/predict/calibrate.ts'
import { planOf } from '../support/plan-of.ts'

const event = (
  atMs: number,
  name: EventName,
  subject: string,
  more: Partial<DrillEvent> = {},
): DrillEvent => ({
  ...{ atMs, source: 'api', name, subject, node: null, component: null, detail: '' },
  ...more,
})

const fault = (more: Partial<FaultRecord>): FaultRecord => ({
  ...{ id: 'power', kind: 'power.kill', target: 'worker-a', role: '', injectedAtMs: 1_000 },
  ...{ tookHoldAtMs: 3_000, undoFromMs: 20_000, undoneAtMs: 23_000 },
  receipt: { before: '', during: '', after: '' },
  ...more,
})

const runOf = (
  events: DrillEvent[],
  faults: FaultRecord[],
  more: Partial<RunRecord> = {},
): CalibrationRun => ({
  plan: planOf('cx-worker-ha', 'brisk'),
  samples: [],
  events,
  record: {
    runId: 'one',
    timeSource: 'monotonic',
    verdict: 'confirmed',
    faults,
    vantages: [],
    recovery: { steps: [] },
    ...more,
  } as unknown as RunRecord,
})

const sample = (sentAtMs: number, error: string | null, vantage = 'api-read'): Sample => ({
  ...{ vantage, scheduledAtMs: sentAtMs, sentAtMs, latencyMs: 5, number: null },
  ...{ ok: error === null, error },
})

const away = (fromMs: number, toMs: number) => ({
  ...{ startMs: [fromMs - 50, fromMs], endMs: [toMs, toMs + 100], ended: true },
})

/** Reading from the API, on new connections. */
const apiVantage = (
  id: string,
  throughNode: string | null,
  outages: ReturnType<typeof away>[],
) => ({
  ...{ id, kind: 'api-read', connection: 'new', throughNode, outages },
})

test('a pod tells how long each of its steps took, and one that had to wait for a node does not', () => {
  const steps = (pod: string, ...atMs: number[]) =>
    (['pod-created', 'pod-scheduled', 'pod-started', 'pod-ready'] as const).flatMap(
      (name, index) => {
        const at = atMs[index]
        return at === undefined ? [] : [event(at, name, pod), event(at + 5_000, name, pod)]
      },
    )
  const events = [...steps('a', 100, 120, 1_600, 1_900), ...steps('b', 100, 9_000, 11_000)]
  const durations = durationsIn([runOf(events, [])])
  expect(durations.get('schedule')).toEqual([20])
  expect(durations.get('podStart')).toEqual([1_480, 2_000])
  expect(durations.get('podReady')).toEqual([300])
})

test('a worker that got its power back tells of its kubelet and of its pods', () => {
  const started = { node: 'worker-a', detail: 'Started: Started container page' }
  const durations = durationsIn([
    runOf(
      [
        event(500, 'node-ready', 'worker-a'),
        event(23_500, 'node-ready', 'worker-a'),
        event(29_000, 'kubelet', 'page-1', started),
        event(30_000, 'kubelet', 'page-2', { ...started, node: 'worker-b' }),
      ],
      [fault({})],
    ),
  ])
  expect(durations.get('proofOfPower')).toEqual([2_000])
  expect(durations.get('nodeBoot')).toEqual([3_500])
  expect(durations.get('podAfterBoot')).toEqual([5_500])
})

test('an API server listens before it answers well', () => {
  const vantages = [
    apiVantage('api-read', 'control-plane', [away(1_050, 26_000)]),
  ] as unknown as RunRecord['vantages']
  const run = {
    ...runOf([], [fault({ target: 'control-plane' })], { vantages }),
    samples: [
      ...[sample(1_050, 'connect-timeout'), sample(21_000, 'refused')],
      ...[sample(23_000, 'http-403'), sample(26_100, null)],
    ],
  }
  const durations = durationsIn([run])
  expect(durations.get('apiBoot')).toEqual([3_000])
  expect(durations.get('apiSettle')).toEqual([3_050])
})

test('a machine that ends in order closes connections before it refuses them', () => {
  const vantages = [
    apiVantage('api-cka-cp-1', 'cka-cp-1', [away(2_500, 30_000)]),
  ] as unknown as RunRecord['vantages']
  const reboot = fault({ kind: 'power.reboot', target: 'cka-cp-1', undoFromMs: null })
  const run = {
    ...runOf([], [reboot], { vantages }),
    samples: [
      ...[sample(900, 'reset', 'api-cka-cp-1'), sample(2_000, null, 'api-cka-cp-1')],
      ...[sample(2_500, 'closed', 'api-cka-cp-1'), sample(6_500, 'refused', 'api-cka-cp-1')],
    ],
  }
  const durations = durationsIn([run])
  expect(durations.get('endBegins')).toEqual([1_500])
  expect(durations.get('endTakes')).toEqual([4_000])
})

test('the load balancer is back when the API answers through it', () => {
  const plan = planOf('kubeadm-stacked', 'brisk')
  const target = plan.topology.loadBalancer?.name ?? ''
  const vantages = [
    apiVantage('api-read', null, [away(1_050, 21_450)]),
  ] as unknown as RunRecord['vantages']
  const durations = durationsIn([{ ...runOf([], [fault({ target })], { vantages }), plan }])
  expect(durations.get('balancerBoot')).toEqual([1_500])
  expect(durations.get('proofOfBalancer')).toEqual([2_000])
  expect(durations.has('proofOfPower')).toBe(false)
})

test('API servers that are started anew, one after another', () => {
  const plan = planOf('embedded-no-lb', 'brisk')
  const names = ['master-1', 'master-2', 'master-3']
  const vantages = names.map((name, index) =>
    apiVantage(`api-${name}`, name, [away(7_000 + index * 20_000, 19_950 + index * 20_000)]),
  ) as unknown as RunRecord['vantages']
  const samples = names.flatMap((name, index) => {
    const atMs = index * 20_000
    return [
      ...[
        sample(7_000 + atMs, 'closed', `api-${name}`),
        sample(8_000 + atMs, 'refused', `api-${name}`),
      ],
      sample(10_000 + atMs, 'http-403', `api-${name}`),
    ]
  })
  const move = fault({ kind: 'operator.move-load-balancer', target: 'master-1', undoFromMs: null })
  const durations = durationsIn([{ ...runOf([], [move], { vantages }), plan, samples }])
  expect(durations.get('renewCertificate')).toEqual([6_000, 7_000, 7_000])
  expect(durations.get('apiRestart')).toEqual([3_000, 3_000, 3_000])
  expect(durations.get('apiRestartSettle')).toEqual([10_000, 10_000, 10_000])
})

test('a node that is lost tells when its pods were, when it was tainted, and when they were evicted', () => {
  const at = { node: 'worker-a' }
  const durations = durationsIn([
    runOf(
      [
        event(5_000, 'node-not-ready', 'worker-a', at),
        event(5_200, 'endpoint-removed', 'page', at),
        event(5_300, 'node-tainted', 'worker-a', { ...at, detail: 'unreachable:NoSchedule' }),
        event(5_400, 'node-tainted', 'worker-a', { ...at, detail: 'unreachable:NoExecute' }),
        event(36_000, 'pod-evicted', 'page-1', at),
      ],
      [],
    ),
  ])
  expect(durations.get('unready')).toEqual([200])
  expect(durations.get('noExecute')).toEqual([400])
  expect(durations.get('evict')).toEqual([600])
})

test('what a person does says itself how long it took', () => {
  const facts = {
    ...{ drainBeganMs: 300, drainedMs: 8_300, removeBeganMs: 9_000, removedMs: 9_700 },
    ...{ uninstallBeganMs: 9_700, uninstalledMs: 12_000 },
  }
  const eject = fault({ kind: 'operator.eject', undoFromMs: null, facts })
  const durations = durationsIn([runOf([], [eject])])
  expect(durations.get('drain')).toEqual([8_000])
  expect(durations.get('memberChange')).toEqual([700, 2_300])
  expect(durations.has('proofOfPower')).toBe(false)
})

test('the margin holds nine of ten of the runs, as a share of what was predicted', () => {
  const tracked = (lower: number, upper: number) =>
    ({
      ...{ measuredMs: [lower, upper], predictedMs: [18_000, 22_000], medianMs: 20_000 },
    }) as unknown as TrackedRun
  const inside = Array.from({ length: 8 }, () => tracked(19_900, 20_000))
  expect(marginOf([...inside, tracked(24_000, 24_100), tracked(60_000, 60_100)])).toBe(0.1)
  expect(marginOf([...inside, tracked(15_900, 16_000), tracked(60_000, 60_100)])).toBe(0.1)
  expect(marginOf(inside)).toBe(0)
  expect(marginOf([])).toBe(0)
})

test('invalid runs are left out, and simulated ones refused', () => {
  expect(durationsIn([runOf([], [fault({})], { verdict: 'invalid' })]).size).toBe(0)
  expect(() => durationsIn([runOf([], [], { timeSource: 'virtual' })])).toThrow(RangeError)
})

test('a spread reaches beyond what was seen, the less was seen the farther, and never below nothing', () => {
  expect(spreadOf([7])).toEqual([7, 7])
  expect(spreadOf([40, 20.4, 29.6])).toEqual([11, 30, 50])
  expect(spreadOf([5, 25])).toEqual([0, 45])
  const many = Array.from({ length: 101 }, (_, index) => 200 - index)
  expect(spreadOf(many)).toEqual([99, 110, 120, 130, 140, 150, 160, 170, 180, 190, 201])
})
