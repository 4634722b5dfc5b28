/**
 * Each documented claim against short histories that confirm it, contradict it or cannot tell,
 * at both paces.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ClaimResult } from '../../harness/model/record.ts'
import type { Pace } from '../../harness/model/timers.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { controlPlaneReboot } from '../../scenarios/control-plane-reboot.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import { bad, type EventRow, good, type Row, runOf, vantageOf } from '../measure/run-of.ts'

function resultOf(run: Measurement, id: string): ClaimResult {
  const result = judge(run, claims).find((one) => one.id === id)
  if (result === undefined) throw new Error(`${id} was not judged`)
  return result
}

const verdictOf = (run: Measurement, id: string): string => resultOf(run, id).verdict

/** A worker lost at 2 s; saves fail from 2.5 s for so long, and the run goes on for 20 s more. */
function workerRun(
  outageMs: number,
  over: { pace?: Pace; page?: Row[]; settle?: Row[]; events?: EventRow[]; open?: boolean } = {},
): Measurement {
  const backMs = 2_500 + outageMs
  const healMs = backMs + 5_000
  const endMs = over.open === true ? backMs : healMs + 15_000
  return runOf({
    scenario: workerDown,
    topology: cxWorkerHa,
    pace: over.pace ?? 'documented',
    target: 'worker-a',
    atMs: [2_000, Math.min(healMs, endMs), endMs],
    vantages: [
      vantageOf('save-b', { throughNode: 'worker-b' }),
      vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' }),
    ],
    rows: {
      'save-b': [
        ...good(0, 2_500),
        ...bad(2_500, backMs),
        ...(over.open === true ? [] : good(backMs, healMs)),
        ...(over.open === true ? [] : (over.settle ?? good(healMs, endMs))),
      ],
      'page-b': over.page ?? good(0, endMs),
    },
    events: over.events ?? [],
  })
}

describe('000-worker-down', () => {
  it.each<[number, Pace, string]>([
    [300_000, 'documented', 'confirmed'],
    [329_000, 'documented', 'confirmed'],
    [330_000, 'documented', 'undetermined'],
    [330_500, 'documented', 'undetermined'],
    [331_000, 'documented', 'contradicted'],
    [354_000, 'documented', 'contradicted'],
    [269_000, 'documented', 'contradicted'],
    [0, 'documented', 'contradicted'],
    [30_000, 'brisk', 'confirmed'],
    [39_000, 'brisk', 'contradicted'],
  ])('an outage of %i ms at %s pace is %s', (outageMs, pace, verdict) => {
    expect(verdictOf(workerRun(outageMs, { pace }), '000-worker-down')).toBe(verdict)
  })

  it('tells a replica that was lost from a pod that had to move', () => {
    expect(resultOf(workerRun(52_000), '000-worker-down').because).toMatch(
      /second replica elsewhere.*node-monitor-grace-period, 50 s/,
    )
    expect(resultOf(workerRun(354_000), '000-worker-down').because).toContain('toleration')
  })

  it('names the measured value, the promise and the cause', () => {
    const events: EventRow[] = [
      [1_000, 'pod-ready', 'database-old', { component: 'database', node: 'worker-a' }],
      [352_000, 'pod-evicted', 'database-old', { component: 'database', node: 'worker-a' }],
      [352_100, 'pod-created', 'database-new', { component: 'database' }],
      [355_800, 'pod-ready', 'database-new', { component: 'database', node: 'worker-b' }],
      [
        355_900,
        'endpoint-added',
        'database',
        { component: 'database', node: 'worker-b', detail: 'database-new' },
      ],
    ]
    expect(resultOf(workerRun(354_000, { events }), '000-worker-down')).toMatchObject({
      measured: 'save-b unavailable for 5 min 54 s to 5 min 55 s',
      expected: '5 min, give or take 30 s',
      because:
        'node silence of 50 s (node-monitor-grace-period) comes before the 5 min toleration, then 3.9 s to reschedule',
      accepted: { verdict: 'contradicted', date: '2026-11-20' },
    })
  })

  it('gives the figure by which a set of runs is judged, without an upper bound while it is open', () => {
    const claim = claims.find(({ id }) => id === '000-worker-down')
    expect(claim?.judge(workerRun(354_000))?.duration).toEqual({
      measuredMs: [353_500, 354_500],
      promisedMs: [270_000, 330_000],
    })
    const open = claim?.judge(workerRun(400_000, { open: true }))?.duration
    expect(open?.measuredMs[0]).toBeGreaterThan(330_000)
    expect(open?.measuredMs[1]).toBe(Number.POSITIVE_INFINITY)
  })

  it('is contradicted by an outage that is open and already too long', () => {
    expect(verdictOf(workerRun(400_000, { open: true }), '000-worker-down')).toBe('contradicted')
  })

  it('cannot tell from an outage that is open and not yet too long', () => {
    expect(verdictOf(workerRun(100_000, { open: true }), '000-worker-down')).toBe('undetermined')
  })
})

