/**
 * Why an outage lasted: chains of links that add up, the timer that took most of it, and the
 * setting that would halve it, for each kind of wait that a drill can meet.
 */
import { describe, expect, it } from 'vitest'
import { adviceOf } from '../../harness/measure/advice.ts'
import type { ChainLink } from '../../harness/measure/chain.ts'
import { backOffMs } from '../../harness/measure/repair-steps.ts'
import { sharedByMemberlist } from '../../harness/model/memberlist.ts'
import type { Outage } from '../../harness/model/record.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import { bad, type EventRow, good, planOf, type RunSketch, runOf, vantageOf } from './run-of.ts'

const database = { component: 'database', node: 'worker-a' }

const lostWorker: RunSketch = {
  scenario: workerDown,
  topology: cxWorkerHa,
  target: 'worker-a',
  atMs: [2_000, 360_000, 380_000],
  vantages: [vantageOf('save-b', { throughNode: 'worker-b' })],
  rows: { 'save-b': [...good(0, 2_500), ...bad(2_500, 356_000), ...good(356_000, 380_000)] },
  events: [
    [500, 'pod-ready', 'db-old', database],
    [52_000, 'node-not-ready', 'worker-a', { node: 'worker-a' }],
    [52_200, 'node-tainted', 'worker-a', { node: 'worker-a', detail: 'unreachable:NoExecute' }],
    [352_200, 'pod-evicted', 'db-old', database],
    [352_300, 'pod-created', 'db-new', { component: 'database' }],
    [355_000, 'pod-ready', 'db-new', { component: 'database', node: 'worker-b' }],
    [372_000, 'node-ready', 'worker-a', { node: 'worker-a' }],
  ],
}

