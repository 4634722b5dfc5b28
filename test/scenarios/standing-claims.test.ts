/**
 * Claims that a look at the standing cluster or at the document's files decides: each against what
 * would confirm it and what would not.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ClaimResult, Invariant } from '../../harness/model/record.ts'
import { differingAddresses, type Topology } from '../../harness/model/topology.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { k0sThreeZones } from '../../topologies/k0s-three-zones.ts'
import { runOf } from '../measure/run-of.ts'

const invariant = (id: Invariant['id'], holds = true): Invariant => ({
  id,
  holds,
  expected: `${id} as documented`,
  seen: `${id} seen`,
})

function resultOf(run: Measurement, id: string): ClaimResult {
  const result = judge(run, claims).find((one) => one.id === id)
  if (result === undefined) throw new Error(`${id} was not judged`)
  return result
}

/** Nothing happens in it; only the invariants speak. */
function quietRun(topology: Topology, invariants: readonly Invariant[]): Measurement {
  const scenario = topology === k0sThreeZones ? controlPlaneDown : workerDown
  const sketch = { scenario, topology, target: topology.nodes[0]?.name ?? '', vantages: [] }
  return { ...runOf({ ...sketch, atMs: [1_000, 2_000, 3_000], rows: {} }), invariants }
}

describe('document 001', () => {
  const judged = (...invariants: Invariant[]) =>
    resultOf(quietRun(cxWorkerHaMetallb, invariants), '001-tainted')

  it('has a control plane that carries nothing', () => {
    expect(judged(invariant('taints'), invariant('drained-control-plane')).verdict).toBe(
      'confirmed',
    )
    const found = judged(invariant('taints'), invariant('drained-control-plane', false))
    expect(found.verdict).toBe('contradicted')
    expect(found.measured).toBe('taints seen; drained-control-plane seen')
  })

  it('is undetermined where nobody looked', () => {
    expect(judged(invariant('taints')).verdict).toBe('undetermined')
  })
})

describe('document 002', () => {
  const judged = (id: string, ...invariants: Invariant[]) =>
    resultOf(quietRun(k0sThreeZones, invariants), id)

  it('has three voting members', () => {
    expect(judged('002-members', invariant('etcd-members')).verdict).toBe('confirmed')
    expect(judged('002-members', invariant('etcd-members', false)).verdict).toBe('contradicted')
  })

  it('has ports that only k0s serves: undetermined, accepted and said', () => {
    const found = judged('002-lb', invariant('load-balancer'), invariant('statistics-page'))
    expect([found.verdict, found.accepted.verdict]).toEqual(['undetermined', 'undetermined'])
    expect(found.because).toContain('8132 (Konnectivity)')
    const broken = judged('002-lb', invariant('load-balancer', false), invariant('statistics-page'))
    expect(broken.verdict).toBe('contradicted')
  })

  it('takes the taint off its controllers', () => {
    const nodes = invariant('nodes')
    expect(judged('002-no-taint', invariant('taints'), nodes).verdict).toBe('confirmed')
    expect(judged('002-no-taint', invariant('taints', false), nodes).verdict).toBe('contradicted')
  })

  it('gives one machine two addresses', () => {
    expect(differingAddresses(k0sThreeZones)).toEqual([
      { node: 'k0s-de-fra-1', balanced: '10.10.2.2', listed: '10.10.3.2' },
    ])
    const found = judged('002-addresses')
    expect([found.verdict, found.accepted.verdict]).toEqual(['contradicted', 'contradicted'])
    expect(found.measured).toBe('k0s-de-fra-1: 10.10.2.2 in HAProxy, 10.10.3.2 in the list')
    const nodes = k0sThreeZones.nodes.map((node) =>
      node.name === 'k0s-de-fra-1' ? { ...node, documentedAddress: '10.10.2.2' } : node,
    )
    expect(differingAddresses({ ...k0sThreeZones, nodes })).toEqual([])
  })
})