describe('000-worker-restored', () => {
  it('is confirmed when nothing fails after the heal', () => {
    expect(verdictOf(workerRun(10_000), '000-worker-restored')).toBe('confirmed')
  })

  it('is contradicted by one failed request', () => {
    const settle: Row[] = [
      [18_000, 1],
      [19_000, 0],
      [20_000, 1],
      [30_000, 1],
    ]
    expect(verdictOf(workerRun(10_000, { settle }), '000-worker-restored')).toBe('contradicted')
  })

  it('cannot tell when requests failed before the fault too', () => {
    const settle: Row[] = [
      [18_000, 1],
      [19_000, 0],
      [20_000, 1],
      [30_000, 1],
    ]
    const page: Row[] = [
      [0, 1],
      [500, 0],
      [1_000, 1],
      [30_000, 1],
    ]
    expect(verdictOf(workerRun(10_000, { settle, page }), '000-worker-restored')).toBe(
      'undetermined',
    )
  })

  it('is contradicted by a pod that moves again', () => {
    const events: EventRow[] = [[20_000, 'pod-created', 'page-3', { component: 'page' }]]
    expect(resultOf(workerRun(10_000, { events }), '000-worker-restored')).toMatchObject({
      verdict: 'contradicted',
      because: 'pods moved: page-3',
    })
  })
})

/** The only control plane lost from 2 s to 60 s, its API away until 80 s. */
function singleRun(over: { save?: Row[]; api?: Row[]; write?: Row[] } = {}): Measurement {
  return runOf({
    scenario: controlPlaneDown,
    topology: cxWorkerHa,
    target: 'control-plane',
    atMs: [2_000, 60_000, 90_000],
    vantages: [
      vantageOf('save-b', { throughNode: 'worker-b' }),
      vantageOf('api-read', { kind: 'api-read', throughNode: 'control-plane' }),
      vantageOf('api-write', { kind: 'api-write', throughNode: 'control-plane' }),
    ],
    rows: {
      'save-b': over.save ?? good(0, 90_000),
      'api-read': over.api ?? [...good(0, 2_000), ...bad(2_000, 80_000), ...good(80_000, 90_000)],
      'api-write': over.write ?? [
        ...good(0, 2_000),
        ...bad(2_000, 80_000),
        ...good(80_000, 90_000),
      ],
    },
  })
}

describe('a single control plane is down', () => {
  it('confirms that the workload goes on, configuration does not, and does again', () => {
    const run = singleRun()
    expect(judge(run, claims).map(({ id, verdict }) => [id, verdict])).toEqual([
      ['000-workload-survives', 'confirmed'],
      ['000-no-config', 'confirmed'],
      ['000-config-again', 'confirmed'],
      ['000-manual', 'confirmed'],
      ['000-no-rescheduling', 'confirmed'],
      ['000-vip', 'undetermined'],
    ])
    expect(resultOf(run, '000-config-again').measured).toBe(
      'first accepted write 19.5 s to 20 s after the machine was started',
    )
  })

  it('contradicts a workload that goes away with it', () => {
    const save = [...good(0, 10_000), ...bad(10_000, 15_000), ...good(15_000, 90_000)]
    expect(verdictOf(singleRun({ save }), '000-workload-survives')).toBe('contradicted')
  })

  it('contradicts an API that still answers', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 9_000), ...good(9_000, 90_000)]
    expect(verdictOf(singleRun({ api }), '000-no-config')).toBe('contradicted')
  })

  it('contradicts a control plane that does not come back', () => {
    const write = [...good(0, 2_000), ...bad(2_000, 90_000)]
    expect(verdictOf(singleRun({ write }), '000-config-again')).toBe('contradicted')
  })

  it('contradicts the need for a person when the API comes back by itself', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 30_000), ...good(30_000, 90_000)]
    expect(resultOf(singleRun({ api }), '000-manual')).toMatchObject({
      verdict: 'contradicted',
      because: 'the API came back by itself',
    })
  })

  it('cannot tell of the person when it does not come back after the start either', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 90_000)]
    expect(verdictOf(singleRun({ api, write: api }), '000-manual')).toBe('undetermined')
  })

  it('takes no answer for one that had waited for the heal', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 58_000), ...good(80_000, 90_000)]
    api.push([59_000, 1, 9_000])
    const found = resultOf(singleRun({ api }), '000-no-config')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('1 more only when it was over')
  })
})

const down: EventRow = [
  9_000,
  'lb-down',
  'cka-cp-1',
  { detail: 'Layer4 timeout, check duration: 2001ms' },
]
const up: EventRow = [
  72_000,
  'lb-up',
  'cka-cp-1',
  { detail: 'Layer4 check passed, check duration: 0ms' },
]

