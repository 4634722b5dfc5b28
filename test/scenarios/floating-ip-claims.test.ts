/**
 * Claims about the floating IP, judged by who answers for it: kept, moved, given up, doubled.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ClaimResult } from '../../harness/model/record.ts'
import type { Topology } from '../../harness/model/topology.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { siteCut } from '../../scenarios/site-cut.ts'
import { vipHolderDown } from '../../scenarios/vip-holder-down.ts'
import { vipWithoutControlPlane } from '../../scenarios/vip-without-control-plane.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { bad, good, type Row, runOf, vantageOf } from '../measure/run-of.ts'

function resultOf(run: Measurement, id: string): ClaimResult {
  const result = judge(run, claims).find((one) => one.id === id)
  if (result === undefined) throw new Error(`${id} was not judged`)
  return result
}

type Owners = readonly [number, string][]

/** `worker-a`, `worker-a+worker-b` or nothing, from each instant on, up to 90 s. */
const tenuresOf = (owners: Owners) =>
  owners.map(([fromMs, names], index) => ({
    owners: names === '' ? [] : names.split('+'),
    fromMs,
    toMs: owners[index + 1]?.[0] ?? 90_000,
  }))

const watched = (owners: Owners) => ({
  address: '172.28.255.1',
  engine: 'a program',
  documented: 'kube-vip',
  tenures: tenuresOf(owners),
})

