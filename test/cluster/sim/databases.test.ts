/** What is lost in the model where two databases run at once on one volume. */
import { describe, expect, test } from 'vitest'
import { compile } from '../../../harness/plan/compile.ts'
import { simulate } from '../../../harness/predict/simulate.ts'
import { scenarios } from '../../../scenarios/index.ts'
import { topologies } from '../../../topologies/index.ts'

/** The link between the sites is cut for long enough, with the database on that worker. */
async function cutWith(node: string) {
  const { plan } = compile(
    {
      ...{ scenario: 'site-cut', topology: null, provider: 'sim', pace: 'brisk', set: [] },
      ...{ target: null, seed: 1, harnessVersion: '0.1.0' },
    },
    { scenarios, topologies },
  )
  if (!plan) throw new Error('no plan')
  const { conduct, events, samples } = await simulate(
    { ...plan, runId: 'simulated' },
    {
      found: {
        pods: [{ component: 'database', node }],
        ...{ floatingIpHolder: null, leaseHolder: null, etcdLeader: null },
      },
    },
  )
  const toldMs = (name: string) => events.find((event) => event.name === name)?.atMs ?? 0
  const ofDatabase = (name: string) =>
    events.find((event) => event.name === name && event.component === 'database')?.atMs ?? null
  return {
    ...{ integrity: conduct.integrity, samples, healMs: toldMs('undo') },
    ...{ heirMs: ofDatabase('pod-started'), oldGoneMs: ofDatabase('pod-deleted') },
  }
}

describe('the link between two sites, cut', () => {
  test('loses what the database that is cut off acknowledges once its heir has started', async () => {
    const { integrity, samples, heirMs, healMs, oldGoneMs } = await cutWith('worker-b')
    if (heirMs === null || oldGoneMs === null) throw new Error('the database has no heir')
    const savedUntil = (untilMs: number) =>
      samples.filter(
        ({ vantage, ok, sentAtMs }) =>
          vantage === 'save-worker-b' && ok && sentAtMs > heirMs && sentAtMs < untilMs,
      ).length
    expect(savedUntil(healMs)).toBeGreaterThan(10)
    expect(integrity.lostWrites).toBeGreaterThanOrEqual(savedUntil(healMs))
    expect(integrity.lostWrites).toBeLessThanOrEqual(savedUntil(oldGoneMs))
  })

  test('loses nothing where the database is on the side of the API', async () => {
    const { integrity, heirMs } = await cutWith('worker-a')
    expect([heirMs, integrity.lostWrites]).toEqual([null, 0])
  })
})
