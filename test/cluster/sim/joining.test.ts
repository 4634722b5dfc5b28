/** An API server of a control plane that joins: it listens at once, and waits for etcd to take it. */
import { expect, test } from 'vitest'
import { modelOf } from './model.ts'

function joining() {
  const model = modelOf({ topology: 'kubeadm-stacked' })
  const { api, etcd, machines, paths } = model.cluster
  const third = machines.controlPlanes[2]
  if (!third) throw new Error('three control planes are asked for')
  etcd.remove(third)
  api.stop(third)
  model.pass(20_000)
  api.start(third, 4_000)
  model.cluster.look()
  return { model, api, etcd, paths, third }
}

test('it takes connections and answers nobody until its member votes, then turns clients away', () => {
  const { model, api, etcd, paths, third } = joining()
  expect(paths.server(third)).toMatchObject({ good: 0, error: 'answer-timeout' })
  model.pass(10_000)
  expect(etcd.add(third)).toBeNull()
  etcd.start(third)
  expect(etcd.promote(third)).toBe(true)
  model.cluster.look()
  expect(paths.server(third)).toMatchObject({ good: 0, error: 'http-403' })
  model.pass(4_100)
  expect(api.isReady(third)).toBe(true)
  expect(paths.server(third).good).toBe(1)
})

test('meanwhile the load balancer has it in, so that one in three connections is in vain', () => {
  const { model, paths } = joining()
  model.pass(10_000)
  expect(paths.balanced().good).toBeCloseTo(2 / 3)
})
