/**
 * The loss of a worker, and of a control plane, as short histories with every figure written out:
 * events late, repeated and out of order, outages partial, open, two or none.
 */
import { describe, expect, it } from 'vitest'
import { measure } from '../../harness/measure/measure.ts'
import { serviceStep } from '../../harness/measure/steps.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import {
  bad,
  type EventRow,
  eventsOf,
  good,
  planOf,
  type RunSketch,
  runOf,
  samplesOf,
  vantageOf,
} from './run-of.ts'

const database = { component: 'database' }
const page = { component: 'page' }

const workerEvents: readonly EventRow[] = [
  [500, 'pod-ready', 'database-old', { ...database, node: 'worker-a' }],
  [500, 'pod-ready', 'page-old', { ...page, node: 'worker-a' }],
  [500, 'pod-ready', 'page-other', { ...page, node: 'worker-b' }],
  [52_000, 'node-not-ready', 'worker-a', { node: 'worker-a' }],
  [
    52_100,
    'endpoint-removed',
    'database',
    { ...database, node: 'worker-a', detail: 'database-old' },
  ],
  [52_200, 'node-tainted', 'worker-a', { node: 'worker-a', detail: 'unreachable:NoExecute' }],
  [352_200, 'pod-evicted', 'database-old', { ...database, node: 'worker-a' }],
  [352_200, 'pod-evicted', 'page-old', { ...page, node: 'worker-a' }],
  [352_300, 'pod-created', 'database-new', database],
  [352_300, 'pod-created', 'page-new', page],
  [352_400, 'pod-scheduled', 'database-new', { ...database, node: 'worker-b' }],
  [353_000, 'pod-ready', 'page-new', { ...page, node: 'worker-b' }],
  [354_000, 'pod-started', 'database-new', { ...database, node: 'worker-b' }],
  [355_000, 'pod-ready', 'database-new', { ...database, node: 'worker-b' }],
  [
    355_100,
    'endpoint-added',
    'database',
    { ...database, node: 'worker-b', detail: 'database-new' },
  ],
  [372_000, 'node-ready', 'worker-a', { node: 'worker-a' }],
]

const lostWorker: RunSketch = {
  scenario: workerDown,
  topology: cxWorkerHa,
  target: 'worker-a',
  atMs: [2_000, 360_000, 380_000],
  vantages: [
    vantageOf('save-worker-a', { throughNode: 'worker-a' }),
    vantageOf('save-worker-b', { throughNode: 'worker-b' }),
    vantageOf('save-worker-b-reused', { throughNode: 'worker-b', connection: 'reused' }),
  ],
  rows: {
    'save-worker-a': [...good(0, 2_000), ...bad(2_000, 370_000), ...good(370_000, 380_000)],
    'save-worker-b': [...good(0, 2_500), ...bad(2_500, 356_000), ...good(356_000, 380_000)],
    'save-worker-b-reused': good(0, 380_000),
  },
  events: workerEvents,
}

const stepsOf = (run: Measurement): [string, number][] =>
  run.recovery.steps.map(({ name, sinceFaultMs }) => [name, sinceFaultMs])