/** One of three control planes lost at 2 s, DOWN at 9 s, healed at 60 s, UP at 72 s. */
function stackedRun(over: { api?: Row[]; events?: EventRow[]; kind?: string } = {}): Measurement {
  const thirds: Row[] = good(2_000, 9_000).map(([atMs], index) =>
    index % 3 === 0 ? [atMs, 0, 5_000] : [atMs, 1],
  )
  const run = runOf({
    scenario: controlPlaneDown,
    topology: kubeadmStacked,
    target: 'cka-cp-1',
    atMs: [2_000, 60_000, 90_000],
    vantages: [vantageOf('api-read-lb', { kind: 'api-read' })],
    rows: { 'api-read-lb': over.api ?? [...good(0, 2_000), ...thirds, ...good(9_000, 90_000)] },
    events: over.events ?? [down, up],
  })
  const faults = run.faults.map((fault) => ({ ...fault, kind: over.kind ?? fault.kind }))
  return { ...run, faults }
}

describe('one of three control planes is down', () => {
  it('confirms every claim of the document, with counts and times', () => {
    const run = stackedRun()
    expect(judge(run, claims).map(({ id, verdict }) => [id, verdict])).toEqual([
      ['004-failover', 'confirmed'],
      ['004-down-up', 'confirmed'],
      ['004-slow', 'confirmed'],
      ['004-any-node', 'confirmed'],
    ])
    expect(resultOf(run, '004-failover').measured).toBe(
      '5 of 14 requests failed, 0 were slow before DOWN, 0 of 102 requests failed, 0 were slow after it, 0 of 60 requests failed, 0 were slow after the heal; all failed together for 0 ms to 1 s at the worst',
    )
    expect(resultOf(run, '004-down-up').measured).toBe(
      'DOWN 7 s after the fault (Layer4 timeout, check duration: 2001ms), UP 12 s after the heal began (Layer4 check passed, check duration: 0ms), 1 min 3 s between them',
    )
  })

  it('contradicts the failover when a request fails after DOWN', () => {
    const api = [...good(0, 20_000), ...bad(20_000, 20_500), ...good(20_500, 90_000)]
    expect(verdictOf(stackedRun({ api }), '004-failover')).toBe('contradicted')
  })

  it('contradicts the failover when all fail for longer than a connection is waited for', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 8_500), ...good(8_500, 90_000)]
    expect(verdictOf(stackedRun({ api }), '004-failover')).toBe('contradicted')
  })

  it('cannot judge the failover without a DOWN line', () => {
    expect(verdictOf(stackedRun({ events: [up] }), '004-failover')).toBe('undetermined')
  })

  it('contradicts the log lines when DOWN never came, and cannot tell when UP did not yet', () => {
    expect(verdictOf(stackedRun({ events: [up] }), '004-down-up')).toBe('contradicted')
    expect(verdictOf(stackedRun({ events: [down] }), '004-down-up')).toBe('undetermined')
  })

  it('holds the reason of DOWN against the document only after a reboot', () => {
    expect(verdictOf(stackedRun({ kind: 'power.reboot' }), '004-down-up')).toBe('contradicted')
    const refused: EventRow = [
      9_000,
      'lb-down',
      'cka-cp-1',
      { detail: 'Layer4 connection problem, info: "Connection refused", check duration: 0ms' },
    ]
    const reboot = stackedRun({ kind: 'power.reboot', events: [refused, up] })
    expect(verdictOf(reboot, '004-down-up')).toBe('confirmed')
  })

  it('judges a reboot although its heal begins with DOWN, and UP follows by itself', () => {
    const failing: Row[] = good(2_000, 14_000).map(([atMs], index) =>
      index % 3 === 0 ? [atMs, 0, 20, 'refused'] : [atMs, 1],
    )
    const refused: EventRow = [10_000, 'lb-down', 'cka-cp-1', { detail: 'Connection refused' }]
    const passed: EventRow = [14_000, 'lb-up', 'cka-cp-1', { detail: 'Layer4 check passed' }]
    const run = runOf({
      ...{ scenario: controlPlaneReboot, topology: kubeadmStacked, target: 'cka-cp-1' },
      atMs: [2_000, 10_000, 90_000],
      vantages: [vantageOf('api-read-lb', { kind: 'api-read' })],
      rows: { 'api-read-lb': [...good(0, 2_000), ...failing, ...good(14_000, 90_000)] },
      events: [refused, passed],
    })
    const faults = run.faults.map((fault) => ({ ...fault, kind: 'power.reboot' }))
    const reboot = { ...run, faults }
    expect(verdictOf(reboot, '004-failover')).toBe('confirmed')
    expect(verdictOf(reboot, '004-any-node')).toBe('confirmed')
    const lines = resultOf(reboot, '004-down-up')
    expect(lines.verdict).toBe('confirmed')
    expect(lines.measured).toBe(
      'DOWN 8 s after the fault (Connection refused), UP 12 s after it (Layer4 check passed), 4 s between them',
    )
  })

  it('contradicts the slow request when all were quick', () => {
    expect(verdictOf(stackedRun({ api: good(0, 90_000) }), '004-slow')).toBe('contradicted')
  })

  it('contradicts tolerance when the API was away until the heal', () => {
    const api = [...good(0, 2_000), ...bad(2_000, 70_000), ...good(70_000, 90_000)]
    expect(verdictOf(stackedRun({ api }), '004-any-node')).toBe('contradicted')
  })
})
