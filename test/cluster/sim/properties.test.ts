/**
 * What must be so whatever is broken, and in whichever order: random machines lose power and get it
 * back, links are cut, kubelets and load balancers stop, containers and pods are killed.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../../harness/cluster/sim/cluster.ts'
import { type Model, modelOf } from './model.ts'

const place = fc.nat(30)
const act = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  fc.record({ kind: fc.constant('power' as const), place, orderly: fc.boolean() }),
  fc.record({ kind: fc.constant('freeze' as const), place }),
  fc.record({ kind: fc.constant('kubelet' as const), place }),
  fc.record({ kind: fc.constant('link' as const), place, oneWay: fc.boolean() }),
  fc.record({ kind: fc.constant('container' as const), place }),
  fc.record({ kind: fc.constant('pod' as const), place }),
  fc.record({ kind: fc.constant('balancer' as const) }),
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

const shape = fc.record({
  topology: fc.constantFrom(
    'cx-worker-ha',
    'cx-worker-ha-metallb-local',
    'k0s-three-zones',
    'kubeadm-stacked',
    'embedded-no-lb',
  ),
  seed: fc.nat(1_000_000),
  acts: fc.array(act, { minLength: 1, maxLength: 25 }),
})

/** What is on goes off, and the other way round. */
function play(model: Model, each: Act): void {
  const { cluster, pass } = model
  const { machines } = cluster
  const machineAt = (at: number) => {
    const machine = machines.all[at % machines.all.length]
    if (!machine) throw new RangeError('no machine')
    return machine
  }
  switch (each.kind) {
    case 'pass':
      pass(each.ms)
      return
    case 'power': {
      const machine = machineAt(each.place)
      if (machine.power === 'on') cluster.powerOff(machine, each.orderly)
      else if (machine.power === 'off') cluster.powerOn(machine)
      return
    }
    case 'freeze': {
      const machine = machineAt(each.place)
      if (machine.power === 'on') machines.take(machine, 'paused')
      else if (machine.power === 'paused') cluster.thaw(machine)
      return
    }
    case 'kubelet': {
      const machine = machineAt(each.place)
      if (machine.power !== 'on') return
      if (machine.kubelet) cluster.stopKubelet(machine)
      else cluster.startKubelet(machine)
      return
    }
    case 'link': {
      const sites = [...new Set(machines.all.map(({ node }) => node.site))]
      const [from = '', to = ''] = [
        sites[each.place % sites.length],
        sites[(each.place + 1) % sites.length],
      ]
      if (from === to) return
      const lost = each.place % 2 === 0
      machines.cut(from, to, lost)
      if (!each.oneWay) machines.cut(to, from, lost)
      return
    }
    case 'container':
    case 'pod': {
      const pods = cluster.pods.all.filter(({ node, serves }) => node !== null && serves)
      const pod = pods[each.place % Math.max(1, pods.length)]
      if (!pod) return
      if (each.kind === 'pod') cluster.pods.markDeleting(pod, false)
      else cluster.kubelets.killContainer(pod)
      return
    }
    case 'balancer':
      if (cluster.balancer) cluster.balancer.on = !cluster.balancer.on
      return
  }
}

function expectSane({
  machines,
  pods,
  paths,
  api,
  etcd,
  elections,
  controllers: _,
}: Cluster): void {
  for (const pod of pods.all) {
    if (pod.node?.power === 'off') expect(pod.serves, `${pod.name} on a dead node`).toBe(false)
    expect(pod.gone).toBe(false)
  }
  for (const machine of machines.all) {
    if (machine.power === 'on') continue
    expect(paths.throughNode(machine, 'page', false).good).toBe(0)
    expect(paths.server(machine).good).toBe(0)
  }
  const up = machines.controlPlanes.filter(({ power }) => power === 'on')
  if (up.length < etcd.majority) {
    expect(api.anyReady, 'an API server takes writes without a majority').toBe(false)
  }
  // Its member sees the leader, and the leader sees a majority.
  const leader = etcd.leader === null ? null : machines.get(etcd.leader)
  for (const machine of api.ready) {
    expect(leader, `${machine.name} is ready without a leader`).not.toBeNull()
    if (!leader) continue
    expect(machines.reaches(machine, leader) || machine === leader).toBe(true)
    const seen = up.filter((other) => other === leader || machines.reaches(leader, other))
    expect(seen.length).toBeGreaterThanOrEqual(etcd.majority)
  }
  for (const election of elections.values()) {
    if (election.leader !== null) expect(election.names).toContain(election.leader)
  }
}

describe('whatever is broken', () => {
  test('time never goes back, no pod of a dead node answers, and no write is taken without quorum', () => {
    fc.assert(
      fc.property(shape, ({ topology, seed, acts }) => {
        const model = modelOf({ topology, seed })
        let beforeMs = model.nowMs()
        for (const each of acts) {
          play(model, each)
          expect(model.nowMs()).toBeGreaterThanOrEqual(beforeMs)
          beforeMs = model.nowMs()
          expectSane(model.cluster)
        }
        const told = model.events.map(({ atMs }) => atMs)
        expect(told).toEqual(told.toSorted((a, b) => a - b))
      }),
      { numRuns: 300 },
    )
  })

  test('once everything is given back, everything answers again', () => {
    fc.assert(
      fc.property(shape, ({ topology, seed, acts }) => {
        const model = modelOf({ topology, seed })
        const { cluster, pass } = model
        for (const each of acts) play(model, each)
        const { machines, balancer } = cluster
        const sites = [...new Set(machines.all.map(({ node }) => node.site))]
        for (const from of sites) for (const to of sites) machines.cut(from, to, false)
        if (balancer) balancer.on = true
        for (const machine of machines.all) {
          if (machine.power === 'paused') cluster.thaw(machine)
          if (machine.power === 'off') cluster.powerOn(machine)
          else if (!machine.kubelet) cluster.startKubelet(machine)
        }
        pass(60 * 60_000)
        for (const machine of machines.all) {
          expect(cluster.nodes.isReady(machine), machine.name).toBe(true)
          expect(cluster.paths.throughNode(machine, 'page', true), machine.name).toMatchObject({
            good: 1,
          })
        }
        if (balancer) expect(cluster.paths.balanced().good).toBe(1)
        for (const { replicas, pods, component } of cluster.pods.owners) {
          expect(
            [...pods].filter(({ ready }) => ready),
            component,
          ).toHaveLength(replicas)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('the same seed twice is the same to the byte', () => {
    fc.assert(
      fc.property(shape, (one) => {
        const log = (seed: number) => {
          const model = modelOf({ ...one, seed })
          for (const each of one.acts) play(model, each)
          model.pass(10 * 60_000)
          return JSON.stringify(model.events)
        }
        expect(log(one.seed)).toBe(log(one.seed))
      }),
      { numRuns: 50 },
    )
  })
})
