/** kube-scheduler's filters and scores one by one, on nodes by hand. */
import { describe, expect, test } from 'vitest'
import { decide } from '../../../harness/cluster/sim/scheduler.ts'
import { leastAllocated } from '../../../harness/cluster/sim/scheduler-scores.ts'
import {
  type Placements,
  type PodCounts,
  type SchedulerNode,
  unboundedRoom,
  type WaitingPod,
} from '../../../harness/cluster/sim/scheduler-view.ts'
import { hostKey, type Placement, regionKey, zoneKey } from '../../../harness/model/placement.ts'

const requests = { cpuMillis: 500, memoryBytes: 1_000 }

function nodeOf(
  name: string,
  zone: string,
  change: Partial<SchedulerNode> = {},
  pods: PodCounts = {},
): SchedulerNode {
  const count = Object.values(pods).reduce((sum, each) => sum + each, 0)
  return {
    name,
    labels: { [hostKey]: name, [zoneKey]: zone, [regionKey]: 'here' },
    allocatable: unboundedRoom,
    used: { cpuMillis: 500 * count, memoryBytes: 1_000 * count, pods: count },
    bound: pods,
    living: pods,
    ...{ only: null, unschedulable: false, taints: [] },
    ...change,
  }
}

function place(
  nodes: readonly SchedulerNode[],
  placement: Placement = {},
  { pod = {}, placements = {} }: { pod?: Partial<WaitingPod>; placements?: Placements } = {},
): string | null {
  const usual = { component: 'page', requests, placement, reserved: false, volumeOn: null } as const
  const decision = decide({ ...usual, ...pod }, { nodes, placements })
  return decision.node?.name ?? decision.message
}

const room = (cpuMillis: number, memoryBytes = Number.POSITIVE_INFINITY, pods = 110) => ({
  allocatable: { cpuMillis, memoryBytes, pods },
})

describe('where a pod fits nowhere, it is said of each node why', () => {
  test('in the order of the filters, and counted by reason', () => {
    const nodes = [
      nodeOf('control-plane', 'a', { taints: ['node-role.kubernetes.io/control-plane'] }),
      nodeOf('lost', 'a', { taints: ['node.kubernetes.io/unreachable'], ...room(1) }),
      nodeOf('full', 'b', room(499)),
      nodeOf('small', 'b', room(499)),
    ]
    expect(place(nodes)).toBe(
      '0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 Insufficient cpu.',
    )
  })

  test.each<[string, Partial<SchedulerNode>, Partial<WaitingPod>]>([
    ['1 node(s) were unschedulable', { unschedulable: true, taints: ['x'] }, {}],
    [
      '1 node(s) had untolerated taint {clusterdrill.dev/only: reporting}',
      { only: 'reporting' },
      {},
    ],
    ["1 node(s) didn't match Pod's node affinity/selector", {}, { reserved: true }],
    ["1 node(s) didn't match PersistentVolume's node affinity", {}, { volumeOn: 'another' }],
    ['1 Insufficient memory', room(500, 999), {}],
    ['1 Insufficient cpu, 1 Insufficient memory', room(499, 999), {}],
    ['1 Too many pods', room(500, 1_000, 0), {}],
  ])('%s', (reason, node, pod) => {
    expect(place([nodeOf('one', 'a', node)], {}, { pod })).toBe(
      `0/1 nodes are available: ${reason}.`,
    )
  })

  test('without nodes there is nothing to count', () => {
    expect(place([])).toBe('no nodes available to schedule pods')
  })

  test('what just fits is placed', () => {
    expect(place([nodeOf('one', 'a', room(500, 1_000, 1))])).toBe('one')
  })
})

