/** Who is hit for each role, and where a role has nobody. */
import { describe, expect, it } from 'vitest'
import type { Distribution } from '../../../harness/cluster/containers/distribution.ts'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import type { ClusterState } from '../../../harness/cluster/containers/ownership.ts'
import { findTarget, holderIn, type Scene } from '../../../harness/cluster/containers/targets.ts'
import type { PlacedPod } from '../../../harness/cluster/kubernetes/workload/pods.ts'
import type { FaultTarget } from '../../../harness/model/scenario.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import type { Component, Topology } from '../../../harness/model/topology.ts'
import { cxWorkerHaMetallb } from '../../../topologies/cx-worker-ha-metallb.ts'
import { k0sThreeZones } from '../../../topologies/k0s-three-zones.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

function stateOf(topology: Topology): ClusterState {
  return {
    ...{ schema: 'clusterdrill/cluster/v1', provider: 'kind', name: 'drill', phase: 'standing' },
    ...{ topology, pace: 'brisk', timers: timersOf('brisk'), nodeImage: 'node:1' },
    nodes: topology.nodes.map(({ name }, index) => ({
      ...{ name, container: `c-${name}`, id: name, address: `127.77.1.${index + 1}` },
    })),
    loadBalancer: topology.loadBalancer
      ? { container: 'c-lb', id: 'lb', address: '127.77.1.99' }
      : null,
    floatingIp: null,
    createdAt: '2026-03-01T09:30:05.000Z',
  }
}

const pod = (component: Component, node: string, ready = true): PlacedPod => ({
  ...{ name: `${component}-on-${node}`, namespace: 'drill', component, node: `c-${node}`, ready },
  madeFrom: null,
})

/** Kubernetes answers nobody; etcd is led by `leader`. */
function sceneOf(
  topology: Topology,
  {
    pods = [],
    current = true,
    leader = null,
    ...rest
  }: Partial<Omit<Scene, 'pods'>> & {
    pods?: readonly PlacedPod[]
    current?: boolean
    leader?: string | null
  } = {},
): Scene {
  return {
    engine: {
      docker: async ([, container = '']: readonly string[]) => {
        if (leader === null) throw new Error('not running')
        const id = container === `c-${leader}` ? 8 : 7
        return `{"member_id":${id},"raft_term":2},"leader":8,`
      },
    } as unknown as Engine,
    distribution: { etcdctl: () => ['etcdctl'] } as unknown as Distribution,
    topology,
    state: stateOf(topology),
    access: { credentials: { ca: '', cert: '', key: '', serverName: '' }, kubeconfig: '' },
    ways: [],
    hit: [],
    pods: async () => ({ pods, current }),
    owners: () => [],
    lastServed: () => null,
    ...rest,
  }
}

type Options = Parameters<typeof sceneOf>[1]

