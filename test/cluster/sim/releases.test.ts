/** What `--kubernetes` changes in the model: how soon a node is given up, and how soon etcd elects. */
import { expect, test } from 'vitest'
import { SimSession } from '../../../harness/cluster/sim/session.ts'
import { usualRelease } from '../../../harness/model/release.ts'
import { planOf } from '../../support/plan-of.ts'
import { modelOf } from './model.ts'

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

/** From the loss of a worker until its pods are replaced, at the real timers. */
function evictedMs(kubernetes: string, seed: number): number {
  const model = modelOf({ kubernetes, seed })
  model.pass(60_000)
  const diedMs = model.nowMs()
  model.cluster.powerOff(model.cluster.machines.get('worker-b'), false)
  model.pass(420_000)
  const evicted = model.events.find(({ name }) => name === 'pod-evicted')
  return (evicted?.atMs ?? Number.NaN) - diedMs
}

test('before 1.32 a lost worker is given up 10 s sooner', () => {
  for (const seed of seeds) {
    const now = evictedMs(usualRelease, seed)
    for (const release of ['v1.27', 'v1.31']) {
      expect(now - evictedMs(release, seed)).toBeCloseTo(10_000, 0)
    }
  }
})

/** From the loss of etcd's leader until another leads. */
function electionMs(kubernetes: string, seed: number): number {
  const model = modelOf({ topology: 'kubeadm-stacked', kubernetes, seed })
  const { cluster, pass } = model
  pass(1_000)
  cluster.powerOff(cluster.machines.get(cluster.etcd.leader ?? ''), false)
  const fromMs = model.nowMs()
  while (cluster.etcd.leader === null && model.nowMs() - fromMs < 60_000) pass(10)
  return model.nowMs() - fromMs
}

test('etcd elects within 1 to 2 s, and in K3s and RKE2 within 5 to 10 s', () => {
  for (const seed of seeds) {
    for (const release of ['v1.27', 'v1.34']) {
      expect(electionMs(release, seed)).toBeGreaterThanOrEqual(1_000)
      expect(electionMs(release, seed)).toBeLessThanOrEqual(2_010)
    }
    for (const release of ['v1.34+k3s', 'v1.31+rke2']) {
      expect(electionMs(release, seed)).toBeGreaterThanOrEqual(5_000)
      expect(electionMs(release, seed)).toBeLessThanOrEqual(10_010)
    }
  }
})

test('a session says of which release it is, and that of a plan for k3d is of k3s', () => {
  const of = (plan: ReturnType<typeof planOf>) => new SimSession(plan, new Date(0))
  const plan = planOf('kubeadm-stacked')
  expect(of(plan).kubernetes).toBe('v1.34')
  expect(of(planOf('kubeadm-stacked', 'brisk', [], 'v1.31+rke2'))).toMatchObject({
    kubernetes: 'v1.31+rke2',
    versions: { etcd: 'elections after 5 s or more' },
  })
  expect(of({ ...plan, provider: 'k3d' }).kubernetes).toBe('v1.34+k3s')
})
