/**
 * What document 004 says of its load balancer, of a mistyped mask and of etcd, against short
 * histories.
 */
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../harness/model/claim.ts'
import type { Invariant, SplitBrain } from '../../harness/model/record.ts'
import { controlPlaneReboot } from '../../scenarios/control-plane-reboot.ts'
import { loadBalancerDown } from '../../scenarios/load-balancer-down.ts'
import { subnetMaskTypo } from '../../scenarios/subnet-mask-typo.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import { bad, type EventRow, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('api-read-lb', { kind: 'api-read' }),
  vantageOf('save-1', { throughNode: 'cka-wk-1' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 90_000),
]
const common = { topology: kubeadmStacked, vantages, healAtMs: 60_000, endMs: 90_000 }

describe('004-data-plane', () => {
  const id = '004-data-plane'
  const run = (api: Row[], save = good(0, 90_000)) =>
    played({
      ...{ ...common, scenario: loadBalancerDown },
      faults: [{ kind: 'power.kill', target: 'cka-hap-1', atMs: 2_000, undoneAtMs: 60_000 }],
      rows: { 'api-read-lb': api, 'save-1': save },
    })

  it('is confirmed when the API alone is gone, whatever waited for the heal', () => {
    const waiting: Row[] = [...away(2_000, 60_000), [58_000, 1, 4_000]]
    const found = resultOf(run(waiting), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('0 of 117 requests were answered (1 more only when')
  })

  it('is contradicted when the workload fails with it', () => {
    expect(verdictOf(run(away(2_000, 60_000), away(20_000, 22_000)), id)).toBe('contradicted')
  })

  it('stays confirmed when the workload fails on its return, and says why it does', () => {
    const found = resultOf(run(away(2_000, 60_000), away(62_000, 66_000)), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.because).toMatch(/when it was back \d+ of the workload failed.*NotReady/)
  })

  it('cannot tell when the load balancer still served the API', () => {
    expect(verdictOf(run(good(0, 90_000)), id)).toBe('undetermined')
  })
})

describe('004-subnet-mask', () => {
  const id = '004-subnet-mask'
  const down: EventRow = [14_000, 'lb-down', 'cka-cp-1', { detail: 'Layer4 timeout' }]
  const up: EventRow = [65_000, 'lb-up', 'cka-cp-1', { detail: 'Layer4 check passed' }]
  const run = (events: EventRow[], healAtMs = 60_000) =>
    played({
      ...{ ...common, scenario: subnetMaskTypo, events, healAtMs },
      faults: [{ kind: 'network.route', target: 'cka-cp-1', atMs: 2_000, undoneAtMs: healAtMs }],
      rows: { 'api-read-lb': good(0, 90_000), 'save-1': good(0, 90_000) },
    })

  it('is confirmed by DOWN and UP, with what the others answered', () => {
    const found = resultOf(run([down, up]), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toBe(
      'DOWN 12 s after the route, UP 5 s after it was gone, 0 of 92 requests failed, 0 were slow between DOWN and the heal',
    )
  })

  it('is contradicted when it was reached all the same, or not again', () => {
    expect(resultOf(run([]), id).because).toContain('reached it all the same')
    expect(resultOf(run([down]), id).because).toContain('although the route was gone')
  })

  it('cannot tell when the run was over too soon', () => {
    expect(verdictOf(run([], 8_000), id)).toBe('undetermined')
    expect(verdictOf(run([[80_000, 'lb-down', 'cka-cp-1']], 85_000), id)).toBe('undetermined')
  })
})

describe('004-etcd', () => {
  const id = '004-etcd'
  const members: Invariant = {
    ...{ id: 'etcd-members', holds: true },
    ...{ expected: 'three voting members', seen: 'three started' },
  }
  const one: SplitBrain = { looked: ['etcd', 'the API', 'the database'], found: [] }
  const run = (over: Partial<Measurement>, lost = 0) => ({
    ...played({
      ...{ ...common, scenario: controlPlaneReboot },
      faults: [
        {
          ...{ kind: 'power.reboot', target: 'cka-cp-1', role: 'leads etcd' },
          ...{ atMs: 2_000, undoneAtMs: 14_000 },
        },
      ],
      rows: { 'api-read-lb': good(0, 90_000), 'save-1': good(0, 90_000) },
      integrity: { apiWrites: { acknowledged: 40, highest: 40, held: 40, lost } },
    }),
    ...{ invariants: [members], splitBrain: one },
    ...over,
  })

  it('is confirmed with one truth and every write', () => {
    const found = resultOf(run({}), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('one truth; 0 of 40 acknowledged API writes are gone')
    expect(found.because).toContain('hands over')
  })

  it('is contradicted by a missing member, two truths or a lost write', () => {
    const two = { ...one, found: ['master-2 has another cluster id'] }
    expect(verdictOf(run({ invariants: [{ ...members, holds: false }] }), id)).toBe('contradicted')
    expect(resultOf(run({ splitBrain: two }), id).because).toBe('master-2 has another cluster id')
    expect(verdictOf(run({}, 3), id)).toBe('contradicted')
  })

  it('cannot tell when nobody looked', () => {
    expect(verdictOf(run({ splitBrain: null }), id)).toBe('undetermined')
    expect(verdictOf(run({ invariants: [] }), id)).toBe('undetermined')
    const silent = { looked: ['etcd: no member answered', 'API: one answer'], found: [] }
    expect(verdictOf(run({ splitBrain: silent }), id)).toBe('undetermined')
  })
})
