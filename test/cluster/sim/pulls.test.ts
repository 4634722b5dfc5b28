/** An image whose registry is away: how long it is asked for in vain, and when the kubelet asks again. */
import { expect, test } from 'vitest'
import { modelOf } from './model.ts'

const seeds = Array.from({ length: 10 }, (_, index) => index + 1)

/** From a pod's node to its container, with a registry that gets its power back so long after that. */
function startedAfterMs(seed: number, awayMs: number): number {
  const model = modelOf({ topology: 'embedded-external-lb', seed })
  const { cluster } = model
  const { kubelets, machines, pods } = cluster
  const registry = machines.get('master-1')
  kubelets.pullFrom(registry)
  cluster.powerOff(registry, false)
  const [page] = pods.all.filter(({ owner }) => owner.component === 'page')
  if (!page) throw new Error('no page')
  pods.markDeleting(page, false)
  while (model.toldAtMs('pod-scheduled', 'page-3') === null) model.pass(100)
  model.pass(awayMs)
  cluster.powerOn(registry)
  while (model.toldAtMs('pod-started', 'page-3') === null && model.nowMs() < 600_000) {
    model.pass(100)
  }
  const [atMs, fromMs] = [
    model.toldAtMs('pod-started', 'page-3'),
    model.toldAtMs('pod-scheduled', 'page-3'),
  ]
  return (atMs ?? Number.NaN) - (fromMs ?? Number.NaN)
}

test('a silent registry lets go after 3 to 12 s, and is asked again 10 to 15 s after that', () => {
  for (const seed of seeds) expect(startedAfterMs(seed, 100)).toBeGreaterThan(10_000)
})

test('the third time it is asked no less than 20 s after the second', () => {
  const laterMs = seeds.map((seed) => startedAfterMs(seed, 25_000))
  expect(Math.min(...laterMs)).toBeGreaterThan(33_000)
  expect(Math.max(...laterMs)).toBeLessThan(130_000)
})