describe('a worker is lost', () => {
  const run = runOf(lostWorker)

  it('judges the save that does not go through it', () => {
    expect(run.recovery.vantage).toBe('save-worker-b')
  })

  it('counts the four figures from the fault', () => {
    expect(run.recovery).toMatchObject({
      reactionMs: [50_000, 50_000],
      repairMs: [353_000, 353_000],
      recoveryMs: [353_500, 354_000],
      outageMs: [353_000, 354_000],
    })
  })

  it('names the steps of the slowest component in order', () => {
    expect(stepsOf(run)).toEqual([
      ['fault', 0],
      ['node-not-ready', 50_000],
      ['endpoint-removed', 50_100],
      ['tainted', 50_200],
      ['evicted', 350_200],
      ['replacement-created', 350_300],
      ['scheduled', 350_400],
      ['started', 352_000],
      ['ready', 353_000],
      ['endpoint-added', 353_100],
      ['service-available', 354_000],
      ['healed', 358_000],
      ['node-ready', 370_000],
    ])
  })

  it('gives each step the timer or the step that it waited for', () => {
    const causes = Object.fromEntries(run.recovery.steps.map(({ name, cause }) => [name, cause]))
    expect(causes['node-not-ready']).toBe(
      'silent for 50 s (node-monitor-grace-period), looked at every 5 s',
    )
    expect(causes.evicted).toBe(
      'database: toleration of 5 min (default-unreachable-toleration-seconds) spent, 5 min after the taint',
    )
    expect(causes.started).toBe('database: container runs, 1.6 s after scheduled')
    expect(causes['service-available']).toBe(
      'save-worker-b answers again and stays good, 900 ms after endpoint-added',
    )
  })

  it('says the same when events come twice, in any order and again after a new list', () => {
    const again = workerEvents.map(([atMs, ...rest]): EventRow => [atMs + 5_000, ...rest])
    const shuffled = [...again, ...workerEvents].reverse()
    expect(runOf({ ...lostWorker, events: shuffled }).recovery).toEqual(run.recovery)
  })

  it('does not take a pod that was there before for a replacement', () => {
    const flapping: EventRow = [353_500, 'pod-ready', 'page-other', { ...page, node: 'worker-b' }]
    const events = [
      ...workerEvents.filter(([atMs, , pod]) => atMs > 2_000 && pod !== 'page-new'),
      flapping,
    ]
    expect(runOf({ ...lostWorker, events }).recovery.repairMs).toBeNull()
  })

  it('says the same when nothing was told of the pods that were there before', () => {
    const events = workerEvents.filter(([atMs]) => atMs > 2_000)
    expect(runOf({ ...lostWorker, events }).recovery).toEqual(run.recovery)
  })

  it('needs as many replacements of a component as were lost', () => {
    const second: EventRow[] = [
      [52_100, 'endpoint-removed', 'page', { ...page, node: 'worker-a', detail: 'page-old-2' }],
      [352_300, 'pod-created', 'page-new-2', page],
      [357_000, 'pod-ready', 'page-new-2', { ...page, node: 'worker-b' }],
    ]
    const { recovery } = runOf({ ...lostWorker, events: [...workerEvents, ...second] })
    expect(recovery.repairMs).toEqual([355_000, 355_000])
    expect(recovery.steps.find(({ name }) => name === 'ready')?.cause).toMatch(/^page: /)
  })

  it('bears a step that is seen before the one that causes it', () => {
    const events = workerEvents.map(
      (row): EventRow => (row[1] === 'pod-created' ? [352_100, row[1], row[2], row[3] ?? {}] : row),
    )
    const steps = runOf({ ...lostWorker, events }).recovery.steps
    expect(steps.find(({ name }) => name === 'replacement-created')?.cause).toBe(
      'database: new pod, 0 ms after evicted',
    )
  })

  it('has no repair and no recovery when the pod did not come back', () => {
    const stuck = runOf({
      ...lostWorker,
      atMs: [2_000, 360_000, 360_000],
      rows: { 'save-worker-b': [...good(0, 2_500), ...bad(2_500, 360_000)] },
      events: workerEvents.filter(([atMs]) => atMs < 353_000),
    })
    expect(stuck.recovery).toMatchObject({
      repairMs: null,
      recoveryMs: null,
      outageMs: [357_000, 358_000],
    })
    expect(stepsOf(stuck).map(([name]) => name)).not.toContain('service-available')
  })

  it('says that none was longer than a probe interval when none was seen', () => {
    const calm = runOf({
      ...lostWorker,
      rows: { 'save-worker-b': good(0, 380_000) },
      events: [],
    })
    expect(calm.recovery).toMatchObject({
      reactionMs: null,
      repairMs: null,
      recoveryMs: null,
      outageMs: [0, 50],
      vantage: 'save-worker-b',
    })
  })

  it('does not judge by a vantage that was never probed', () => {
    const { recovery } = runOf({ ...lostWorker, rows: {} })
    expect(recovery).toMatchObject({ vantage: null, outageMs: null })
  })

  it('adds two outages up, and recovers with the second', () => {
    const rows = {
      'save-worker-b': [
        ...good(0, 3_000),
        ...bad(3_000, 5_000),
        ...good(5_000, 10_000),
        ...bad(10_000, 11_000),
        ...good(11_000, 20_000),
      ],
    }
    const twice = runOf({ ...lostWorker, atMs: [2_000, 15_000, 20_000], rows, events: [] })
    expect(twice.recovery).toMatchObject({ outageMs: [2_000, 4_000], recoveryMs: [8_500, 9_000] })
  })

  it('leaves an outage that began after the heal out of the recovery', () => {
    const rows = {
      'save-worker-b': [...good(0, 16_000), ...bad(16_000, 17_000), ...good(17_000, 20_000)],
    }
    const late = runOf({ ...lostWorker, atMs: [2_000, 15_000, 20_000], rows, events: [] })
    expect(late.recovery.outageMs).toEqual([0, 50])
    expect(late.vantages[1]?.outages).toHaveLength(1)
  })
})

