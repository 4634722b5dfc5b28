/** Envoy in the place of HAProxy: when it takes a server out, when it panics, and how often it tries. */
import { describe, expect, test } from 'vitest'
import { behindEnvoy } from '../../../harness/model/envoy.ts'
import { modelOf } from './model.ts'

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)
const envoy = (seed = 1) => modelOf({ topology: 'kubeadm-stacked', change: behindEnvoy, seed })
const names = ['cka-cp-1', 'cka-cp-2', 'cka-cp-3'] as const

/** The control planes lose their power; how long Envoy takes to notice the first. */
function lose(model: ReturnType<typeof modelOf>, ...lost: string[]): number {
  const { cluster } = model
  for (const name of lost) cluster.powerOff(cluster.machines.get(name), false)
  const fromMs = model.nowMs()
  model.pass(20_000)
  return (model.toldAtMs('lb-down', lost[0] ?? '') ?? Number.NaN) - fromMs
}

describe('a server is taken out', () => {
  test('8 to 10 s after its power went: two checks of 3 s that nobody answers, 2 s apart', () => {
    for (const seed of seeds) {
      const tookMs = lose(envoy(seed), 'cka-cp-3')
      expect(tookMs).toBeGreaterThanOrEqual(8_000)
      expect(tookMs).toBeLessThanOrEqual(10_000)
    }
  })

  test('2 to 4 s after its services ended, and put back at its first good check', () => {
    for (const seed of seeds) {
      const model = envoy(seed)
      const { cluster } = model
      const machine = cluster.machines.get('cka-cp-3')
      model.pass(1_000)
      const fromMs = model.nowMs()
      cluster.endServices(machine, fromMs)
      cluster.servicesEnded(machine)
      model.pass(10_000)
      const tookMs = (model.toldAtMs('lb-down', 'cka-cp-3', /failed: network,/) ?? 0) - fromMs
      expect(tookMs).toBeGreaterThanOrEqual(2_000)
      expect(tookMs).toBeLessThanOrEqual(4_000)
      cluster.powerOff(machine, false)
      cluster.powerOn(machine)
      while (!cluster.api.isReady(machine) && model.nowMs() < 600_000) model.pass(100)
      const readyMs = model.nowMs()
      model.pass(5_000)
      const upMs = model.toldAtMs('lb-up', 'cka-cp-3') ?? 0
      expect(upMs - readyMs).toBeLessThanOrEqual(2_000)
    }
  })

  test('at the first check that its API server answers badly, for want of etcd', () => {
    for (const seed of seeds) {
      const model = envoy(seed)
      model.pass(1_000)
      lose(model, 'cka-cp-1', 'cka-cp-2')
      const downMs = (model.toldAtMs('lb-down', 'cka-cp-3', /failed: active,/) ?? 0) - 1_000
      expect(downMs).toBeGreaterThanOrEqual(0)
      expect(downMs).toBeLessThanOrEqual(2_000)
    }
  })
})

test('with fewer than half of its servers healthy it panics: all of them get connections', () => {
  const model = envoy()
  const { balancer } = model.cluster
  lose(model, 'cka-cp-1')
  expect(balancer?.up.map(({ name }) => name)).toEqual(['cka-cp-2', 'cka-cp-3'])
  lose(model, 'cka-cp-2')
  expect(balancer?.up.map(({ name }) => name)).toEqual(names)
  expect(model.events.filter(({ name }) => name === 'lb-empty')).toEqual([])
})

test('it tries to connect once, for 250 ms', () => {
  const { cluster, nowMs } = envoy()
  const [dead, alive] = names.map((name) => cluster.machines.get(name))
  if (!dead || !alive) throw new Error('no machines')
  cluster.powerOff(dead, false)
  expect(cluster.paths.balanced(dead)).toMatchObject({ good: 0, failsAfterMs: 250 })
  cluster.endServices(alive, nowMs())
  cluster.servicesEnded(alive)
  expect(cluster.paths.balanced(alive)).toMatchObject({ error: 'closed', failsAfterMs: 1 })
})