describe('on document 004', () => {
  const placed = [
    pod('database', 'cka-wk-1'),
    pod('page', 'cka-wk-2', false),
    pod('page', 'cka-wk-3'),
    pod('page', 'cka-wk-1'),
  ]
  it.each<[FaultTarget, Options, string, string]>([
    ['worker-with-database', { pods: placed }, 'cka-wk-1', 'runs database-on-cka-wk-1'],
    [
      ...(['worker-with-database', { pods: placed, current: false }, 'cka-wk-1'] as const),
      'ran database-on-cka-wk-1 when the API last answered',
    ],
    ['worker-with-page', { pods: placed }, 'cka-wk-1', 'runs page-on-cka-wk-1'],
    // Its pod is still said to be ready, but it is down already.
    [
      ...(['worker-with-page', { pods: placed, hit: ['cka-wk-1'] }, 'cka-wk-3'] as const),
      'runs page-on-cka-wk-3',
    ],
    [
      ...(['another-worker', { pods: placed }, 'cka-wk-2'] as const),
      'was not hit yet and does not run the database',
    ],
    [
      ...(['another-worker', { pods: placed, hit: ['cka-wk-2'] }, 'cka-wk-3'] as const),
      'was not hit yet and does not run the database',
    ],
    [
      ...(['another-worker', { pods: placed, hit: ['cka-wk-2', 'cka-wk-3'] }, 'cka-wk-1'] as const),
      'was not hit yet; the database runs there',
    ],
    ['control-plane', { hit: ['cka-cp-1'] }, 'cka-cp-1', 'the first one'],
    [
      ...(['control-plane-that-answered-last', { lastServed: () => 'cka-cp-3' }] as const),
      ...(['cka-cp-3', 'served the last request through the load balancer'] as const),
    ],
    ['etcd-leader', { leader: 'cka-cp-2' }, 'cka-cp-2', 'leads etcd'],
    [
      ...(['etcd-follower', { leader: 'cka-cp-1' }, 'cka-cp-2'] as const),
      'follows in etcd, which cka-cp-1 leads',
    ],
    [
      ...(['etcd-follower', { leader: 'cka-cp-1', hit: ['cka-cp-2'] }, 'cka-cp-3'] as const),
      'follows in etcd, which cka-cp-1 leads',
    ],
    ['hit-node', { hit: ['cka-wk-3', 'cka-cp-1'] }, 'cka-wk-3', 'was hit first'],
    ['node:cka-wk-2', {}, 'cka-wk-2', 'named in the plan'],
    ['floating-ip-holder', { owners: () => ['cka-wk-2'] }, 'cka-wk-2', 'holds the floating IP'],
  ])('%s, %o: %s', async (target, options, name, why) => {
    expect(await findTarget(target, sceneOf(kubeadmStacked, options))).toEqual({
      ...{ name, node: name, why },
    })
  })

  it('the load balancer and a link are no nodes', async () => {
    const scene = sceneOf(kubeadmStacked)
    expect(await findTarget('load-balancer', scene)).toEqual({
      ...{ name: 'cka-hap-1', node: null, why: 'stands before the API' },
    })
    expect(await findTarget('link:a/b', scene)).toMatchObject({ name: 'a/b', node: null })
  })

  it.each<[FaultTarget, Options, string]>([
    ['worker-with-database', { pods: [pod('database', 'cka-wk-1', false)] }, 'no ready database'],
    ['worker-with-reporting', { pods: placed }, 'no ready reporting pod'],
    ['another-worker', { hit: ['cka-wk-1', 'cka-wk-2', 'cka-wk-3'] }, 'every worker has been hit'],
    ['worker-at-another-site', {}, 'no worker stands at another site than cka-cp-1'],
    ['etcd-leader', {}, 'no member of etcd that answers says that it leads'],
    ['hit-node', {}, 'no node has been hit yet'],
    ['lease-holder', {}, 'no way to the API tells who holds'],
    ['floating-ip-holder', { owners: () => ['cka-wk-1', 'cka-wk-2'] }, 'no single node holds'],
    ['control-plane-that-answered-last', {}, "the load balancer's log names no control plane"],
    ['node:cka-wk-9', {}, "kubeadm-stacked has no node 'cka-wk-9' (cka-cp-1, cka-cp-2"],
    ['site:lab', {}, 'names a site'],
  ])('%s has nobody with %o', async (target, options, what) => {
    await expect(findTarget(target, sceneOf(kubeadmStacked, options))).rejects.toMatchObject({
      what: expect.stringContaining(what),
      changed: 'nothing was broken',
      exitCode: 2,
    })
  })
})

describe('on document 001', () => {
  it('the reporting worker is no other worker, but carries reporting', async () => {
    const pods = [pod('reporting', 'reporting'), pod('database', 'worker-a')]
    const scene = sceneOf(cxWorkerHaMetallb, { pods })
    expect(await findTarget('worker-with-reporting', scene)).toMatchObject({ node: 'reporting' })
    expect(await findTarget('another-worker', scene)).toMatchObject({ node: 'worker-b' })
  })

  it('a worker of the other site is found, and no load balancer', async () => {
    const scene = sceneOf(cxWorkerHaMetallb)
    expect(await findTarget('worker-at-another-site', scene)).toEqual({
      ...{ name: 'worker-b', node: 'worker-b' },
      why: expect.stringMatching(/^stands at site-b, \S+ at site-a$/),
    })
    await expect(findTarget('load-balancer', scene)).rejects.toThrow('has no load balancer')
  })
})

it('control planes that carry the workload count as workers where there are no others', async () => {
  const [first, second] = k0sThreeZones.nodes
  const pods = [pod('database', first?.name ?? '')]
  const found = await findTarget('another-worker', sceneOf(k0sThreeZones, { pods }))
  expect(found.node).toBe(second?.name)
})

it.each([
  ['{"spec":{"holderIdentity":"drill-control-plane2_8f0e-11aa"}}', 'drill-control-plane2'],
  ['{"spec":{"holderIdentity":""}}', null],
  ['{"spec":{"holderIdentity":null}}', null],
  ['{"metadata":{}}', null],
])('the holder in %s', (lease, holder) => {
  expect(holderIn(lease)).toBe(holder)
})
