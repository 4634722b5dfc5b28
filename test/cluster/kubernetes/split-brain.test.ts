/** Two truths in API servers and databases on loopback, and looks that never end. */
import { describe, expect, it } from 'vitest'
import {
  disagreement,
  lookAtApi,
  lookAtDatabase,
  lookForTwoTruths,
} from '../../../harness/cluster/kubernetes/split-brain.ts'
import { makeAuthority } from '../../run/prober/certificates.ts'
import { deadPort, serve } from '../../run/prober/loopback-server.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const authority = makeAuthority()
const access = {
  kubeconfig: 'kubeconfig',
  credentials: { ca: authority.ca, ...authority.issue('client'), serverName: 'kubernetes' },
}
const tls = { leaf: authority.issue('kubernetes'), ca: authority.ca }

interface Held {
  cluster?: string
  uid?: string | null
  version?: string
  data?: Record<string, string>
  databases?: string[]
}

/** An API server: the namespace kube-system, the counter, and ready pods of the database. */
const apiServer = (held: Held = {}) =>
  serve(
    (response, { url }) => {
      const { cluster = 'c-1', uid = 'u-1', version = '7', data = { 'api-write': '3' } } = held
      if (url.endsWith('/kube-system')) {
        response.end(JSON.stringify({ metadata: { uid: cluster } }))
      } else if (url.endsWith('/pods')) {
        const items = (held.databases ?? []).map((name) => ({
          metadata: { name, namespace: 'n', labels: { 'clusterdrill.dev/component': 'database' } },
          spec: { nodeName: `node-of-${name}` },
          status: { conditions: [{ type: 'Ready', status: 'True' }] },
        }))
        response.end(JSON.stringify({ items }))
      } else if (uid === null) response.writeHead(404).end('{}')
      else response.end(JSON.stringify({ metadata: { uid, resourceVersion: version }, data }))
    },
    { tls },
  )
const at = (name: string, port: number, expected = true) => ({
  ...{ name, baseUrl: `https://127.0.0.1:${port}`, expected },
})

describe('the API servers', () => {
  it('tell the same', async () => {
    await using one = await apiServer()
    await using two = await apiServer()
    expect(await lookAtApi(access, [at('cp-1', one.port), at('cp-2', two.port)])).toEqual({
      looked: ['API: the counter and the namespace kube-system as cp-1, cp-2 told them'],
      found: [],
    })
  })

  it('tell of another cluster, another object and another value', async () => {
    await using one = await apiServer()
    await using two = await apiServer({ cluster: 'c-2', uid: 'u-2', version: '9', data: {} })
    const { found } = await lookAtApi(access, [at('cp-1', one.port), at('cp-2', two.port)])
    expect(found).toEqual([
      'API: the cluster, by the uid of kube-system, differs: cp-1: c-1; cp-2: c-2',
      "API: the counter's uid differs: cp-1: u-1; cp-2: u-2",
      'API: the counter differs: cp-1: api-write=3 at version 7; cp-2: bare at version 9',
    ])
  })

  it('differ where one does not have the object at all', async () => {
    await using one = await apiServer()
    await using two = await apiServer({ uid: null })
    const { found } = await lookAtApi(access, [at('cp-1', one.port), at('cp-2', two.port)])
    expect(found[0]).toBe("API: the counter's uid differs: cp-1: u-1; cp-2: none")
  })

  it('are named where they are silent and should not be', async () => {
    await using one = await apiServer()
    const dead = await deadPort()
    const servers = [at('cp-1', one.port), at('cp-2', dead), at('worker', dead, false)]
    expect(await lookAtApi(access, servers)).toEqual({
      looked: [
        'API: the counter and the namespace kube-system as cp-1 told them; cp-2 did not answer',
      ],
      found: [],
    })
    expect((await lookAtApi(access, [at('cp-2', dead)])).looked).toEqual([
      'API: no server answered; cp-2 did not answer',
    ])
  })
})

