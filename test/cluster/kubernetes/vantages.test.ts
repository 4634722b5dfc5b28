/** Where the two documented clusters are looked at from. */
import { expect, it } from 'vitest'
import { vantagesOf } from '../../../harness/cluster/kubernetes/vantages.ts'
import { planOf } from '../../support/plan-of.ts'

function vantages(name: string, loadBalancer: string | null) {
  const { topology, probe } = planOf(name)
  const nodes = new Map(topology.nodes.map((node, index) => [node.name, `172.28.0.${index + 2}`]))
  return vantagesOf(topology, probe, { nodes, loadBalancer })
}
const counter = '/api/v1/namespaces/clusterdrill/configmaps/counter'

it('one control plane is asked directly, and its loss takes the way away', () => {
  const all = vantages('cx-worker-ha', null)
  expect(all.map(({ id }) => id)).toEqual([
    ...['api-read', 'api-read-reused', 'api-write'],
    ...['page-worker-a', 'save-worker-a', 'page-worker-b', 'save-worker-b'],
    'page-worker-b-reused',
  ])
  expect(all[0]).toEqual({
    id: 'api-read',
    kind: 'api-read',
    through: 'API server of control-plane',
    throughNode: 'control-plane',
    connection: 'new',
    url: `https://172.28.0.2:6443${counter}`,
    timeoutMs: 10_000,
    intervalMs: 50,
  })
})

it('three are asked through the load balancer, and each by itself, less often', () => {
  const all = vantages('kubeadm-stacked', '172.28.0.9')
  expect(all.map(({ id }) => id)).toEqual([
    ...['api-read', 'api-read-reused', 'api-write'],
    ...['api-cka-cp-1', 'api-cka-cp-2', 'api-cka-cp-3'],
    ...['page-cka-wk-1', 'save-cka-wk-1', 'page-cka-wk-2', 'save-cka-wk-2'],
    ...['page-cka-wk-3', 'save-cka-wk-3', 'page-cka-wk-3-reused'],
  ])
  expect(all.slice(0, 3)).toMatchObject(
    ['new', 'reused', 'new'].map((connection) => ({
      ...{ through: 'load balancer', throughNode: null, connection },
      url: `https://172.28.0.9:6443${counter}`,
    })),
  )
  expect(all[4]).toMatchObject({
    ...{ kind: 'api-read', throughNode: 'cka-cp-2', intervalMs: 200 },
    url: `https://172.28.0.3:6443${counter}`,
  })
})

it('page and save go through the NodePort of each worker, with the time-outs of the plan', () => {
  const all = vantages('cx-worker-ha', null)
  expect(all.slice(3, 5)).toEqual([
    {
      ...{ id: 'page-worker-a', kind: 'page', url: 'http://172.28.0.3:30080/', timeoutMs: 2_000 },
      ...{ through: 'NodePort on worker-a', throughNode: 'worker-a' },
      ...{ connection: 'new', intervalMs: 50 },
    },
    {
      ...{ id: 'save-worker-a', kind: 'save', url: 'http://172.28.0.3:30080/save' },
      ...{ through: 'NodePort on worker-a', throughNode: 'worker-a' },
      ...{ connection: 'new', intervalMs: 50, timeoutMs: 3_000 },
    },
  ])
})

it('no two have one name', () => {
  for (const all of [vantages('cx-worker-ha', null), vantages('kubeadm-stacked', '172.28.0.9')]) {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  }
})
