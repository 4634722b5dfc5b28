/**
 * Every fault of the kind provider on a real node, with its receipts: well before, broken while it
 * holds, well again after the undo, and the address kept. What no scenario plays yet is exercised
 * here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookForTools } from '../../harness/cli/tools.ts'
import { KindProvider } from '../../harness/cluster/kind/provider.ts'
import type { Evidence, FaultHandle, Moment, Session } from '../../harness/cluster/port.ts'
import type { FaultKind, FaultPlan } from '../../harness/model/scenario.ts'
import { livePlan } from './support.ts'

const plan = livePlan({ runId: 'faults' })
let provider: KindProvider
let session: Session

beforeAll(async () => {
  const found = await lookForTools()
  if ('missing' in found) throw new Error(found.missing)
  provider = new KindProvider(found.tools)
  session = await provider.open(plan, () => undefined, new AbortController().signal)
  await session.prepare(() => undefined)
})

afterAll(async () => {
  await session[Symbol.asyncDispose]()
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

const addressOf = async (node: string | null) => {
  const [standing] = await provider.standing()
  return standing?.nodes.find(({ name }) => name === node)
}

describe.each<[FaultKind, string]>([
  ['power.kill', 'container stopped'],
  ['power.stop', 'container stopped'],
  ['power.reboot', 'container stopped'],
  ['power.pause', 'container frozen'],
  ['process.kubelet-stop', 'kubelet unit inactive'],
  ['process.container-kill', ''],
])('%s', (kind, held) => {
  test('takes hold and is undone, with receipts', async () => {
    const { node } = await session.findTarget('worker-with-database', [])
    const fault: FaultPlan = { id: kind, kind, target: `node:${node}` }
    const handle = await session.fault(fault, { name: node ?? '', node, why: 'in this test' })
    expect((await handle.look('before')).state).toBe('well')

    await handle.inject()
    const during = await seen(handle, 'during', 'broken')
    expect(during.state).toBe('broken')
    expect(during.text).toContain(held)

    expect(await session.undo(handle.undo)).not.toBe('')
    const after = await seen(handle, 'after', 'well')
    expect(after.state).toBe('well')
    expect(await addressOf(node)).toMatchObject({ state: 'running' })
    // An undo that is carried out twice, as after a crash, changes nothing.
    expect(await provider.undo(handle.undo)).not.toBe('')
    await session.prepare(() => undefined)
  })
})

test('the provider refuses to undo on what is not its own', async () => {
  const foreign = await provider.undo({
    kind: 'power.start',
    provider: 'kind',
    cluster: 'somebody-elses',
    node: 'worker-a',
    container: 'somebody-elses-worker',
    address: null,
    network: null,
  })
  expect(foreign).toContain('nothing to undo')
  await expect(provider.remove('somebody-elses', () => undefined)).rejects.toThrow(
    'no cluster of ours',
  )
})