describe('least allocated', () => {
  test('is what would be left of CPU and memory, in percent', () => {
    const used = { cpuMillis: 500, memoryBytes: 0, pods: 1 }
    const node = { allocatable: { cpuMillis: 4_000, memoryBytes: 3_000, pods: 110 }, used }
    expect(leastAllocated(requests, node)).toBe(70) // (75 + 66) / 2
    expect(leastAllocated(requests, { allocatable: unboundedRoom, used })).toBe(100)
    expect(leastAllocated({ ...requests, cpuMillis: 9_000 }, node)).toBe(33)
  })

  test('prefers the larger of two empty nodes, and the emptier of two alike', () => {
    expect(
      place([nodeOf('small', 'a', room(1_000, 9_000)), nodeOf('large', 'b', room(4_000, 9_000))]),
    ).toBe('large')
    const used = { cpuMillis: 2_000, memoryBytes: 0, pods: 1 }
    expect(
      place([
        nodeOf('busy', 'a', { ...room(4_000, 9_000), used }),
        nodeOf('idle', 'b', room(4_000, 9_000)),
      ]),
    ).toBe('idle')
  })

  test('weighs less than a spread over the nodes', () => {
    const nodes = [nodeOf('large', 'a', room(64_000), { page: 1 }), nodeOf('small', 'b', room(600))]
    expect(place(nodes)).toBe('small')
  })
})

describe('node affinity', () => {
  const inZone = (...values: string[]) => ({ key: zoneKey, values }) as const
  const nodes = [nodeOf('one', 'a'), nodeOf('two', 'b'), nodeOf('three', 'c')]

  test('required: all terms of one node', () => {
    expect(place(nodes, { nodeAffinity: { required: [inZone('b', 'c')] } })).toBe('two')
    const both = { required: [inZone('b', 'c'), inZone('c')] }
    expect(place(nodes, { nodeAffinity: both })).toBe('three')
    expect(place(nodes, { nodeAffinity: { required: [inZone('d')] } })).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
    )
  })

  test('preferred: the greatest sum of weights, and another where that has no room', () => {
    const preferred = [
      { weight: 10, term: inZone('b') },
      { weight: 6, term: inZone('c') },
      { weight: 5, term: inZone('c') },
    ]
    expect(place(nodes, { nodeAffinity: { preferred } })).toBe('three')
    const full = [...nodes.slice(0, 2), nodeOf('three', 'c', room(0))]
    expect(place(full, { nodeAffinity: { preferred } })).toBe('two')
  })
})

