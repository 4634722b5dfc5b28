/** Where the documented clusters are looked at from. */
import { describe, expect, it } from 'vitest'
import { vantagesOf } from '../../../harness/cluster/kubernetes/vantages.ts'
import { topologies } from '../../../topologies/index.ts'
import { planOf } from '../../support/plan-of.ts'

const { probe } = planOf('cx-worker-ha')
function vantages(name: string) {
  const topology = topologies.find((one) => one.name === name)
  if (!topology) throw new Error(`no ${name}`)
  const nodes = new Map(topology.nodes.map((node, index) => [node.name, `172.28.0.${index + 2}`]))
  return vantagesOf(topology, probe, {
    nodes,
    loadBalancer: topology.loadBalancer ? '172.28.0.9' : null,
    floatingIp: topology.floatingIp ? '172.28.255.1' : null,
  })
}
const idsOf = (name: string) => vantages(name).map(({ id }) => id)
const found = (name: string, id: string) => vantages(name).find((one) => one.id === id)
const counter = '/api/v1/namespaces/clusterdrill/configmaps/counter'
const api = ['api-read', 'api-read-reused', 'api-write']

describe('the API', () => {
  it('of one control plane is asked directly, and its loss takes the way away', () => {
    const [first, second, third] = vantages('cx-worker-ha')
    expect(first).toEqual({
      id: 'api-read',
      kind: 'api-read',
      through: 'API server of control-plane',
      throughNode: 'control-plane',
      connection: 'new',
      url: `https://172.28.0.2:6443${counter}`,
      timeoutMs: 10_000,
      intervalMs: 50,
    })
    expect([second?.connection, third?.kind]).toEqual(['reused', 'api-write'])
  })

  it('is written to half as often as it is read, and gives up with its client', () => {
    const written = { kind: 'api-write', intervalMs: 100, timeoutMs: 3_000 }
    expect(found('cx-worker-ha', 'api-write')).toMatchObject({
      ...written,
      url: `https://172.28.0.2:6443${counter}?timeout=3s`,
    })
    expect(found('kubeadm-stacked', 'api-write')).toMatchObject({
      ...written,
      url: `https://172.28.0.9:6443${counter}?timeout=3s`,
    })
  })

  it('is written to with the patience of a read, where the plan names no other', () => {
    const { apiWrite: _, ...timeoutMs } = probe.timeoutMs
    const nodes = new Map([['control-plane', '172.28.0.2']])
    const cxWorkerHa = topologies.find(({ name }) => name === 'cx-worker-ha')
    if (!cxWorkerHa) throw new Error('no cx-worker-ha')
    const [, , write] = vantagesOf(
      cxWorkerHa,
      { ...probe, timeoutMs },
      { nodes, loadBalancer: null, floatingIp: null },
    )
    expect(write).toMatchObject({ kind: 'api-write', timeoutMs: 10_000 })
    expect(write?.url).toMatch(/\?timeout=10s$/)
  })

  it('of three is asked through the load balancer, and each by itself, less often', () => {
    const all = vantages('kubeadm-stacked')
    expect(all.map(({ id }) => id)).toEqual([
      ...[...api, 'api-cka-cp-1', 'api-cka-cp-2', 'api-cka-cp-3'],
      ...['page-cka-wk-1', 'save-cka-wk-1', 'page-cka-wk-2', 'save-cka-wk-2'],
      ...['page-cka-wk-3', 'save-cka-wk-3', 'page-cka-wk-3-reused'],
    ])
    expect(all.slice(0, 3)).toMatchObject(
      ['', '', '?timeout=3s'].map((query, index) => ({
        ...{ through: 'load balancer', throughNode: null },
        connection: index === 1 ? 'reused' : 'new',
        url: `https://172.28.0.9:6443${counter}${query}`,
      })),
    )
    expect(all[4]).toMatchObject({
      ...{ kind: 'api-read', throughNode: 'cka-cp-2', intervalMs: 200 },
      url: `https://172.28.0.3:6443${counter}`,
    })
  })

  it('without a load balancer is asked at the first, and all are looked at', () => {
    expect(idsOf('embedded-no-lb').slice(0, 6)).toEqual([
      ...api,
      ...['api-master-1', 'api-master-2', 'api-master-3'],
    ])
    expect(found('embedded-no-lb', 'api-write')).toMatchObject({
      ...{ throughNode: 'master-1', url: `https://172.28.0.2:6443${counter}?timeout=3s` },
    })
  })
})

