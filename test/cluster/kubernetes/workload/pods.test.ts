/** The workload's pods in all their namespaces, and which of them stand in each other's way. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { topologyNamed } from './input.ts'

const { ask } = vi.hoisted(() => ({ ask: vi.fn() }))
vi.mock('../../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))
const { crowded, podsOf } = await import('../../../../harness/cluster/kubernetes/workload/pods.ts')

const access = { kubeconfig: '', credentials: { ca: '', cert: '', key: '', serverName: '' } }
const { workload } = topologyNamed('cx-worker-ha-metallb')
const pod = (name: string, component: string, rest: object = {}) => ({
  metadata: { name, namespace: 'there', labels: { 'clusterdrill.dev/component': component } },
  spec: { nodeName: 'drill-worker' },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
  ...rest,
})
const leaving = { metadata: { name: 'old', labels: {}, deletionTimestamp: 'now' } }

beforeEach(() => {
  ask.mockReset()
})

describe('the pods', () => {
  it('are looked for in each namespace once, and told without those on their way out', async () => {
    ask.mockImplementation(async (_access, _url, path: string) => ({
      status: 200,
      error: null,
      body: JSON.stringify({
        items: path.includes('expertflow')
          ? [pod('page-1', 'page'), leaving, pod('helper', 'something')]
          : [],
      }),
    }))
    expect(await podsOf(access, 'https://api', workload)).toEqual([
      {
        ...{ name: 'page-1', namespace: 'there', component: 'page', node: 'drill-worker' },
        ...{ ready: true, madeFrom: null },
      },
    ])
    expect(ask.mock.calls.map(([, , path]) => path)).toEqual([
      '/api/v1/namespaces/expertflow/pods',
      '/api/v1/namespaces/ef-external/pods',
      '/api/v1/namespaces/monitoring/pods',
      '/api/v1/namespaces/ingress-nginx/pods',
    ])
  })

  it('are unknown when one namespace does not answer', async () => {
    ask.mockImplementation(async (_access, _url, path: string) => ({
      ...{ status: path.includes('monitoring') ? null : 200, error: null },
      body: '{"items":[]}',
    }))
    expect(await podsOf(access, 'https://api', workload)).toBeNull()
  })
})

describe('pods that crowd', () => {
  const on = (component: 'page' | 'api' | 'database', ...nodes: string[]) =>
    nodes.map((node, index) => ({
      ...{ name: `${component}-${index}`, namespace: 'n', component, node },
      ...{ ready: true, madeFrom: null },
    }))
  const names = (...args: Parameters<typeof crowded>) => crowded(...args).map(({ name }) => name)

  it('are the second ones of a part on a node, while another node is free', () => {
    expect(names([...on('page', 'a', 'a'), ...on('api', 'a', 'b')], 2)).toEqual(['page-1'])
    expect(names(on('page', 'a', 'a', 'a'), 2)).toEqual(['page-1'])
    expect(names(on('page', 'a', 'a', 'b'), 3)).toEqual(['page-1'])
  })

  it('are none where no node is free, or where a part has one pod', () => {
    expect(names([...on('page', 'a', 'b', 'a'), ...on('database', 'a')], 2)).toEqual([])
    expect(names(on('page', 'a', 'a'), 1)).toEqual([])
  })
})
