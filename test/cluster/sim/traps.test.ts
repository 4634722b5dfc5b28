/**
 * What catches whoever models this: rules of Kubernetes and etcd that are easily forgotten, each held
 * against the model at the real timers and over many seeds.
 */
import { describe, expect, test } from 'vitest'
import { modelOf, noExecute, withWorkers } from './model.ts'

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
const minute = 60_000
const power = (model: ReturnType<typeof modelOf>, ...names: string[]) => {
  for (const name of names) model.cluster.powerOff(model.cluster.machines.get(name), false)
}

describe('losing nodes', () => {
  test('a dead node is NotReady after 40 to 55 s, and its pods are evicted 300 s later', () => {
    for (const seed of seeds) {
      const model = modelOf({ seed })
      model.pass(minute)
      const diedMs = model.nowMs()
      power(model, 'worker-b')
      model.pass(7 * minute)
      const notReadyMs = (model.toldAtMs('node-not-ready', 'worker-b') ?? 0) - diedMs
      const taintedMs = (model.toldAtMs('node-tainted', 'worker-b', noExecute) ?? 0) - diedMs
      // Renewals are up to 10.2 s apart, looks 5 s.
      expect(notReadyMs).toBeGreaterThan(40_000)
      expect(notReadyMs).toBeLessThanOrEqual(60_000)
      expect(taintedMs - notReadyMs).toBeLessThan(5_000)
      const evicted = model.events.filter(({ name }) => name === 'pod-evicted')
      expect(evicted.length).toBeGreaterThan(0)
      for (const { atMs } of evicted) {
        expect(atMs - diedMs - taintedMs).toBeGreaterThanOrEqual(300_000)
        expect(atMs - diedMs - taintedMs).toBeLessThan(305_000)
      }
    }
  })

  test('its pods leave their Services when it is NotReady, long before they are evicted', () => {
    const model = modelOf()
    model.pass(minute)
    power(model, 'worker-b')
    model.pass(7 * minute)
    const notReadyMs = model.toldAtMs('node-not-ready', 'worker-b') ?? 0
    const removed = model.events.filter(
      ({ name, node }) => name === 'endpoint-removed' && node === 'worker-b',
    )
    expect(removed.length).toBeGreaterThan(0)
    for (const { atMs } of removed) {
      expect(atMs).toBeGreaterThanOrEqual(notReadyMs)
      expect(atMs).toBeLessThan(notReadyMs + 5_000)
    }
  })

  test('one that came back while nobody led is untainted by the next leader, and keeps its pods', () => {
    for (const seed of seeds) {
      const model = modelOf({ seed })
      const { cluster } = model
      const worker = cluster.machines.get('worker-a')
      model.pass(minute)
      power(model, 'worker-a')
      model.pass(2 * minute)
      expect(cluster.nodes.hasNoExecute(worker)).toBe(true)
      power(model, 'control-plane')
      cluster.powerOn(worker)
      model.pass(2 * minute)
      cluster.powerOn(cluster.machines.get('control-plane'))
      model.pass(10 * minute)
      expect(cluster.nodes.hasNoExecute(worker)).toBe(false)
      const untainted = model.events.filter(({ name }) => name === 'node-untainted')
      expect(untainted.filter(({ subject }) => subject === 'worker-a')).toHaveLength(2)
      expect(model.events.filter(({ name }) => name === 'pod-evicted')).toEqual([])
    }
  })

  test('of five nodes of a zone two dead ones are evicted, ten seconds apart, and three never', () => {
    const two = modelOf({ change: withWorkers(5) })
    two.pass(minute)
    power(two, 'worker-1', 'worker-2')
    two.pass(3 * minute)
    const [first = 0, second = 0] = ['worker-1', 'worker-2']
      .map((name) => two.toldAtMs('node-tainted', name, noExecute) ?? 0)
      .toSorted((a, b) => a - b)
    expect(first).toBeGreaterThan(0)
    expect(second - first).toBeGreaterThanOrEqual(10_000)

    const three = modelOf({ change: withWorkers(5) })
    three.pass(minute)
    power(three, 'worker-1', 'worker-2', 'worker-3')
    three.pass(60 * minute)
    for (const name of ['worker-1', 'worker-2', 'worker-3']) {
      expect(three.toldAtMs('node-not-ready', name)).not.toBeNull()
    }
    // One may have been tainted before the third was noticed; once the zone is unhealthy none is.
    const tainted = three.events.filter(({ detail }) => noExecute.test(detail))
    expect(tainted.length).toBeLessThan(2)
  })

  test('a zone that is wholly dead is evicted as ever; with every node silent nothing is', () => {
    const zone = modelOf({ change: withWorkers(3) })
    zone.pass(minute)
    power(zone, 'worker-1', 'worker-2', 'worker-3')
    zone.pass(3 * minute)
    const tainted = zone.events.filter(({ detail }) => noExecute.test(detail))
    expect(tainted).toHaveLength(3)

    const all = modelOf({ change: withWorkers(3) })
    all.pass(minute)
    for (const machine of all.cluster.machines.all) all.cluster.stopKubelet(machine)
    all.pass(10 * minute)
    expect(all.events.filter(({ name }) => name === 'node-not-ready')).toHaveLength(4)
    expect(all.events.filter(({ name }) => name === 'pod-evicted')).toEqual([])
  })

  test('a node that is back in time loses no pod', () => {
    const model = modelOf()
    model.pass(minute)
    power(model, 'worker-b')
    model.pass(3 * minute)
    model.cluster.powerOn(model.cluster.machines.get('worker-b'))
    model.pass(10 * minute)
    expect(model.toldAtMs('node-ready', 'worker-b')).not.toBeNull()
    expect(model.events.filter(({ name }) => name === 'pod-evicted')).toEqual([])
  })
})