describe('the workload', () => {
  it('is reached through the NodePort of each worker, with the time-outs of the plan', () => {
    expect(found('cx-worker-ha', 'page-worker-a')).toEqual({
      ...{ id: 'page-worker-a', kind: 'page', url: 'http://172.28.0.3:30080/', timeoutMs: 2_000 },
      ...{ through: 'NodePort on worker-a', throughNode: 'worker-a' },
      ...{ connection: 'new', intervalMs: 50 },
    })
    expect(found('cx-worker-ha', 'save-worker-a')).toEqual({
      ...{ id: 'save-worker-a', kind: 'save', url: 'http://172.28.0.3:30080/save' },
      ...{ through: 'NodePort on worker-a', throughNode: 'worker-a' },
      ...{ connection: 'new', intervalMs: 50, timeoutMs: 3_000 },
    })
  })

  it('is reached through control planes that are workers too', () => {
    expect(idsOf('k0s-three-zones').slice(6)).toEqual([
      ...['page-k0s-ch-sion-1', 'save-k0s-ch-sion-1', 'page-k0s-at-vie-1', 'save-k0s-at-vie-1'],
      ...['page-k0s-de-fra-1', 'save-k0s-de-fra-1', 'page-k0s-de-fra-1-reused'],
    ])
  })

  it('is reached through the floating IP, which no single node takes away', () => {
    expect(idsOf('cx-worker-ha')).toEqual([
      ...[...api, 'page-floating-ip', 'page-floating-ip-reused', 'save-floating-ip'],
      ...['page-worker-a', 'save-worker-a', 'page-worker-b', 'save-worker-b'],
      'page-worker-b-reused',
    ])
    const through = { through: 'floating IP', throughNode: null, timeoutMs: 2_000 }
    const url = 'http://172.28.255.1:80/'
    expect(vantages('cx-worker-ha').slice(3, 6)).toMatchObject([
      { ...through, kind: 'page', connection: 'new', url },
      { ...through, kind: 'page', connection: 'reused', url },
      { ...through, kind: 'save', connection: 'new', url: `${url}save`, timeoutMs: 3_000 },
    ])
  })

  it('reports through its own node and another, at the next NodePort', () => {
    const all = vantages('cx-worker-ha-metallb').filter(({ kind }) => kind === 'report')
    expect(all).toMatchObject([
      {
        ...{ id: 'report-reporting', throughNode: 'reporting', connection: 'new' },
        ...{ url: 'http://172.28.0.5:30081/', timeoutMs: 2_000, intervalMs: 50 },
      },
      { id: 'report-worker-a', throughNode: 'worker-a', url: 'http://172.28.0.3:30081/' },
    ])
    expect(idsOf('cx-worker-ha-metallb')).not.toContain('page-reporting')
  })

  it('is asked half as often through the third node and further ones, where there are four', () => {
    const intervals = vantages('cx-worker-ha-metallb-local')
      .filter(({ kind, through }) => kind === 'save' && through.startsWith('NodePort'))
      .map(({ id, intervalMs }) => [id, intervalMs])
    expect(intervals).toEqual([
      ['save-worker-a', 50],
      ['save-worker-b', 50],
      ['save-worker-a-2', 100],
      ['save-worker-b-2', 100],
    ])
    const three = vantages('kubeadm-stacked').filter(({ kind }) => kind === 'save')
    expect(three.map(({ intervalMs }) => intervalMs)).toEqual([50, 50, 50])
  })
})

it.each(topologies.map(({ name }) => name))('%s: no two have one name', (name) => {
  const ids = idsOf(name)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { url } of vantages(name)) expect(url).not.toContain('undefined')
})