describe('the database', () => {
  const workload = { pageReplicas: 1, apiReplicas: 1, nodePort: 30_080 }
  const door = (saves: string[]) => serve((response) => response.end(JSON.stringify({ saves })))
  const look = (apiPort: number, doors: Record<string, number>) =>
    lookAtDatabase({
      ...{ access, workload, runId: 'run 1' },
      apiUrls: [`https://127.0.0.1:${apiPort}`],
      entries: Object.entries(doors).map(([name, port]) => ({
        ...{ name, url: `http://127.0.0.1:${port}` },
      })),
    })

  it('is one, whichever node it is read through', async () => {
    await using api = await apiServer({ databases: ['database-0'] })
    await using a = await door(['s:1', 's:2'])
    await using b = await door(['s:2', 's:1'])
    expect(await look(api.port, { a: a.port, b: b.port, c: await deadPort() })).toEqual({
      looked: [
        'database: the saves of this run, read through a, b; c did not answer',
        'database: pods that are Ready: database-0',
      ],
      found: [],
    })
    expect(a.seen[0]?.url).toBe('/saves?run=run%201')
  })

  it('is two where the saves differ, though there are as many', async () => {
    await using api = await apiServer()
    await using a = await door(['s:1', 's:2'])
    await using b = await door(['s:1', 's:3'])
    expect((await look(api.port, { a: a.port, b: b.port })).found).toEqual([
      'database: of 3 saves there are 2 through a, 2 through b',
    ])
  })

  it('is two where two pods are Ready at once', async () => {
    await using api = await apiServer({ databases: ['old', 'new'] })
    await using a = await door([])
    expect((await look(api.port, { a: a.port })).found).toEqual([
      'database: 2 pods are Ready at once: old on node-of-old, new on node-of-new',
    ])
  })

  it('is not judged where nobody answers', async () => {
    const dead = await deadPort()
    expect(await look(dead, { a: dead })).toEqual({
      looked: [
        'database: nobody answered; a did not answer',
        'database: the API does not say which pods are Ready',
      ],
      found: [],
    })
  })
})

describe('looking for two truths', () => {
  const clock = new FakeClock()
  const found = (...sentences: string[]) => ({ looked: ['etcd: l'], found: sentences })

  it('looks again where something was found, and keeps what lasts', async () => {
    const looks = [found('etcd: a', 'etcd: b'), found('etcd: b')]
    const place = { name: 'etcd', look: async () => looks.shift() ?? found() }
    const atMs = clock.nowMs()
    expect(await lookForTwoTruths([place], clock)).toEqual(found('etcd: b'))
    expect(clock.nowMs() - atMs).toBe(1_000)
  })

  it('says which place gave no answer in time, and what the others told', async () => {
    const places = [
      { name: 'API', look: () => new Promise<never>(() => undefined) },
      { name: 'etcd', look: async () => found() },
    ]
    expect(await lookForTwoTruths(places, clock, 50)).toEqual({
      looked: ['API: no answer within 0.05 s', 'etcd: l'],
      found: [],
    })
  })

  it('keeps what the first look found where the second never ends', async () => {
    const looks = [Promise.resolve(found('etcd: a')), new Promise<never>(() => undefined)]
    const place = { name: 'etcd', look: () => looks.shift() ?? Promise.resolve(found()) }
    expect(await lookForTwoTruths([place], clock, 50)).toEqual(found('etcd: a'))
  })

  it('never throws', async () => {
    const place = { name: 'API', look: () => Promise.reject(new Error('broken')) }
    expect(await lookForTwoTruths([place], clock)).toEqual({
      looked: ['API: could not be looked at: broken'],
      found: [],
    })
  })
})

it('a disagreement names the sides, and is none where all say the same', () => {
  const told = [
    { by: 'a', what: '1' },
    { by: 'b', what: '2' },
    { by: 'c', what: '1' },
  ]
  expect(disagreement('the value', told)).toEqual(['the value differs: a and c: 1; b: 2'])
  expect(disagreement('the value', told.slice(0, 1))).toEqual([])
})
