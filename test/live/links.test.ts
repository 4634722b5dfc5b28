/**
 * Faults of the link between the two sites of a real cluster: cut, cut one way, lossy and slow, each
 * with receipts, undone, and undone again without effect. Meanwhile the host, where the clients
 * are, reaches both sides; and an undo after a crash leaves no rule on any node.
 */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { lookForTools } from '../../harness/cli/tools.ts'
import { Engine } from '../../harness/cluster/containers/engine.ts'
import { foldersOf, loadState, type OwnedNode } from '../../harness/cluster/containers/ownership.ts'
import type { KindTools } from '../../harness/cluster/kind/distribution.ts'
import { KindProvider } from '../../harness/cluster/kind/provider.ts'
import type { Evidence, FaultHandle, Moment, Session } from '../../harness/cluster/port.ts'
import type { FaultPlan } from '../../harness/model/scenario.ts'
import { livePlan } from './support.ts'

const plan = livePlan({ runId: 'links', clusterName: 'drill-links' })
let tools: KindTools
let engine: Engine
let provider: KindProvider
let session: Session
let nodes: OwnedNode[]

beforeAll(async () => {
  const found = await lookForTools()
  if ('missing' in found) throw new Error(found.missing)
  tools = found.tools
  engine = new Engine(tools)
  provider = new KindProvider(tools)
  session = await provider.open(plan, () => undefined, new AbortController().signal)
  nodes = (await loadState(tools.home, plan.clusterName))?.nodes ?? []
  expect(nodes.map(({ name }) => name)).toEqual(['control-plane', 'worker-a', 'worker-b'])
})

afterAll(async () => {
  await session?.[Symbol.asyncDispose]()
  await provider.remove(plan.clusterName, () => undefined)
})

const inNode = async ({ container }: OwnedNode, script: string) =>
  await engine.docker(['exec', container, 'sh', '-c', script])

const rulesLeft = async () =>
  await Promise.all(
    nodes.map(async (node) => await inNode(node, 'nft list tables netdev; tc qdisc')),
  )

afterEach(async () => {
  for (const left of await rulesLeft()) {
    expect(left).not.toContain('clusterdrill-link')
    expect(left).not.toContain('cd0:')
  }
})

const target = 'link:site-a/site-b'
const onLink = async (fault: Omit<FaultPlan, 'id' | 'target'>): Promise<FaultHandle> =>
  await session.fault({ id: 'link', target, ...fault }, await session.findTarget(target, []))

/** Looks until the evidence is as wanted; the last look where it never is. */
async function seen(handle: FaultHandle, moment: Moment, state: Evidence['state']) {
  const deadlineMs = session.clock.nowMs() + 30_000
  for (;;) {
    const evidence = await handle.look(moment)
    if (evidence.state === state || session.clock.nowMs() > deadlineMs) return evidence
    await session.clock.sleepUntil(session.clock.nowMs() + 250)
  }
}

const kubeletPort = 10_250

/** Whether the host can open a TCP connection there. */
const reaches = (host: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port: kubeletPort, timeout: 2_000 })
    const end = (reached: boolean) => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })

const reachable = async () =>
  await Promise.all(nodes.map(async ({ address }) => await reaches(address)))

const wholeThere = 'site-a → site-b: 6 of 6 arrived'
const wholeBack = 'site-b → site-a: 6 of 6 arrived'

/** The address of a pod in site-a that answers TCP on port 53. */
async function podInSiteA(): Promise<string> {
  const table = await engine.kubectl([
    ...['--kubeconfig', foldersOf(tools.home, plan.clusterName).kubeconfig],
    ...['get', 'pods', '--namespace', 'kube-system', '--selector', 'k8s-app=kube-dns'],
    ...['-o', 'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{"\\n"}{end}'],
  ])
  const siteA = nodes.filter(({ name }) => name !== 'worker-b').map(({ container }) => container)
  const pods = table.split('\n').map((line) => line.split(' '))
  const address = pods.find(([node = '']) => siteA.includes(node))?.[1]
  if (!address) throw new Error(`no DNS pod in site-a:\n${table}`)
  return address
}

const fromWorkerB = async (address: string) => {
  const workerB = nodes.find(({ name }) => name === 'worker-b')
  if (!workerB) throw new Error('no worker-b')
  const open = `timeout 3 bash -c '</dev/tcp/${address}/53' 2>/dev/null && echo yes || echo no`
  return await inNode(workerB, open)
}