describe('a control plane of three is lost', () => {
  const run = runOf({
    scenario: controlPlaneDown,
    topology: kubeadmStacked,
    target: 'cka-cp-1',
    atMs: [1_000, 60_000, 90_000],
    vantages: [
      vantageOf('api-read-lb', { kind: 'api-read', through: 'load balancer' }),
      vantageOf('api-read-cp-1', { kind: 'api-read', throughNode: 'cka-cp-1' }),
    ],
    rows: {
      'api-read-lb': [
        [0, 1],
        [900, 1],
        [1_500, 0, 5_000, 'timeout'],
        [2_000, 1, 1_400],
        [3_000, 0, 5_000, 'timeout'],
        [4_000, 1],
        [5_000, 1],
        [8_000, 1],
        [89_000, 1],
      ],
      'api-read-cp-1': [
        [900, 1],
        [1_500, 0, 3_000, 'no-route'],
        [80_000, 1],
        [89_000, 1],
      ],
    },
    events: [
      [8_000, 'lb-down', 'cka-cp-1', { detail: 'Layer4 timeout, check duration: 2001ms' }],
      [17_000, 'leader-changed', 'kube-controller-manager', { detail: 'cka-cp-1 → cka-cp-3' }],
      [68_000, 'node-not-ready', 'cka-cp-1', { node: 'cka-cp-1' }],
      [72_000, 'lb-up', 'cka-cp-1', { detail: 'Layer4 check passed' }],
      [75_000, 'node-ready', 'cka-cp-1', { node: 'cka-cp-1' }],
    ],
  })

  it('judges reading through the load balancer, as one partial outage', () => {
    expect(run.recovery).toMatchObject({
      vantage: 'api-read-lb',
      reactionMs: [7_000, 7_000],
      repairMs: [74_000, 74_000],
      recoveryMs: [2_000, 3_000],
      outageMs: [1_500, 3_100],
    })
    expect(run.vantages[0]?.outages).toMatchObject([{ failed: 2, probes: 3, darkMs: [0, 2_000] }])
  })

  it('names elections and the load balancer with their timers', () => {
    expect(run.recovery.steps.map(({ name, cause }) => [name, cause])).toEqual([
      ['fault', 'power.kill of cka-cp-1 (the one under test)'],
      ['service-available', 'api-read-lb answers again and stays good, 3 s after fault'],
      [
        'lb-down',
        '3 checks failed in a row, one every 2 s (fall × inter): Layer4 timeout, check duration: 2001ms',
      ],
      [
        'leader-elected',
        'kube-controller-manager, cka-cp-1 → cka-cp-3: lease of 15 s lapsed (leader-elect-lease-duration), tried for every 2 s',
      ],
      ['healed', 'power.kill of cka-cp-1 undone, proven within 0 ms'],
      ['lb-up', '2 checks passed in a row, one every 2 s (rise × inter): Layer4 check passed'],
      ['node-ready', 'the kubelet reports again, 15 s after healing began'],
    ])
  })

  it('says when it was the load balancer that ended the outage', () => {
    const service = { vantage: 'api-read-lb', atMs: 7_800, answeredAtMs: 7_810 }
    const ended = serviceStep(service, [
      { name: 'node-not-ready', atMs: 5_000, cause: '' },
      { name: 'lb-down', atMs: 8_000, cause: '' },
    ])
    expect(ended.cause).toBe(
      'api-read-lb answers again and stays good, as the load balancer sends nothing more to the lost server',
    )
    const earlier = serviceStep(service, [
      { name: 'node-not-ready', atMs: 5_000, cause: '' },
      { name: 'lb-down', atMs: 8_400, cause: '' },
    ])
    expect(earlier.cause).toBe(
      'api-read-lb answers again and stays good, 2.8 s after node-not-ready',
    )
  })

  it('counts requests by when they were begun', () => {
    const counts = run.spans.map(({ name, fromMs, toMs, counts: [lb] }) => ({
      name,
      bounds: [fromMs, toMs],
      counted: [lb?.samples, lb?.failed, lb?.slow, lb?.worstMs],
    }))
    expect(counts).toEqual([
      { name: 'baseline', bounds: [0, 1_000], counted: [2, 0, 0, 10] },
      { name: 'away', bounds: [1_000, 60_000], counted: [6, 2, 1, 5_000] },
      { name: 'held', bounds: [1_000, 60_000], counted: [6, 2, 1, 5_000] },
      { name: 'before-ejection', bounds: [1_000, 8_000], counted: [5, 2, 1, 5_000] },
      { name: 'during:power', bounds: [1_000, 60_000], counted: [6, 2, 1, 5_000] },
      { name: 'after-ejection', bounds: [8_000, 60_000], counted: [1, 0, 0, 10] },
      { name: 'healed', bounds: [60_000, 90_001], counted: [1, 0, 0, 10] },
    ])
  })

  it('gives availability, errors and latency from the injection on', () => {
    expect(run.vantages[0]).toMatchObject({
      samples: 7,
      failed: 2,
      slow: 1,
      availability: 5 / 7,
      errors: { timeout: 2 },
      latencyMs: { p50: 10, p99: 1_400, max: 1_400 },
    })
  })
})