describe('pods near each other, and apart', () => {
  const onHost = { component: 'page', topologyKey: hostKey } as const
  const inZone = { component: 'page', topologyKey: zoneKey } as const

  test('required anti-affinity by node and by zone; one that is ending is still there', () => {
    const nodes = [
      nodeOf('one', 'a', { bound: { page: 1 }, living: {} }),
      nodeOf('two', 'a'),
      nodeOf('three', 'b'),
    ]
    expect(place(nodes, { podAntiAffinity: { required: [onHost] } })).toBe('two')
    expect(place(nodes, { podAntiAffinity: { required: [inZone] } })).toBe('three')
    expect(place(nodes.slice(0, 2), { podAntiAffinity: { required: [inZone] } })).toBe(
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
    )
  })

  test('those that are there keep others away too', () => {
    const placements = { database: { podAntiAffinity: { required: [inZone] } } }
    const nodes = [nodeOf('one', 'a', {}, { database: 1 }), nodeOf('two', 'b')]
    expect(place(nodes, {}, { placements })).toBe('two')
    expect(place(nodes.slice(0, 1), {}, { placements })).toBe(
      "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    )
  })

  test('preferred anti-affinity gives way where there is nothing else', () => {
    const preferred = [
      { weight: 50, term: { component: 'database', topologyKey: zoneKey } as const },
    ]
    const taken = nodeOf('one', 'a', {}, { database: 1 })
    expect(place([taken, nodeOf('two', 'b')], { podAntiAffinity: { preferred } })).toBe('two')
    expect(place([taken], { podAntiAffinity: { preferred } })).toBe('one')
  })

  test('required affinity: where such a pod is, and nowhere without one', () => {
    const required = [{ component: 'database', topologyKey: zoneKey } as const]
    const nodes = [
      nodeOf('one', 'a'),
      nodeOf('two', 'b', room(0), { database: 1 }),
      nodeOf('three', 'b'),
    ]
    expect(place(nodes, { podAffinity: { required } })).toBe('three')
    expect(place(nodes.slice(0, 1), { podAffinity: { required } })).toBe(
      "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
    )
  })

  test('the first of those that want to be together may begin anywhere', () => {
    const podAffinity = { required: [inZone] }
    expect(place([nodeOf('one', 'a')], { podAffinity })).toBe('one')
    const nodes = [
      nodeOf('one', 'a'),
      nodeOf('two', 'b'),
      nodeOf('three', 'b', room(0), { page: 1 }),
    ]
    expect(place(nodes, { podAffinity })).toBe('two')
  })

  test('no pod is of two components, so terms of two are met by none', () => {
    const required = [inZone, { component: 'api', topologyKey: zoneKey } as const]
    const nodes = [nodeOf('one', 'a', {}, { page: 1, api: 1 })]
    expect(place(nodes, { podAffinity: { required } })).toMatch(/didn't match pod affinity rules/)
  })

  test('preferred affinity draws, from either side', () => {
    const nodes = [
      nodeOf('one', 'a'),
      nodeOf('two', 'b'),
      nodeOf('data', 'b', room(0), { database: 1 }),
    ]
    const near = (component: 'database' | 'page') => ({
      podAffinity: {
        preferred: [{ weight: 1, term: { component, topologyKey: zoneKey } as const }],
      },
    })
    expect(place(nodes)).toBe('one')
    expect(place(nodes, near('database'))).toBe('two')
    expect(place(nodes, {}, { placements: { database: near('page') } })).toBe('two')
  })
})

describe('topology spread', () => {
  const hard = (maxSkew: number): Placement => ({
    spread: [{ maxSkew, topologyKey: zoneKey, whenUnsatisfiable: 'DoNotSchedule' }],
  })
  const full = nodeOf('two', 'b', room(0))

  test('refuses a zone that has more by maxSkew than the one with the fewest', () => {
    const nodes = [nodeOf('one', 'a', {}, { page: 1 }), full]
    expect(place(nodes, hard(2))).toBe('one')
    expect(place(nodes, hard(1))).toBe(
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints.",
    )
  })

  test('does not count a zone whose nodes are all tainted or not selected, nor pods that are ending', () => {
    const one = nodeOf('one', 'a', {}, { page: 1 })
    expect(place([one, nodeOf('lost', 'b', { taints: ['lost'] })], hard(1))).toBe('one')
    const selecting = { nodeAffinity: { required: [{ key: zoneKey, values: ['a'] } as const] } }
    expect(place([one, full], { ...hard(1), ...selecting })).toBe('one')
    expect(place([nodeOf('one', 'a', { bound: { page: 1 } }), full], hard(1))).toBe('one')
  })

  test('where it may be broken it is a preference: the emptier zone, or else the other', () => {
    const spread = [
      { maxSkew: 1, topologyKey: zoneKey, whenUnsatisfiable: 'ScheduleAnyway' } as const,
    ]
    const nodes = [
      nodeOf('one', 'a'),
      nodeOf('there', 'a', {}, { page: 2 }),
      nodeOf('two', 'b', {}, { page: 1 }),
    ]
    expect(place(nodes, { spread })).toBe('two')
    expect(place(nodes.slice(0, 2), { spread })).toBe('one')
    expect(place([nodes[0] as SchedulerNode, full], { spread })).toBe('one')
  })
})

test('of equal nodes that with the fewest pods of the component, then of all, then the first', () => {
  const spread: Placement = { spread: [] }
  const [one, two, three] = [
    nodeOf('one', 'a', {}, { page: 1 }),
    nodeOf('two', 'a', {}, { api: 2 }),
    nodeOf('three', 'a', {}, { api: 1 }),
  ]
  expect(place([one, two, three], spread)).toBe('three')
  expect(place([one, two], spread)).toBe('two')
  expect(place([nodeOf('four', 'a'), nodeOf('five', 'a')], spread)).toBe('four')
})
