/**
 * The load balancer of a real cluster loses its power, in order and at once, and one of the control
 * planes behind it a route: each with receipts, undone, and undone again without effect. HAProxy's
 * log is followed across its restarts, and the other control planes answer meanwhile.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookForTools } from '../../harness/cli/tools.ts'
import { KindProvider } from '../../harness/cluster/kind/provider.ts'
import type { Evidence, FaultHandle, Moment, Session, Stop } from '../../harness/cluster/port.ts'
import type { DrillEvent } from '../../harness/model/event.ts'
import type { FaultKind, FaultTarget } from '../../harness/model/scenario.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'
import { livePlan } from './support.ts'

const plan = livePlan({
  ...{ runId: 'load-balancer', clusterName: 'drill-load-balancer', topology: kubeadmStacked },
})
let provider: KindProvider
let session: Session
let stop: Stop
const events: DrillEvent[] = []
const troubles: string[] = []

beforeAll(async () => {
  const found = await lookForTools()
  if ('missing' in found) throw new Error(found.missing)
  provider = new KindProvider(found.tools)
  session = await provider.open(plan, () => undefined, new AbortController().signal)
  stop = await session.watch(
    (event) => events.push(event),
    (trouble) => troubles.push(trouble),
  )
})

afterAll(async () => {
  await stop?.()
  await session?.[Symbol.asyncDispose]()
  await provider.remove(plan.clusterName, () => undefined)
})

/** Looks until the evidence is as wanted; the last look where it never is. */
async function seen(handle: FaultHandle, moment: Moment, state: Evidence['state']) {
  const deadlineMs = session.clock.nowMs() + 60_000
  for (;;) {
    const evidence = await handle.look(moment)
    if (evidence.state === state || session.clock.nowMs() > deadlineMs) return evidence
    await session.clock.sleepUntil(session.clock.nowMs() + 250)
  }
}

async function saidOf(name: string, server: string, sinceMs: number): Promise<boolean> {
  const deadlineMs = session.clock.nowMs() + 60_000
  for (;;) {
    const found = events.some(
      (event) => event.name === name && event.node === server && event.atMs >= sinceMs,
    )
    if (found || session.clock.nowMs() > deadlineMs) return found
    await session.clock.sleepUntil(session.clock.nowMs() + 250)
  }
}

async function begun(kind: FaultKind, on: FaultTarget): Promise<FaultHandle> {
  const target = await session.findTarget(on, [])
  const handle = await session.fault({ id: kind, kind, target: on }, target)
  expect(await handle.look('before')).toMatchObject({ state: 'well' })
  await handle.inject()
  expect(await seen(handle, 'during', 'broken')).toMatchObject({ state: 'broken' })
  return handle
}

async function healed(handle: FaultHandle): Promise<void> {
  expect(await session.undo(handle.undo)).not.toBe('')
  expect(await seen(handle, 'after', 'well')).toMatchObject({ state: 'well' })
  // As by `pnpm clean` after a crash between the undo and the word of it.
  expect(await provider.undo(handle.undo)).not.toBe('')
  expect(await handle.look('after')).toMatchObject({ state: 'well' })
}

describe.each<FaultKind>(['power.kill', 'power.stop', 'power.pause'])('%s', (kind) => {
  test('of the load balancer takes hold and is undone', async () => {
    const fromMs = session.clock.nowMs()
    const handle = await begun(kind, 'load-balancer')
    expect(session.clock.nowMs() - fromMs).toBeLessThan(20_000)
    await healed(handle)
    expect(troubles).toEqual([])
  })
})

test('a route astray takes one control plane from the load balancer, and no other', async () => {
  const fromMs = session.clock.nowMs()
  const handle = await begun('network.route', 'node:cka-cp-1')
  expect(await handle.facts?.()).toMatchObject({
    route: expect.stringMatching(/^unreachable [\d.]+\/17$/),
  })
  expect(await saidOf('lb-down', 'cka-cp-1', fromMs)).toBe(true)
  expect(await session.findTarget('etcd-leader', [])).not.toMatchObject({ node: 'cka-cp-1' })
  const healedMs = session.clock.nowMs()
  await healed(handle)
  // Said by the HAProxy that was started again above.
  expect(await saidOf('lb-up', 'cka-cp-1', healedMs)).toBe(true)
  const down = events.filter(({ name, atMs }) => name === 'lb-down' && atMs >= fromMs)
  expect([...new Set(down.map(({ node }) => node))]).toEqual(['cka-cp-1'])
})
