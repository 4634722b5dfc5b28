/**
 * Runs with more than one fault: several at once, one after another, a person's hand among them;
 * which of them is counted from, what each span is, who is judged, and what the steps say.
 */
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../harness/model/claim.ts'
import type { FaultRecord } from '../../harness/model/record.ts'
import { bothDown } from '../../scenarios/both-down.ts'
import { componentDown } from '../../scenarios/component-down.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import { bad, faultOf, good, type RunSketch, runOf, vantageOf } from './run-of.ts'

const fault = (id: string, over: Partial<FaultRecord>): FaultRecord => ({
  ...faultOf('worker-a', 0, 0),
  id,
  ...over,
})

const bounds = (run: Measurement, name: string): [number, number] | null => {
  const span = run.spans.find((one) => one.name === name)
  return span === undefined ? null : [span.fromMs, span.toMs]
}

const stepsOf = (run: Measurement): string[] =>
  run.recovery.steps.map(({ name, sinceFaultMs, cause }) => `${sinceFaultMs} ${name}: ${cause}`)

describe('a control plane and a worker that die at once and come back in turn', () => {
  const run = runOf({
    scenario: bothDown,
    topology: cxWorkerHa,
    target: '',
    atMs: [2_000, 60_000, 200_000],
    faults: [
      fault('worker-power', {
        injectedAtMs: 2_000,
        tookHoldAtMs: 2_400,
        undoFromMs: 150_000,
        undoneAtMs: 155_000,
      }),
      fault('control-plane-power', {
        target: 'control-plane',
        injectedAtMs: 2_010,
        tookHoldAtMs: 2_900,
        undoFromMs: 60_000,
        undoneAtMs: 63_000,
      }),
    ],
    vantages: [
      vantageOf('save-a', { throughNode: 'worker-a' }),
      vantageOf('save-b', { throughNode: 'worker-b' }),
      vantageOf('api', { kind: 'api-read', throughNode: 'control-plane' }),
    ],
    rows: {
      'save-a': [...good(0, 2_000), ...bad(2_000, 160_000), ...good(160_000, 200_000)],
      'save-b': [...good(0, 2_000), ...bad(2_000, 140_000), ...good(140_000, 200_000)],
      api: [...good(0, 2_000), ...bad(2_000, 70_000), ...good(70_000, 200_000)],
    },
    events: [
      [500, 'pod-ready', 'db-old', { component: 'database', node: 'worker-a' }],
      [120_000, 'node-not-ready', 'worker-a', { node: 'worker-a' }],
      [130_000, 'pod-created', 'db-new', { component: 'database' }],
      [139_500, 'pod-ready', 'db-new', { component: 'database', node: 'worker-b' }],
    ],
  })

  it('holds from the last to take hold until the first undo', () => {
    expect(bounds(run, 'baseline')).toEqual([0, 2_000])
    expect(bounds(run, 'held')).toEqual([2_900, 60_000])
    expect(bounds(run, 'healed')).toEqual([60_000, 200_001])
    expect(bounds(run, 'during:worker-power')).toEqual([2_400, 150_000])
    expect(bounds(run, 'during:control-plane-power')).toEqual([2_900, 60_000])
  })

  it('judges what was away longest through a node that was not hit', () => {
    expect(run.recovery).toMatchObject({ vantage: 'save-b', outageMs: [137_500, 138_500] })
  })

  it('counts the repair to the replacement that came after the first undo', () => {
    expect(run.recovery.repairMs).toEqual([137_500, 137_500])
  })

  it('names each fault by its id, each undo, and the notice that came after the first', () => {
    const steps = stepsOf(run)
    expect(steps).toContain('0 fault: worker-power: power.kill of worker-a (the one under test)')
    expect(steps).toContain(
      '10 fault: control-plane-power: power.kill of control-plane (the one under test)',
    )
    expect(steps).toContain('58000 healed: power.kill of control-plane undone, proven within 3 s')
    expect(steps).toContain('148000 healed: power.kill of worker-a undone, proven within 5 s')
    expect(steps.some((step) => step.startsWith('118000 node-not-ready: worker-a: '))).toBe(true)
  })

  it('explains that both clocks began anew once the control plane was back', () => {
    const links = run.explanation?.links ?? []
    expect(links.map(({ name }) => name)).toEqual([
      'healed',
      'node-not-ready',
      'replacement-created',
      'ready',
      'service-available',
    ])
    expect(links[1]).toMatchObject({ fromMs: 60_000, toMs: 120_000, timer: 'nodeMonitorGraceMs' })
    expect(links[0]?.cause).toContain('until it was healed')
  })
})

