/**
 * Room and rules in the model: what is never broken whatever happens to nodes and pods, and that a
 * pod which fits nowhere is placed as soon as it fits.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { podsMax, type Room } from '../../../harness/cluster/sim/scheduler-view.ts'
import {
  hostKey,
  type Placement,
  regionKey,
  usualRequests,
  zoneKey,
} from '../../../harness/model/placement.ts'
import type { Component, Topology } from '../../../harness/model/topology.ts'
import { type Model, modelOf } from './model.ts'

const minute = 60_000
const components = ['page', 'api', 'database'] as const
type Placements = Partial<Record<Component, Placement>>

const placed =
  (placement: Placements, replicas?: { pageReplicas: number; apiReplicas: number }) =>
  (topology: Topology): Topology => ({
    ...topology,
    workload: { ...topology.workload, ...replicas, placement },
  })
const cpu = (cpuMillis: number) => ({ requests: { cpuMillis, memoryBytes: 1 } })
const pending = ({ cluster }: Model) => cluster.pods.all.filter(({ node }) => node === null)
const why = ({ events }: Model) =>
  events.filter(({ name }) => name === 'pod-unschedulable').map(({ detail }) => detail)

describe('a pod that fits nowhere', () => {
  const rooms = { 'worker-a': { cpuMillis: 300 }, 'worker-b': { cpuMillis: 300 } }
  const full = () =>
    modelOf({
      change: placed({ page: cpu(100), api: cpu(100), database: cpu(50) }),
      allocatable: rooms,
    })

  test('waits, says why once for each reason, and is placed when its node is back', () => {
    const model = full()
    const { cluster } = model
    model.pass(minute)
    expect(pending(model)).toEqual([])
    cluster.powerOff(cluster.machines.get('worker-a'), false)
    model.pass(15 * minute)
    expect(pending(model)).not.toEqual([])
    expect(new Set(why(model))).toEqual(
      new Set([
        '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.',
      ]),
    )
    cluster.powerOn(cluster.machines.get('worker-a'))
    model.pass(5 * minute)
    expect(pending(model)).toEqual([])
    for (const { owner, node } of cluster.pods.all) expect(node, owner.component).not.toBeNull()
  })

  test('is tried again when another pod has gone', () => {
    const placedFirst = new Set<string>()
    for (let seed = 1; seed <= 20; seed += 1) {
      const model = modelOf({
        ...{ seed, change: placed({ page: cpu(100), api: cpu(100), database: cpu(100) }) },
        allocatable: { 'worker-a': { cpuMillis: 200 }, 'worker-b': { cpuMillis: 200 } },
      })
      const { pods } = model.cluster
      model.pass(minute)
      const [waiting] = pending(model)
      expect(waiting?.owner.component).toBe('database')
      const page = pods.all.find(({ owner }) => owner.component === 'page')
      if (page) pods.markDeleting(page, false)
      model.pass(minute)
      // The room goes to it, or to what was made in place of the one that went.
      expect(pending(model)).toHaveLength(1)
      placedFirst.add(waiting?.node ? 'the one that waited' : 'the new one')
    }
    expect(placedFirst).toContain('the one that waited')
  })

  test('is placed when the nodes that counted in its spread count no more', () => {
    const spread = [
      { maxSkew: 1, topologyKey: zoneKey, whenUnsatisfiable: 'DoNotSchedule' } as const,
    ]
    const model = modelOf({
      change: placed({ page: { spread } }, { pageReplicas: 2, apiReplicas: 1 }),
    })
    model.pass(minute)
    const { cluster } = model
    cluster.powerOff(cluster.machines.get('worker-a'), false)
    model.pass(10 * minute)
    const pages = cluster.pods.all.filter(({ owner, ready }) => owner.component === 'page' && ready)
    expect(pages.map(({ node }) => node?.name)).toEqual(['worker-b', 'worker-b'])
  })

  test('is one too many for a kubelet, where nothing is said of room', () => {
    const replicas = { pageReplicas: 2, apiReplicas: 2 * podsMax - 5 }
    const model = modelOf({
      change: (topology) => ({ ...topology, workload: { ...topology.workload, ...replicas } }),
    })
    const { pods, machines } = model.cluster
    const counts = () => ['worker-a', 'worker-b'].map((name) => pods.countOn(machines.get(name)))
    model.pass(minute)
    const before = counts()
    model.cluster.powerOff(machines.get('worker-a'), false)
    model.pass(10 * minute)
    expect(before[1]).toBeLessThan(podsMax)
    expect(counts()[1]).toBe(podsMax)
    const [page] = pods.on(machines.get('worker-b'))
    if (page) pods.markDeleting(page, false)
    model.pass(minute)
    expect(counts()[1]).toBe(podsMax)
  })
})

const term = fc.record({
  component: fc.constantFrom(...components),
  topologyKey: fc.constantFrom(hostKey, zoneKey, regionKey),
})
const weighted = fc.record({ weight: fc.integer({ min: 1, max: 100 }), term })
const placement: fc.Arbitrary<Placement> = fc.record(
  {
    requests: fc.record({
      cpuMillis: fc.constantFrom(0, 100, 250, 400),
      memoryBytes: fc.constantFrom(0, 64, 256),
    }),
    podAffinity: fc.record({
      required: fc.array(term, { maxLength: 1 }),
      preferred: fc.array(weighted, { maxLength: 2 }),
    }),
    podAntiAffinity: fc.record({
      required: fc.array(term, { maxLength: 1 }),
      preferred: fc.array(weighted, { maxLength: 2 }),
    }),
    spread: fc.array(
      fc.record({
        maxSkew: fc.integer({ min: 1, max: 2 }),
        topologyKey: fc.constantFrom(hostKey, zoneKey),
        whenUnsatisfiable: fc.constantFrom('DoNotSchedule' as const, 'ScheduleAnyway' as const),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
)
const rooms: fc.Arbitrary<Partial<Room>> = fc.record(
  {
    cpuMillis: fc.constantFrom(200, 500, 1_000),
    memoryBytes: fc.constantFrom(64, 512, 1_024),
    pods: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
)
const act = fc.record({
  kind: fc.constantFrom('power' as const, 'pod' as const, 'pass' as const),
  place: fc.nat(30),
  ms: fc.integer({ min: 1, max: 6 * minute }),
})
const shape = fc.record({
  topology: fc.constantFrom('cx-worker-ha', 'cx-worker-ha-metallb-local', 'k0s-three-zones'),
  seed: fc.nat(1_000_000),
  placement: fc.record(
    { page: placement, api: placement, database: placement },
    { requiredKeys: [] },
  ),
  rooms: fc.array(rooms, { minLength: 1, maxLength: 6 }),
  acts: fc.array(act, { maxLength: 8 }),
})

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

function playing({ topology, seed, placement: rules, rooms: all }: Shape): Model {
  const { nodes } = modelOf({ topology }).cluster.scene.topology
  const allocatable = Object.fromEntries(
    nodes.map(({ name }, index) => [name, all[index % all.length] ?? {}]),
  )
  return modelOf({ topology, seed, change: placed(rules), allocatable })
}

function play({ cluster, pass }: Model, { kind, place, ms }: Shape['acts'][number]): void {
  const { machines, pods } = cluster
  if (kind === 'power') {
    const machine = machines.all[place % machines.all.length]
    if (machine?.power === 'on') cluster.powerOff(machine, false)
    else if (machine) cluster.powerOn(machine)
  }
  const standing = pods.all.filter(({ node }) => node !== null)
  const pod = standing[place % Math.max(1, standing.length)]
  if (kind === 'pod' && pod) pods.markDeleting(pod, false)
  pass(ms)
}

/** Reckoned anew from the pods, not from what the scheduler keeps account of. */
function expectRoom({ cluster }: Model): void {
  const { machines, pods, scene } = cluster
  const { placement: rules = {} } = scene.topology.workload
  for (const machine of machines.all) {
    const on = pods.on(machine)
    const room = scene.allocatable[machine.name] ?? {}
    const asked = (what: 'cpuMillis' | 'memoryBytes') =>
      on.reduce((sum, { owner }) => {
        return sum + (rules[owner.component]?.requests ?? usualRequests)[what]
      }, 0)
    const freely = (['cpuMillis', 'memoryBytes'] as const).filter((what) => asked(what) > 0)
    for (const what of freely) {
      expect(asked(what), `${what} of ${machine.name}`).toBeLessThanOrEqual(
        room[what] ?? Number.POSITIVE_INFINITY,
      )
    }
    expect(on.length).toBeLessThanOrEqual(room.pods ?? podsMax)
  }
}

