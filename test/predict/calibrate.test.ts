/** Durations are read from what a run tells, and nothing else; and a few of them tell the shape. */
import { expect, test } from 'vitest'
import type { DrillEvent, EventName } from '../../harness/model/event.ts'
import type { FaultRecord, RunRecord } from '../../harness/model/record.ts'
import { type CalibrationRun, durationsIn, spreadOf } from '../../harness/predict/calibrate.ts'
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
  conduct: {} as CalibrationRun['conduct'],
  events,
  record: {
    runId: 'one',
    timeSource: 'monotonic',
    verdict: 'confirmed',
    faults,
    vantages: [],
    ...more,
  } as unknown as RunRecord,
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
  expect(durations.get('proof.power')).toEqual([2_000])
  expect(durations.get('nodeBoot')).toEqual([3_500])
  expect(durations.get('podAfterBoot')).toEqual([5_500])
})

test('the only control plane is back when the API answers', () => {
  const away = { startMs: [1_000, 1_050], endMs: [26_000, 26_100], ended: true }
  const vantages = [
    { kind: 'api-read', connection: 'new', throughNode: null, outages: [away] },
  ] as unknown as RunRecord['vantages']
  const run = runOf([], [fault({ target: 'control-plane' })], { vantages })
  expect(durationsIn([run]).get('controlPlaneBoot')).toEqual([6_050])
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
  expect(durations.has('proof.operator')).toBe(false)
})

test('invalid runs are left out, and simulated ones refused', () => {
  expect(durationsIn([runOf([], [fault({})], { verdict: 'invalid' })]).size).toBe(0)
  expect(() => durationsIn([runOf([], [], { timeSource: 'virtual' })])).toThrow(RangeError)
})

test('a spread has its least and its most, and at most eleven figures', () => {
  expect(spreadOf([7])).toEqual([7, 7])
  expect(spreadOf([30.4, 10.2, 20.3])).toEqual([10, 20, 30])
  const many = Array.from({ length: 101 }, (_, index) => 100 - index)
  expect(spreadOf(many)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
})