describe('a database that is killed twice in its pod', () => {
  const database = { component: 'database', node: 'worker-a' }
  const run = runOf({
    scenario: componentDown,
    topology: cxWorkerHa,
    target: '',
    atMs: [2_000, 60_000, 70_000],
    faults: [
      fault('database-killed', {
        kind: 'process.container-kill',
        injectedAtMs: 2_000,
        tookHoldAtMs: 2_200,
        undoneAtMs: 60_000,
      }),
      fault('database-killed-again', {
        kind: 'process.container-kill',
        injectedAtMs: 12_000,
        tookHoldAtMs: 12_300,
        undoneAtMs: 60_000,
      }),
    ],
    vantages: [vantageOf('save-a', { throughNode: 'worker-a' })],
    rows: {
      'save-a': [
        ...good(0, 2_000),
        ...bad(2_000, 3_000),
        ...good(3_000, 12_000),
        ...bad(12_000, 28_000),
        ...good(28_000, 70_000),
      ],
    },
    events: [
      [2_300, 'pod-not-ready', 'db', database],
      [2_600, 'pod-started', 'db', database],
      [2_900, 'pod-ready', 'db', database],
      [12_500, 'pod-not-ready', 'db', database],
      [26_000, 'pod-started', 'db', database],
      [27_500, 'pod-ready', 'db', database],
    ],
  })

  it('judges the save through its own node too, for the node stayed', () => {
    expect(run.recovery).toMatchObject({ vantage: 'save-a', repairMs: [900, 900] })
  })

  it('holds from the injection, for what passes by itself', () => {
    expect(bounds(run, 'held')).toEqual([2_000, 60_000])
    expect(run.recovery.steps.some(({ name }) => name === 'healed')).toBe(false)
  })

  it('knows the second restart by its back-off', () => {
    const causes = run.recovery.steps
      .filter(({ name }) => name === 'container-restarted')
      .map(({ cause }) => cause)
    expect(causes).toEqual([
      'database: the kubelet starts the container again 600 ms after the kill, at once, the first time',
      'database: the kubelet starts the container again 14 s after the kill, back-off of 10 s before restart 2 (CrashLoopBackOff)',
    ])
  })

  it('explains the longer outage from the second kill on', () => {
    expect(run.explanation).toMatchObject({
      vantage: 'save-a',
      dominating: { timer: 'CrashLoopBackOff', ms: 13_500 },
    })
    expect(run.explanation?.links[0]?.fromMs).toBe(12_000)
    expect(run.explanation?.advice).toContain('a second replica would hide it')
  })
})

describe('what a person did', () => {
  const sketch: RunSketch = {
    scenario: workerDown,
    topology: cxWorkerHa,
    target: '',
    atMs: [5_000, 90_000, 100_000],
    faults: [
      fault('backup', {
        kind: 'operator.backup',
        target: 'control-plane',
        injectedAtMs: 3_000,
        tookHoldAtMs: 4_000,
        undoneAtMs: null,
        lasting: true,
      }),
      fault('power', { injectedAtMs: 5_000, tookHoldAtMs: 5_100, undoneAtMs: 92_000 }),
      fault('by-force', {
        kind: 'operator.force-delete',
        injectedAtMs: 60_000,
        tookHoldAtMs: 61_000,
        undoneAtMs: 61_000,
      }),
    ],
    vantages: [vantageOf('save-b', { throughNode: 'worker-b' })],
    rows: {
      'save-b': [...good(0, 5_000), ...bad(5_000, 70_000), ...good(70_000, 100_000)],
    },
    events: [
      [500, 'pod-ready', 'db-0', { component: 'database', node: 'worker-a' }],
      [55_000, 'node-not-ready', 'worker-a', { node: 'worker-a' }],
    ],
  }
  const run = runOf(sketch)

  it('is not what is counted from, before or after', () => {
    expect(run.recovery.steps.map(({ name, sinceFaultMs }) => [name, sinceFaultMs])).toEqual([
      ['fault', -2_000],
      ['fault', 0],
      ['node-not-ready', 50_000],
      ['fault', 55_000],
      ['service-available', 65_000],
      ['healed', 85_000],
    ])
    expect(bounds(run, 'baseline')).toEqual([0, 3_000])
    expect(bounds(run, 'held')).toEqual([5_100, 90_000])
    expect(bounds(run, 'during:backup')).toEqual([4_000, 100_000])
    expect(bounds(run, 'during:by-force')).toEqual([61_000, 61_000])
  })

  it('is a link of the chain where the service waited for it', () => {
    const link = run.explanation?.links.find(({ name }) => name === 'fault')
    expect(link).toMatchObject({ fromMs: 55_000, toMs: 60_000, timer: null })
    expect(link?.cause).toMatch(/^until it was done: by-force: operator\.force-delete/)
  })
})