/** The holder, worker-a, is away from 2 s to 60 s. */
function holderLost(topology: Topology, owners: Owners): Measurement {
  const run = runOf({
    scenario: vipHolderDown,
    topology,
    target: 'worker-a',
    atMs: [2_000, 60_000, 90_000],
    vantages: [vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' })],
    rows: { 'page-b': good(0, 90_000) },
  })
  return { ...run, floatingIp: watched(owners) }
}

describe('a floating IP that loses its holder', () => {
  const moved: Owners = [
    [0, 'worker-a'],
    [2_100, ''],
    [8_400, 'worker-b'],
  ]

  it('is confirmed when another worker takes it over, one owner at a time', () => {
    const found = resultOf(holderLost(cxWorkerHa, moved), '000-vip-failover')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toBe('worker-a, then nobody for 6.3 s, then worker-b, by a program')
    expect(found.because).toBe('worker-b answered 6.4 s after the fault; until then nobody did')
    expect(resultOf(holderLost(cxWorkerHaMetallb, moved), '001-vip').verdict).toBe('confirmed')
  })

  it('is contradicted when nobody takes it over, or two hold it', () => {
    const verdictOf = (owners: Owners) =>
      resultOf(holderLost(cxWorkerHa, owners), '000-vip-failover').verdict
    expect(
      verdictOf([
        [0, 'worker-a'],
        [2_100, ''],
      ]),
    ).toBe('contradicted')
    expect(
      verdictOf([
        [0, 'worker-a'],
        [9_000, 'worker-a+worker-b'],
        [9_400, 'worker-b'],
      ]),
    ).toBe('contradicted')
  })

  it('is undetermined when the hit worker did not hold it, or nobody watched', () => {
    const other = holderLost(cxWorkerHa, [[0, 'worker-b']])
    expect(resultOf(other, '000-vip-failover').verdict).toBe('undetermined')
    const blind = { ...holderLost(cxWorkerHa, moved), floatingIp: null }
    expect(resultOf(blind, '000-vip-failover').verdict).toBe('undetermined')
  })
})

describe('001-vip without a control plane', () => {
  function run(owners: Owners, page = good(0, 90_000)): Measurement {
    const measured = runOf({
      scenario: vipWithoutControlPlane,
      topology: cxWorkerHaMetallb,
      target: 'control-plane',
      atMs: [2_000, 60_000, 90_000],
      vantages: [vantageOf('page-floating-ip', { kind: 'page', throughNode: null })],
      rows: { 'page-floating-ip': page },
    })
    return { ...measured, floatingIp: watched(owners) }
  }

  it('is confirmed when its owner stays and every request is answered', () => {
    expect(resultOf(run([[0, 'worker-a']]), '001-vip').verdict).toBe('confirmed')
  })

  it('is contradicted when nobody answers, or requests fail', () => {
    const gone = run([
      [0, 'worker-a'],
      [9_000, ''],
      [70_000, 'worker-a'],
    ])
    expect(resultOf(gone, '001-vip').verdict).toBe('contradicted')
    const failing = [...good(0, 5_000), ...bad(5_000, 9_000), ...good(9_000, 90_000)]
    expect(resultOf(run([[0, 'worker-a']], failing), '001-vip').verdict).toBe('contradicted')
  })
})

describe('the floating IP without a control plane', () => {
  /** The control plane is away from 2 s to 60 s. */
  function run(page: Row[], owners: readonly [number, string][]): Measurement {
    const address = '172.28.255.1'
    const measured = runOf({
      scenario: controlPlaneDown,
      topology: cxWorkerHa,
      target: 'control-plane',
      atMs: [2_000, 60_000, 90_000],
      vantages: [
        vantageOf('page-floating-ip', { kind: 'page', throughNode: null }),
        vantageOf('page-a', { kind: 'page', throughNode: 'worker-a' }),
      ],
      rows: { 'page-floating-ip': page, 'page-a': good(0, 90_000) },
    })
    const tenures = owners.map(([fromMs, owner], index) => ({
      owners: owner === '' ? [] : [owner],
      fromMs,
      toMs: owners[index + 1]?.[0] ?? 90_000,
    }))
    return {
      ...measured,
      floatingIp: { address, engine: 'a Lease agent', documented: 'kube-vip', tenures },
    }
  }
  const lost = run(
    [...good(0, 5_000), ...bad(5_000, 64_000), ...good(64_000, 90_000)],
    [
      [0, 'worker-a'],
      [5_200, ''],
      [63_500, 'worker-b'],
    ],
  )

  it('is given up, which is known and accepted', () => {
    const found = resultOf(lost, '000-vip')
    expect([found.verdict, found.accepted.verdict]).toEqual(['contradicted', 'contradicted'])
    expect(found.measured).toContain('nobody answered for the address for 54.8 s (a Lease agent)')
    expect(found.because).toContain('gave it up 3.2 s after the fault')
    expect(found.because).toContain('gives up after 3 s without')
  })

  it('is given up even if those who knew where it was are served on', () => {
    const warm = run(good(0, 90_000), [
      [0, 'worker-a'],
      [5_200, ''],
      [63_500, 'worker-b'],
    ])
    const found = resultOf(warm, '000-vip')
    expect(found.verdict).toBe('contradicted')
    expect(found.because).toContain('clients that still send there are served')
    const workload = resultOf(warm, '000-workload-survives')
    expect(workload.verdict).toBe('confirmed')
    expect(workload.because).toContain('for clients that knew its Ethernet address')
  })

  it('leaves the workload its word when clients only stumble over it', () => {
    const stumbling = run(
      [...good(0, 30_000), ...bad(30_000, 30_500), ...good(30_500, 90_000)],
      [
        [0, 'worker-a'],
        [5_200, ''],
        [63_500, 'worker-b'],
      ],
    )
    expect(resultOf(stumbling, '000-workload-survives').verdict).toBe('confirmed')
  })

  it('takes the workload with it where clients lose their way, although every worker answers', () => {
    const found = resultOf(lost, '000-workload-survives')
    expect(found.verdict).toBe('contradicted')
    expect(found.because).toContain('the workload answered on every worker')
  })

  it('would confirm both if its holder kept it', () => {
    const kept = run(good(0, 90_000), [[0, 'worker-a']])
    expect(resultOf(kept, '000-vip').verdict).toBe('confirmed')
    expect(resultOf(kept, '000-workload-survives').verdict).toBe('confirmed')
  })
})

describe('the sites are cut', () => {
  const run = (owners: Owners): Measurement => {
    const measured = runOf({
      ...{ scenario: siteCut, topology: cxWorkerHa, target: 'site-a/site-b' },
      atMs: [2_000, 60_000, 90_000],
      ...{ vantages: [], rows: {} },
    })
    const faults = measured.faults.map((fault) => ({ ...fault, kind: 'network.cut' }))
    return { ...measured, faults, floatingIp: watched(owners) }
  }

  it('is confirmed while one holds the address at a time, and contradicted by two', () => {
    const moved: Owners = [
      [0, 'worker-b'],
      [5_000, ''],
      [7_000, 'worker-a'],
    ]
    expect(resultOf(run(moved), '000-vip-failover').verdict).toBe('confirmed')
    const doubled: Owners = [
      [0, 'worker-b'],
      [7_000, 'worker-a+worker-b'],
    ]
    const found = resultOf(run(doubled), '000-vip-failover')
    expect(found.verdict).toBe('contradicted')
    expect(found.because).toContain('both sites answered at once for 53 s')
  })
})

describe('000-vip-daemonset', () => {
  const on = (announcers: readonly string[]): Topology => ({
    ...cxWorkerHa,
    floatingIp: { documented: 'kube-vip', announcers, port: 80, leadsTo: 'page' },
  })

  it('is contradicted by the document itself, which is accepted', () => {
    const found = resultOf(holderLost(cxWorkerHa, []), '000-vip-daemonset')
    expect([found.verdict, found.accepted.verdict]).toEqual(['contradicted', 'contradicted'])
    expect(found.measured).toBe('shared by worker-a, worker-b; control-plane nodes: control-plane')
  })

  it('would be confirmed where control planes share the address', () => {
    const found = resultOf(holderLost(on(['control-plane']), []), '000-vip-daemonset')
    expect(found.verdict).toBe('confirmed')
  })
})