describe('a control plane that was away', () => {
  test('a new leader begins the silence and the toleration anew', () => {
    for (const seed of seeds) {
      const model = modelOf({ seed })
      model.pass(minute)
      power(model, 'worker-b')
      // Tainted, and the pods wait for the end of their toleration.
      model.pass(2 * minute)
      expect(model.toldAtMs('node-tainted', 'worker-b', noExecute)).not.toBeNull()
      power(model, 'control-plane')
      model.pass(minute)
      model.cluster.powerOn(model.cluster.machines.get('control-plane'))
      model.pass(10 * minute)
      const ledAtMs = model.toldAtMs('leader-changed', 'kube-controller-manager') ?? 0
      const evictedAtMs = model.events.find(({ name }) => name === 'pod-evicted')?.atMs ?? 0
      expect(ledAtMs).toBeGreaterThan(4 * minute)
      expect(evictedAtMs - ledAtMs).toBeGreaterThanOrEqual(300_000)
    }
  })

  test('what dies while nobody leads is noticed a whole grace after somebody does', () => {
    const model = modelOf()
    model.pass(minute)
    power(model, 'control-plane')
    model.pass(minute)
    power(model, 'worker-b')
    model.pass(10 * minute)
    expect(model.toldAtMs('node-not-ready', 'worker-b')).toBeNull()
    model.cluster.powerOn(model.cluster.machines.get('control-plane'))
    model.pass(5 * minute)
    const ledAtMs = model.toldAtMs('leader-changed', 'kube-controller-manager') ?? 0
    const lostAtMs = model.toldAtMs('node-not-ready', 'worker-b') ?? 0
    expect(lostAtMs - ledAtMs).toBeGreaterThanOrEqual(50_000)
  })

  test('a crashed leader is followed after 13 to 20 s, and one that ended in order at once', () => {
    for (const seed of seeds) {
      const model = modelOf({ topology: 'kubeadm-stacked', seed })
      model.pass(minute)
      const election = model.cluster.elections.get('kube-scheduler')
      const leader = election?.leader ?? ''
      const crashedMs = model.nowMs()
      power(model, leader)
      model.pass(minute)
      const tookMs = (model.toldAtMs('leader-changed', 'kube-scheduler') ?? 0) - crashedMs
      expect(tookMs).toBeGreaterThanOrEqual(13_000)
      expect(tookMs).toBeLessThanOrEqual(21_500)

      const tookAfterOrder = (name: 'kube-scheduler' | 'kube-controller-manager') => {
        const orderly = modelOf({ topology: 'kubeadm-stacked', seed })
        orderly.pass(minute)
        const { elections, machines } = orderly.cluster
        const endedMs = orderly.nowMs()
        orderly.cluster.powerOff(machines.get(elections.get(name)?.leader ?? ''), true)
        orderly.pass(minute)
        return (orderly.toldAtMs('leader-changed', name) ?? 0) - endedMs
      }
      expect(tookAfterOrder('kube-scheduler')).toBeLessThanOrEqual(4_400)
      // The controller manager does not give its Lease back.
      expect(tookAfterOrder('kube-controller-manager')).toBeGreaterThanOrEqual(13_000)
    }
  })
})

describe('etcd beside its API server', () => {
  const controlPlanes = ['cka-cp-1', 'cka-cp-2', 'cka-cp-3'] as const
  const stacked = (seed = 1) => {
    const model = modelOf({ topology: 'kubeadm-stacked', seed })
    model.pass(minute)
    return model
  }

  test('an API server whose own member is away is away too, though others have quorum', () => {
    const { cluster, pass } = stacked()
    const [first] = controlPlanes
    const machine = cluster.machines.get(first)
    cluster.etcd.stop(machine)
    pass(5_000)
    expect(cluster.api.isReady(machine)).toBe(false)
    expect(cluster.api.ready.map(({ name }) => name)).toEqual(controlPlanes.slice(1))
  })

  test('a dead leader is followed after 1 to 2 s, and two of three are enough', () => {
    for (const seed of seeds) {
      const { cluster, pass } = stacked(seed)
      const lost = cluster.machines.get(cluster.etcd.leader ?? '')
      cluster.powerOff(lost, false)
      pass(999)
      expect(cluster.etcd.leader).toBeNull()
      pass(1_001)
      expect(cluster.etcd.leader).not.toBeNull()
    }
  })

  test('without a majority nothing is ready, and after 80 s the kubelet kills the server that waits', () => {
    for (const seed of seeds) {
      const model = stacked(seed)
      const { cluster, pass } = model
      power(model, ...controlPlanes.slice(1))
      const left = cluster.machines.get(controlPlanes[0])
      pass(5_000)
      expect(cluster.api.anyReady).toBe(false)
      expect(cluster.api.listens(left)).toBe(true)
      let seconds = 5
      while (cluster.api.listens(left) && seconds < 200) {
        pass(1_000)
        seconds += 1
      }
      // Killed after 70 to 80 s and started at once, it gives up 30 s later and waits for its back-off.
      expect(seconds).toBeGreaterThanOrEqual(100)
      expect(seconds).toBeLessThanOrEqual(111)
      for (const name of controlPlanes.slice(1)) cluster.powerOn(cluster.machines.get(name))
      pass(10 * minute)
      expect(cluster.api.ready).toHaveLength(3)
    }
  })
})