describe('the load balancer that is lost', () => {
  const run = runOf({
    scenario: controlPlaneDown,
    topology: kubeadmStacked,
    target: 'cka-hap-1',
    atMs: [2_000, 40_000, 60_000],
    vantages: [vantageOf('api-read-lb', { kind: 'api-read' }), vantageOf('save')],
    rows: {
      'api-read-lb': [
        ...good(0, 2_000),
        ...bad(2_000, 36_000),
        [36_000, 1, 5_000],
        ...good(36_500, 60_000),
      ],
      save: good(0, 60_000),
    },
  })

  it('is judged by reading the API through it, and back when it is seen to run', () => {
    expect(run.recovery).toMatchObject({ vantage: 'api-read-lb', repairMs: [38_000, 38_000] })
  })

  it('is said to have ended by the heal, for which the answered request had waited', () => {
    expect(run.recovery.steps.find(({ name }) => name === 'service-available')?.cause).toBe(
      'api-read-lb answers again and stays good: the request was sent 4 s before the heal, and waited for it',
    )
    expect(run.explanation).toMatchObject({ dominating: null })
    expect(run.explanation?.advice).toMatch(
      /^No setting halves it: for 34 s it waited for a person/,
    )
    expect(run.vantages[0]?.late).toBe(1)
  })
})

describe('two control planes of one group', () => {
  const run = runOf({
    scenario: controlPlaneDown,
    topology: kubeadmStacked,
    target: '',
    atMs: [1_000, 30_000, 60_000],
    planned: [
      { id: 'one', kind: 'power.kill', target: 'etcd-leader', group: 'g' },
      { id: 'two', kind: 'power.kill', target: 'etcd-follower', group: 'g' },
    ],
    faults: [
      fault('one', {
        target: 'cka-cp-1',
        injectedAtMs: 1_000,
        undoFromMs: 30_000,
        undoneAtMs: 34_000,
      }),
      fault('two', {
        target: 'cka-cp-2',
        injectedAtMs: 1_000,
        undoFromMs: 30_100,
        undoneAtMs: 33_000,
      }),
    ],
    vantages: [vantageOf('api-read-lb', { kind: 'api-read' })],
    rows: { 'api-read-lb': [...good(0, 1_000), ...bad(1_000, 33_000), ...good(33_000, 60_000)] },
    events: [
      [8_000, 'lb-down', 'cka-cp-1'],
      [8_400, 'lb-down', 'cka-cp-2'],
      [45_000, 'node-ready', 'cka-cp-2', { node: 'cka-cp-2' }],
      [48_000, 'node-ready', 'cka-cp-1', { node: 'cka-cp-1' }],
    ],
  })

  it('are healed in one step, ejected when both are, and back when both are', () => {
    expect(stepsOf(run)).toContain(
      '29000 healed: power.kill of cka-cp-1 and cka-cp-2 undone, proven within 4 s',
    )
    expect(bounds(run, 'after-ejection')).toEqual([8_400, 30_000])
    expect(run.recovery.repairMs).toEqual([47_000, 47_000])
  })

  it('waited for the heal, not for the ejection that did not end it', () => {
    expect(run.explanation?.links.map(({ name }) => name)).toEqual(['healed', 'service-available'])
  })
})

describe('a worker that carries reports alone', () => {
  it('is judged by the report, and its outage goes on to the heal', () => {
    const run = runOf({
      scenario: workerDown,
      topology: cxWorkerHaMetallb,
      target: 'reporting',
      atMs: [2_000, 60_000, 90_000],
      vantages: [
        vantageOf('save-a', { throughNode: 'worker-a' }),
        vantageOf('report-a', { kind: 'report', throughNode: 'worker-a' }),
      ],
      rows: {
        'save-a': good(0, 90_000),
        'report-a': [...good(0, 2_000), ...bad(2_000, 62_000), ...good(62_000, 90_000)],
      },
    })
    expect(run.recovery.vantage).toBe('report-a')
    expect(run.recovery.outageMs).toEqual([59_500, 60_500])
  })
})