test('a cut loses both ways, and the host still reaches both sides', async () => {
  const handle = await onLink({ kind: 'network.cut' })
  const before = { state: 'well', text: `${wholeThere}; ${wholeBack}` }
  expect(await handle.look('before')).toEqual(before)
  const pod = await podInSiteA()
  expect(await fromWorkerB(pod)).toBe('yes')

  await handle.inject()
  const during = await seen(handle, 'during', 'broken')
  expect(during.state).toBe('broken')
  expect(during.text).toMatch(
    /^site-a → site-b: 0 of 6 arrived; site-b → site-a: 0 of 6 arrived; rules in site-b dropped \d+ frames; rules in site-a dropped \d+ frames$/,
  )
  expect(await reachable()).toEqual([true, true, true])
  expect(await fromWorkerB(pod)).toBe('no')

  const containers = nodes.map(({ container }) => container).join(', ')
  expect(await session.undo(handle.undo)).toBe(
    `the link site-a/site-b carries everything again, rules removed in ${containers}`,
  )
  expect(await session.undo(handle.undo)).toBe('no rules of the link site-a/site-b were left')
  expect(await seen(handle, 'after', 'well')).toEqual(before)
  expect(await fromWorkerB(pod)).toBe('yes')
})

test('a cut of one way leaves the other whole, for as long as it lasts', async () => {
  const handle = await onLink({ kind: 'network.cut-one-way' })
  expect((await handle.look('before')).state).toBe('well')
  await handle.inject()
  const expected = {
    state: 'broken',
    text: expect.stringContaining(`site-a → site-b: 0 of 6 arrived; ${wholeBack}; rules in site-b`),
  }
  expect(await seen(handle, 'during', 'broken')).toEqual(expected)
  expect(await reachable()).toEqual([true, true, true])
  // Longer than a node trusts a hardware address that nobody confirms.
  await session.clock.sleepUntil(session.clock.nowMs() + 45_000)
  expect(await handle.look('during')).toEqual(expected)
  await session.undo(handle.undo)
  expect((await seen(handle, 'after', 'well')).state).toBe('well')
})

test('a loss of thirty in a hundred loses about that', async () => {
  const handle = await onLink({ kind: 'network.loss', lossPercent: 30 })
  expect((await handle.look('before')).text).toBe(
    'site-a → site-b: 100 of 100 arrived, 0 % lost; site-b → site-a: 100 of 100 arrived, 0 % lost',
  )
  await handle.inject()
  const during = await seen(handle, 'during', 'broken')
  expect(during.state).toBe('broken')
  const shares = [...during.text.matchAll(/ of 100 arrived, (\d+) % lost/g)].map(([, share]) =>
    Number(share),
  )
  expect(shares).toHaveLength(2)
  for (const share of shares) {
    expect(share).toBeGreaterThanOrEqual(12)
    expect(share).toBeLessThanOrEqual(48)
  }
  await session.undo(handle.undo)
  expect((await seen(handle, 'after', 'well')).state).toBe('well')
})

test('a delay holds every packet back, or is refused where the kernel has no netem', async () => {
  const [anyNode] = nodes
  if (!anyNode) throw new Error('no node')
  const netem = await inNode(
    anyNode,
    'unshare --net tc qdisc add dev lo root netem delay 1ms 2>/dev/null && echo has || echo lacks',
  )
  if (netem === 'lacks') {
    await expect(onLink({ kind: 'network.delay', delayMs: 100 })).rejects.toMatchObject({
      name: 'InvalidRunError',
      what: 'this kernel cannot delay packets: it has no netem',
      changed: 'nothing was broken',
    })
    return
  }
  const handle = await onLink({ kind: 'network.delay', delayMs: 100 })
  expect((await handle.look('before')).state).toBe('well')
  await handle.inject()
  const during = await seen(handle, 'during', 'broken')
  expect(during.state).toBe('broken')
  expect(during.text).toMatch(/round trip 2\d\d/)
  await session.undo(handle.undo)
  expect((await seen(handle, 'after', 'well')).state).toBe('well')
})

test('what a crash left is undone by a provider that knows the journal alone', async () => {
  const handle = await onLink({ kind: 'network.cut' })
  await handle.inject()
  expect((await rulesLeft()).every((left) => left.includes('clusterdrill-link'))).toBe(true)
  const action = JSON.parse(JSON.stringify(handle.undo))
  expect(await new KindProvider(tools).undo(action)).toContain('carries everything again')
  expect((await handle.look('after')).state).toBe('well')
})

test('the same with the API down, for a stopped node needs no undo', async () => {
  const handle = await onLink({ kind: 'network.cut' })
  await handle.inject()
  const [{ container } = { container: '' }, ...workers] = nodes
  await engine.docker(['kill', container])
  try {
    expect((await handle.look('during')).text).toBe('not to be told: not running control-plane')
    const removed = workers.map((node) => node.container).join(', ')
    expect(await new KindProvider(tools).undo(handle.undo)).toBe(
      `the link site-a/site-b carries everything again, rules removed in ${removed}; stopped, and its rules with it: ${container}`,
    )
  } finally {
    await engine.docker(['start', container])
  }
})
