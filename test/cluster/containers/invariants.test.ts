/** What must be so before a drill, judged from etcd's, HAProxy's and a registry's own words. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  balancedServers,
  etcdMembers,
  floatingIpOwner,
  imageRegistry,
  membersIn,
  statisticsPage,
} from '../../../harness/cluster/containers/invariants.ts'
import type { LoadBalancer } from '../../../harness/model/topology.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'
import { k0sThreeZones } from '../../../topologies/k0s-three-zones.ts'

describe("etcd's members", () => {
  const three = membersIn(
    '{"header":{},"members":[{"ID":1,"name":"cp","peerURLs":["https://172.28.0.2:2380"]},{"ID":2,"name":"cp2"},{"ID":3,"name":"cp3"}]}',
  )

  it('hold when all have started and none learns', () => {
    expect(etcdMembers(three, 3)).toEqual({
      id: 'etcd-members',
      holds: true,
      expected: '3 started, none a learner',
      seen: '3 of 3 started, 0 learners: cp, cp2, cp3',
    })
  })

  it.each([
    ['one is missing', three.slice(1)],
    ['one has not started', [...three.slice(1), {}]],
    ['one is a learner', [...three.slice(1), { name: 'cp', isLearner: true }]],
    ['etcdctl said something else', membersIn('context deadline exceeded')],
  ])('do not hold when %s', (_what, members) => {
    expect(etcdMembers(members, 3).holds).toBe(false)
  })
})

describe('balanced servers', () => {
  const balancer = k0sThreeZones.loadBalancer as LoadBalancer
  const states = (api: string, rest: string) =>
    new Map([
      ['kubeAPI_backend', new Map([['a', api]])],
      ['konnectivity_backend', new Map([['a', rest]])],
      ['controllerJoinAPI_backend', new Map([['a', rest]])],
    ])

  it('are UP where something serves and DOWN where nothing does', () => {
    const found = balancedServers(balancer, ['a'], states('UP', 'DOWN'))
    expect(found.holds).toBe(true)
    expect(found.expected).toContain('8132 (Konnectivity) DOWN, for nothing here serves it')
    expect(found.seen).toBe('6443: UP; 8132: DOWN; 9443: DOWN')
  })

  it('do not hold when an API server is DOWN, or a port answers that nothing should serve', () => {
    expect(balancedServers(balancer, ['a'], states('DOWN', 'DOWN')).holds).toBe(false)
    expect(balancedServers(balancer, ['a'], states('UP', 'UP')).holds).toBe(false)
    expect(balancedServers(balancer, ['a', 'b'], states('UP', 'DOWN')).holds).toBe(false)
  })
})

it.each([
  [['worker-a'], true],
  [[], false],
  [['worker-a', 'worker-b'], false],
  [['control-plane'], false],
])('a floating IP that %j answer for: %j', (owners, holds) => {
  expect(floatingIpOwner(cxWorkerHa, '172.28.255.1', owners).holds).toBe(holds)
})

describe('what is asked by HTTP', () => {
  let stop = () => {}
  afterEach(() => stop())

  async function serving(body: string): Promise<number> {
    const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    stop = () => server.close()
    return (server.address() as AddressInfo).port
  }

  it('a statistics page is one that says so', async () => {
    const port = await serving('<title>Statistics Report for HAProxy</title>')
    expect((await statisticsPage('127.0.0.1', port)).holds).toBe(true)
    stop()
    expect((await statisticsPage('127.0.0.1', port)).holds).toBe(false)
  })

  it('a registry holds what was pushed', async () => {
    const port = await serving('{"repositories":["clusterdrill/runtime"]}')
    const asked = (name: string) => imageRegistry('127.0.0.1', port, [name])
    expect((await asked('clusterdrill/runtime')).holds).toBe(true)
    expect((await asked('clusterdrill/redis')).holds).toBe(false)
  })
})
