/** Where the cluster's DNS stands, and which of its servers is moved. */
import { beforeEach, expect, test, vi } from 'vitest'

const { ask } = vi.hoisted(() => ({ ask: vi.fn() }))
vi.mock('../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))
const { dnsIsWhole, spreadDns } = await import('../../../harness/cluster/kubernetes/cluster-dns.ts')

const access = { kubeconfig: '', credentials: { ca: '', cert: '', key: '', serverName: '' } }
const pod = (name: string, nodeName: string | undefined, ready: boolean, leaving = false) => ({
  metadata: { name, ...(leaving ? { deletionTimestamp: 'now' } : {}) },
  spec: { nodeName },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})
const answers = (body: unknown) =>
  ask.mockImplementation(async () => ({ status: 200, body: JSON.stringify(body), error: null }))
const deleted = () =>
  ask.mock.calls
    .filter(([, , , options]) => options.method === 'DELETE')
    .map(([, , path]) => /pods\/([^?]+)/.exec(path)?.[1])

beforeEach(() => ask.mockReset())

test('of two on one node, the one that does not serve yet is taken away', async () => {
  answers({ items: [pod('one', 'cp', true), pod('two', 'cp', false)] })
  expect(await spreadDns(access, 'https://api')).toBe(false)
  expect(deleted()).toEqual(['two'])
})

test('one on its way out does not count, and one without a node is waited for', async () => {
  answers({
    items: [pod('one', 'cp', true), pod('two', 'cp', true, true), pod('new', undefined, false)],
  })
  expect(await spreadDns(access, 'https://api')).toBe(false)
  expect(deleted()).toEqual([])
})

test('two on two nodes are left alone', async () => {
  answers({ items: [pod('one', 'cp', true), pod('two', 'worker', false)] })
  expect(await spreadDns(access, 'https://api')).toBe(true)
  expect(deleted()).toEqual([])
})

test.each([
  [2, 2, true],
  [2, 1, false],
])('wanted %i, available %i: whole is %s', async (replicas, availableReplicas, whole) => {
  answers({ spec: { replicas }, status: { availableReplicas } })
  expect(await dnsIsWhole(access, 'https://api')).toBe(whole)
})
