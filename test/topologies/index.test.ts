/**
 * The topologies say what their documents draw: counts, names, sites and the load balancer's
 * figures, held against the documents by hand.
 */
import { describe, expect, it } from 'vitest'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { topologies } from '../../topologies/index.ts'
import { kubeadmStacked } from '../../topologies/kubeadm-stacked.ts'

describe.each(topologies)('$name', (topology) => {
  it('puts every node on a site that it has, under a name of its own', () => {
    const sites = topology.sites.map(({ name }) => name)
    for (const node of topology.nodes) expect(sites).toContain(node.site)
    expect(new Set(topology.nodes.map(({ name }) => name)).size).toBe(topology.nodes.length)
  })

  it('has names that a host name may have', () => {
    for (const { name } of [...topology.sites, ...topology.nodes]) {
      expect(name).toMatch(/^[a-z][a-z0-9-]{0,40}[a-z0-9]$/)
    }
  })

  it('balances where there is more than one control plane, and says what it leaves out', () => {
    const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
    expect(topology.loadBalancer !== null).toBe(controlPlanes.length > 1)
    expect(topology.differences.length).toBeGreaterThan(0)
  })
})

describe('document 000', () => {
  it('has one control plane on one site and a worker on each of two', () => {
    expect(
      cxWorkerHa.nodes.map(({ role, site, schedulable }) => [role, site, schedulable]),
    ).toEqual([
      ['control-plane', 'site-a', false],
      ['worker', 'site-a', true],
      ['worker', 'site-b', true],
    ])
  })
})

describe('document 004', () => {
  it('has the names of its hosts file', () => {
    expect(kubeadmStacked.nodes.map(({ name }) => name)).toEqual([
      'cka-cp-1',
      'cka-cp-2',
      'cka-cp-3',
      'cka-wk-1',
      'cka-wk-2',
      'cka-wk-3',
    ])
  })

  it('has the HAProxy of its configuration, with the defaults of a bare check', () => {
    expect(kubeadmStacked.loadBalancer).toMatchObject({
      balance: 'roundrobin',
      port: 6443,
      frontend: 'k8sVip',
      backend: 'k8sServers',
      timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
      check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
      retries: 3,
    })
  })
})