describe('a lost worker', () => {
  const { explanation } = runOf(lostWorker)

  it('is a chain without a gap, whose shares add up', () => {
    const links = explanation?.links ?? []
    expect(links.map(({ name, fromMs, toMs, timer }) => [name, fromMs, toMs, timer])).toEqual([
      ['node-not-ready', 2_000, 52_000, 'nodeMonitorGraceMs'],
      ['tainted', 52_000, 52_200, null],
      ['evicted', 52_200, 352_200, 'unreachableTolerationMs'],
      ['replacement-created', 352_200, 352_300, null],
      ['ready', 352_300, 355_000, null],
      ['service-available', 355_000, 356_000, null],
    ])
    expect(links.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  it('names the timer that took most of it, and what to set', () => {
    expect(explanation?.dominating).toEqual({
      timer: 'unreachableTolerationMs',
      ms: 300_000,
      share: 300_000 / 354_000,
    })
    expect(explanation?.advice).toBe(
      'To halve it, set tolerationSeconds of node.kubernetes.io/unreachable in the pod template to 2 min 3 s in place of 5 min, which took 85 % of it; but pods move as soon as a node is silent, a short blip included.',
    )
  })

  it('ends with the endpoint where another replica carried on, and leaves out what came later', () => {
    const events: EventRow[] = [
      ...(lostWorker.events ?? []),
      [
        52_100,
        'endpoint-removed',
        'api',
        { node: 'worker-a', component: 'api', detail: 'api-old' },
      ],
    ]
    const rows = { 'save-b': [...good(0, 2_500), ...bad(2_500, 52_500), ...good(52_500, 380_000)] }
    const short = runOf({ ...lostWorker, rows, events }).explanation
    expect(short?.links.map(({ name }) => name)).toEqual([
      'node-not-ready',
      'endpoint-removed',
      'tainted',
      'service-available',
    ])
    expect(short?.dominating?.timer).toBe('nodeMonitorGraceMs')
    expect(short?.advice).toBe(
      'No single setting halves it: --node-monitor-grace-period of the controller manager, 50 s now, took 99 % of it and goes no lower than 40 s (a node’s Lease lives 40 s and is renewed at a quarter of that); the rest is work that no timer decides.',
    )
  })

  it('says so when requests were still answered for a while', () => {
    const rows = {
      'save-b': [...good(0, 20_000), ...bad(20_000, 356_000), ...good(356_000, 380_000)],
    }
    const late = runOf({ ...lostWorker, rows }).explanation
    expect(late?.links[0]).toMatchObject({ name: 'first-failure', fromMs: 2_000, toMs: 20_000 })
  })

  it('says that nothing was answered again when the run ended first', () => {
    const rows = { 'save-b': [...good(0, 2_500), ...bad(2_500, 380_000)] }
    const stuck = runOf({ ...lostWorker, rows, events: [] }).explanation
    expect(stuck?.links.at(-1)).toMatchObject({ name: 'run-ended', toMs: 380_000 })
  })

  it('has nothing to explain where nothing was away', () => {
    expect(runOf({ ...lostWorker, rows: { 'save-b': good(0, 380_000) } }).explanation).toBeNull()
  })
})

describe('a lost control plane', () => {
  it('is the load balancer’s checks, to be made more often', () => {
    const { explanation } = runOf({
      scenario: controlPlaneDown,
      topology: kubeadmStacked,
      target: 'cka-cp-1',
      atMs: [1_000, 60_000, 90_000],
      vantages: [vantageOf('api-read-lb', { kind: 'api-read' })],
      rows: { 'api-read-lb': [...good(0, 1_000), ...bad(1_000, 8_000), ...good(8_000, 90_000)] },
      events: [
        [5_000, 'node-not-ready', 'cka-cp-1', { node: 'cka-cp-1' }],
        [8_200, 'lb-down', 'cka-cp-1', { detail: 'Layer4 timeout' }],
      ],
    })
    expect(explanation?.links.map(({ name, toMs }) => [name, toMs])).toEqual([['lb-down', 8_000]])
    expect(explanation?.dominating?.timer).toBe('load balancer inter × fall')
    expect(explanation?.advice).toContain('to inter 1.2 s with fall 2 in place of 6 s')
  })
})

describe('a floating IP that changes hands', () => {
  const moved = (topology: typeof cxWorkerHa) =>
    runOf({
      scenario: workerDown,
      topology,
      target: 'worker-a',
      atMs: [1_000, 60_000, 90_000],
      vantages: [vantageOf('save-floating-ip')],
      rows: {
        'save-floating-ip': [...good(0, 1_000), ...bad(1_000, 7_000), ...good(7_000, 90_000)],
      },
      events: [
        [1_100, 'floating-ip-owner', '172.28.255.1', { detail: 'nobody' }],
        [6_600, 'floating-ip-owner', '172.28.255.1', { detail: 'worker-b' }],
      ],
    }).explanation

  it('waits for kube-vip’s lease, which its renew deadline keeps from being shorter', () => {
    expect(moved(cxWorkerHa)?.dominating?.timer).toBe('floatingIpLeaseDurationMs')
    expect(moved(cxWorkerHa)?.advice).toContain('it must exceed the renew deadline')
  })

  it('waits for advertisements where no Lease decides', () => {
    expect(moved(cxWorkerHaMetallb)?.dominating?.timer).toBe('VRRP master-down interval')
  })

  it('waits for memberlist where that is declared, which no setting of ours shortens', () => {
    const explained = moved(sharedByMemberlist(cxWorkerHaMetallb))
    expect(explained?.dominating?.timer).toBe('memberlist probe and suspicion')
  })
})

describe('adviceOf', () => {
  const outage = (endMs: number): Outage => ({
    startMs: [0, 0],
    endMs: [endMs, endMs],
    durationMs: [endMs, endMs],
    failed: 1,
    probes: 1,
    ended: true,
  })
  const link = (toMs: number, over: Partial<ChainLink> = {}): ChainLink => ({
    name: 'ready',
    fromMs: 0,
    toMs,
    cause: '',
    wait: null,
    person: false,
    ...over,
  })
  const plan = planOf(workerDown, cxWorkerHa)

  it('names the next timer where one alone will not do', () => {
    const links = [
      link(4_000, { wait: { timer: 'unreachableTolerationMs', ms: 4_000 } }),
      link(10_000, { fromMs: 4_000, wait: { timer: 'nodeMonitorGraceMs', ms: 50_000 } }),
      link(15_000, { fromMs: 10_000, wait: { timer: 'leaderLeaseDurationMs', ms: 15_000 } }),
    ]
    expect(adviceOf(plan, links, outage(15_000))).toContain(
      'next comes --leader-elect-lease-duration, 15 s now',
    )
  })

  it('says that work is no timer', () => {
    expect(adviceOf(plan, [link(9_000)], outage(9_000))).toBe(
      'No setting halves it: no timer was waited for; most of it, 9 s, went by until ready.',
    )
  })
})

it.each([
  [1, 0],
  [2, 10_000],
  [3, 20_000],
  [6, 160_000],
  [9, 300_000],
])('restart %i waits for %i ms', (restart, ms) => {
  expect(backOffMs(restart)).toBe(ms)
})
