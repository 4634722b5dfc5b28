/** One account of what happened, from several API servers that come and go. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type WatcherOptions, watchCluster } from '../../../harness/cluster/kubernetes/watcher.ts'
import { MonotonicClock } from '../../../harness/cluster/monotonic-clock.ts'
import type { DrillEvent } from '../../../harness/model/event.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ApiServerStandIn, access, type Item } from './api-server-stand-in.ts'

vi.setConfig({ testTimeout: 20_000 })

let one: ApiServerStandIn
let two: ApiServerStandIn
let events: DrillEvent[]
let stop: () => Promise<void>

beforeEach(async () => {
  one = await new ApiServerStandIn().listen()
  two = await new ApiServerStandIn().listen()
  events = []
  stop = async () => undefined
})
afterEach(async () => {
  await stop()
  await Promise.all([one, two].map((server) => server[Symbol.asyncDispose]()))
})

const watch = (...servers: ApiServerStandIn[]) => watchIn(['clusterdrill'], servers)
async function watchIn(namespaces: string[], servers: ApiServerStandIn[]): Promise<void> {
  const options: WatcherOptions = {
    access,
    targets: servers.map((server, index) => ({ name: `cp-${index + 1}`, baseUrl: server.url })),
    namespaces,
    names: { nodeOf: (name) => name.replace('drill-', '') },
    clock: new MonotonicClock(),
    emit: (event) => events.push(event),
  }
  stop = await watchCluster(options)
  await expect.poll(() => servers.map((server) => server.watchers('leases'))).not.toContain(0)
}

const told = () => events.map(({ name, subject }) => `${name} ${subject}`)

function node(ready: boolean, resourceVersion: string): Item {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }]
  const metadata = { name: 'drill-worker-a', uid: 'n', resourceVersion }
  return { metadata, status: { conditions } } as Item
}
const pod = (name: string, resourceVersion: string): Item => ({
  metadata: { name, uid: name, resourceVersion },
})

it('tells nothing of what stood before, and a change once, whoever tells of it', async () => {
  one.items = { nodes: [node(true, '5')], pods: [pod('page-1', '6')] }
  two.items = one.items
  await watch(one, two)
  expect(events).toEqual([])
  for (const server of [one, two]) server.tell('nodes', 'MODIFIED', node(false, '11'))
  one.tell('pods', 'DELETED', pod('page-1', '12'))
  two.tell('pods', 'MODIFIED', pod('page-1', '6'))
  two.tell('pods', 'ADDED', pod('page-2', '13'))
  await expect.poll(told).toContain('pod-created page-2')
  expect(told().toSorted()).toEqual([
    ...['node-not-ready worker-a', 'pod-created page-2', 'pod-deleted page-1'],
  ])
})

it('says that a server is lost and is back, and then what happened meanwhile', async () => {
  one.items = { nodes: [node(true, '5')], pods: [pod('page-1', '6')] }
  await watch(one)
  const port = Number(new URL(one.url).port)
  await one[Symbol.asyncDispose]()
  await expect.poll(told, { timeout: 5_000 }).toEqual(['watch-lost cp-1'])
  one = new ApiServerStandIn()
  one.items = { nodes: [node(false, '20')], pods: [pod('page-2', '21')] }
  one.listVersion = '30'
  await one.listen(port)
  await expect.poll(told, { timeout: 5_000 }).toContain('watch-back cp-1')
  expect(told().toSorted()).toEqual([
    ...['node-not-ready worker-a', 'pod-created page-2', 'pod-deleted page-1'],
    ...['watch-back cp-1', 'watch-lost cp-1'],
  ])
})

it('does not take for gone what is newer than a list', async () => {
  one.items = { pods: [pod('page-1', '6')] }
  two.items = one.items
  const held = Promise.withResolvers<void>()
  two.hold = held.promise
  // The second server lists its pods late, and as of a version before that of the new pod.
  const watching = watch(one, two)
  await expect.poll(() => one.watchers('leases')).toBe(1)
  await expect.poll(() => two.lists).toBe(1)
  one.tell('pods', 'ADDED', pod('page-2', '11'))
  await expect.poll(told).toEqual(['pod-created page-2'])
  held.resolve()
  await watching
  expect(told()).toEqual(['pod-created page-2'])
})

it('takes for gone what a newer list does not hold', async () => {
  one.items = { pods: [pod('page-1', '6')] }
  two.listVersion = '12'
  const held = Promise.withResolvers<void>()
  two.hold = held.promise
  const watching = watch(one, two)
  await expect.poll(() => one.watchers('leases')).toBe(1)
  held.resolve()
  await watching
  expect(told()).toEqual(['pod-deleted page-1'])
})

it('watches each namespace by itself: a list of one says nothing of another', async () => {
  one.items = { 'front/pods': [pod('page-1', '6')], 'back/pods': [pod('database-1', '7')] }
  await watchIn(['front', 'back'], [one])
  one.tell('front/pods', 'DELETED', pod('page-1', '11'))
  one.tell('back/pods', 'ADDED', pod('database-2', '12'))
  await expect.poll(told).toContain('pod-created database-2')
  expect(told().toSorted()).toEqual(['pod-created database-2', 'pod-deleted page-1'])
  expect(one.paths).not.toContain('/api/v1/pods')
  expect(one.paths).toEqual(
    expect.arrayContaining([
      '/api/v1/namespaces/front/events',
      '/api/v1/namespaces/back/events',
      '/apis/discovery.k8s.io/v1/namespaces/front/endpointslices',
      '/apis/discovery.k8s.io/v1/namespaces/back/endpointslices',
      '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
    ]),
  )
})

it('gives up when no API server lists its objects', async () => {
  const clock = new FakeClock()
  const gone = new ApiServerStandIn()
  await gone.listen()
  const url = gone.url
  await gone[Symbol.asyncDispose]()
  await expect(
    watchCluster({
      access,
      targets: [{ name: 'cp-1', baseUrl: url }],
      namespaces: ['clusterdrill'],
      names: { nodeOf: (name) => name },
      clock,
      emit: (event) => events.push(event),
    }),
  ).rejects.toThrow('no API server listed its objects within 30 s')
  expect(clock.nowMs()).toBeGreaterThanOrEqual(30_000)
})
