/** Members of etcd that are put in: one learner at a time, and none beside a member that is not connected. */
import { expect, test } from 'vitest'
import { modelOf } from './model.ts'

function clusterOf() {
  const model = modelOf({ topology: 'kubeadm-stacked' })
  const { etcd, machines } = model.cluster
  const [first, second, third] = machines.controlPlanes
  if (!first || !second || !third) throw new Error('three control planes are asked for')
  return { model, etcd, first, second, third }
}

test('one that is taken out and put in again is another member, and learns before it votes', () => {
  const { model, etcd, third } = clusterOf()
  const before = etcd.memberIdOf(third)
  etcd.remove(third)
  model.pass(10_000)
  expect(etcd.add(third)).toBeNull()
  expect(etcd.memberIdOf(third)).not.toBe(before)
  expect([etcd.size, etcd.learners, etcd.majority]).toEqual([3, 1, 2])
  expect(etcd.promote(third)).toBe(false)
  etcd.start(third)
  expect(etcd.serves(third)).toBe(false)
  expect(etcd.promote(third)).toBe(true)
  expect(etcd.serves(third)).toBe(true)
})

test('a second one is refused for the learner, then until the first has been connected for 5 s', () => {
  const { model, etcd, second, third } = clusterOf()
  etcd.remove(second)
  etcd.remove(third)
  model.pass(10_000)
  expect(etcd.add(second)).toBeNull()
  expect(etcd.add(third)).toBe('learner')
  etcd.start(second)
  etcd.promote(second)
  expect(etcd.add(third)).toBe('unhealthy')
  model.pass(4_900)
  expect(etcd.add(third)).toBe('unhealthy')
  model.pass(200)
  expect(etcd.add(third)).toBeNull()
})

test('without a majority none is taken', () => {
  const { model, etcd, second, third } = clusterOf()
  etcd.remove(third)
  model.cluster.powerOff(second, false)
  model.pass(10_000)
  expect(etcd.add(third)).toBe('no leader')
})

test('beside a member that is down none is taken, until that is taken out', () => {
  const { model, etcd, second, third } = clusterOf()
  model.cluster.powerOff(second, false)
  model.pass(10_000)
  expect(etcd.leader).not.toBeNull()
  const { machines } = model.cluster
  const [worker] = machines.all.filter(({ node }) => node.role === 'worker')
  if (!worker) throw new Error('a worker is asked for')
  expect(etcd.add(worker)).toBe('unhealthy')
  etcd.remove(second)
  expect(etcd.add(worker)).toBeNull()
  expect(etcd.serves(third)).toBe(true)
})