describe('measure', () => {
  const input = {
    plan: planOf(workerDown, cxWorkerHa),
    phases: [],
    faults: [],
    vantages: [vantageOf('save')],
    events: eventsOf([]),
    integrity: { acknowledgedWrites: 0, lostWrites: 0, readBack: true, apiWrites: null },
  }

  it('has nothing to recover from without a fault', () => {
    const run = measure({ ...input, samples: samplesOf('save', good(0, 2_000)) })
    expect(run.recovery).toMatchObject({ reactionMs: null, vantage: null, steps: [] })
    expect(run.spans.map(({ name }) => name)).toEqual(['baseline'])
  })

  it('sorts samples that come out of order', () => {
    const rows = good(0, 2_000)
    const run = measure({ ...input, samples: samplesOf('save', [...rows].reverse()) })
    expect(run.vantages[0]?.outages).toEqual([])
    expect(run.vantages[0]?.samples).toBe(4)
  })

  it('refuses samples of a vantage that the run does not have', () => {
    expect(() => measure({ ...input, samples: samplesOf('page', [[0, 1]]) })).toThrow(RangeError)
  })

  it('has no latency and no availability without samples', () => {
    expect(measure({ ...input, samples: [] }).vantages[0]).toMatchObject({
      samples: 0,
      availability: 0,
      latencyMs: null,
    })
  })
})