function expectApart({ cluster }: Model): void {
  const { scene, pods } = cluster
  const placeOf = (pod: (typeof pods.all)[number], key: string) => {
    const site = scene.topology.sites.find(({ name }) => name === pod.node?.node.site)
    return key === hostKey ? pod.node?.name : key === zoneKey ? site?.zone : site?.region
  }
  const standing = pods.all.filter(({ node }) => node !== null)
  for (const pod of standing) {
    const rules = scene.topology.workload.placement?.[pod.owner.component]?.podAntiAffinity
    for (const { component, topologyKey } of rules?.required ?? []) {
      const near = standing.filter(
        (other) =>
          other !== pod &&
          other.owner.component === component &&
          placeOf(other, topologyKey) === placeOf(pod, topologyKey),
      )
      expect(
        near.map(({ name }) => name),
        `${pod.name} by ${topologyKey}`,
      ).toEqual([])
    }
  }
}

describe('whatever happens', () => {
  test('no node is asked for more than it has, and none stand together that must be apart', () => {
    fc.assert(
      fc.property(shape, (one) => {
        const model = playing(one)
        expectRoom(model)
        expectApart(model)
        for (const each of one.acts) {
          play(model, each)
          expectRoom(model)
          expectApart(model)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('a pod that could be placed is placed', () => {
    fc.assert(
      fc.property(shape, (one) => {
        const model = playing(one)
        const { cluster } = model
        for (const each of one.acts) play(model, each)
        for (const machine of cluster.machines.all) {
          if (machine.power === 'off') cluster.powerOn(machine)
        }
        model.pass(60 * minute)
        for (const pod of pending(model)) {
          expect(cluster.placing.placeFor(pod), pod.name).toMatchObject({
            machine: null,
            why: expect.stringMatching(/^0\/\d+ nodes are available: \d/),
          })
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('a room is that of a node of the topology', () => {
  expect(() => modelOf({ allocatable: { nowhere: { pods: 1 } } })).toThrow(RangeError)
})
