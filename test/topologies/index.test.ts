/**
 * The topologies say what their documents draw: counts, names, sites and the load balancer's
 * figures, held against the documents by hand.
 */
import { describe, expect, it } from 'vitest'
import { commonNodes, componentsOf } from '../../harness/model/topology.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaLocal } from '../../topologies/cx-worker-ha-local.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { cxWorkerHaMetallbLocal } from '../../topologies/cx-worker-ha-metallb-local.ts'
import { embeddedExternalLb } from '../../topologies/embedded-external-lb.ts'
import { embeddedNoLb } from '../../topologies/embedded-no-lb.ts'
import { topologies } from '../../topologies/index.ts'
import { k0sThreeZones } from '../../topologies/k0s-three-zones.ts'
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
    const balanced = controlPlanes.length > 1 && topology.name !== 'embedded-no-lb'
    expect(topology.loadBalancer !== null).toBe(balanced)
    expect(topology.differences.length).toBeGreaterThan(0)
  })
})

describe.each(topologies)('$name', (topology) => {
  const names = topology.nodes.map(({ name }) => name)

  it('has nodes that can carry its workload, and names only its own', () => {
    expect(commonNodes(topology).length).toBeGreaterThanOrEqual(2)
    expect(names).toEqual(expect.arrayContaining([...(topology.floatingIp?.announcers ?? [])]))
    if (topology.imageRegistry) expect(names).toContain(topology.imageRegistry.node)
    const { documentedServers = {} } = topology.loadBalancer ?? {}
    expect(names).toEqual(expect.arrayContaining(Object.keys(documentedServers)))
  })

  it('has a place for every part of its workload', () => {
    const parts = componentsOf(topology.workload)
    const reports = topology.nodes.some(({ only }) => only === 'reporting')
    expect(parts.includes('reporting')).toBe(reports)
    if (topology.floatingIp) expect(parts).toContain(topology.floatingIp.leadsTo)
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

describe('document 000 on local storage', () => {
  it('is the same cluster with other volumes', () => {
    expect(cxWorkerHaLocal.nodes).toEqual(cxWorkerHa.nodes)
    expect([cxWorkerHa.storage.kind, cxWorkerHaLocal.storage.kind]).toEqual(['shared', 'local'])
    expect(cxWorkerHaLocal.differences.join()).not.toContain('NFS')
  })
})

describe('document 001', () => {
  it('has a drained control plane, a worker on each site and one for reporting alone', () => {
    expect(
      cxWorkerHaMetallb.nodes.map(({ role, site, drained, only }) => [role, site, drained, only]),
    ).toEqual([
      ['control-plane', 'site-a', true, undefined],
      ['worker', 'site-a', undefined, undefined],
      ['worker', 'site-b', undefined, undefined],
      ['worker', 'site-a', undefined, 'reporting'],
    ])
  })

  it('has the namespaces of its clean-up commands and of its warning', () => {
    const { namespaces = {} } = cxWorkerHaMetallb.workload
    const all = new Set([...Object.values(namespaces), cxWorkerHaMetallb.storage.namespace])
    expect([...all].toSorted()).toEqual([
      'ef-external',
      'expertflow',
      'ingress-nginx',
      'monitoring',
      'nfs-client',
    ])
  })

  it('has two more workers without shared storage, one on each site', () => {
    const more = cxWorkerHaMetallbLocal.nodes.slice(cxWorkerHaMetallb.nodes.length)
    expect(more.map(({ role, site }) => [role, site])).toEqual([
      ['worker', 'site-a'],
      ['worker', 'site-b'],
    ])
    expect(cxWorkerHaMetallbLocal.storage.kind).toBe('local')
  })
})

describe('document 002', () => {
  it('has a controller that is a worker too in each of three regions', () => {
    expect(k0sThreeZones.sites.map(({ region, zone }) => [region, zone])).toEqual([
      ['ch-sion', 'ch-sion-1'],
      ['at-vie', 'at-vie-1'],
      ['de-fra', 'de-fra-1'],
    ])
    for (const { role, schedulable } of k0sThreeZones.nodes) {
      expect([role, schedulable]).toEqual(['control-plane', true])
    }
  })

  it('has the ports, the check and the times of its HAProxy configuration', () => {
    expect(k0sThreeZones.loadBalancer).toMatchObject({
      balance: 'leastconn',
      port: 6443,
      check: { kind: 'tls' },
      timeouts: { connectMs: 10_000, clientMs: 86_400_000, serverMs: 86_400_000 },
      statsPagePort: 9000,
    })
    const others = k0sThreeZones.loadBalancer?.others ?? []
    expect(others.map(({ port, served }) => [port, served])).toEqual([
      [8132, false],
      [9443, false],
    ])
  })

  it('keeps the addresses of both files as they are, with the one on which they differ', () => {
    const servers = k0sThreeZones.loadBalancer?.documentedServers ?? {}
    const differing = k0sThreeZones.nodes.filter(
      ({ name, documentedAddress }) => servers[name] !== documentedAddress,
    )
    expect(differing.map(({ name, documentedAddress }) => [name, documentedAddress])).toEqual([
      ['k0s-de-fra-1', '10.10.3.2'],
    ])
    expect(servers['k0s-de-fra-1']).toBe('10.10.2.2')
  })
})

describe('document 003', () => {
  it('has several masters, a TCP check, and a registry on the primary', () => {
    const masters = embeddedExternalLb.nodes.filter(({ role }) => role === 'control-plane')
    expect(masters).toHaveLength(3)
    expect(embeddedExternalLb.loadBalancer?.check.kind).toBe('tcp')
    expect(embeddedExternalLb.imageRegistry?.node).toBe(masters[0]?.name)
  })

  it('is the same without a load balancer', () => {
    expect(embeddedNoLb.nodes).toEqual(embeddedExternalLb.nodes)
    expect(embeddedNoLb.loadBalancer).toBeNull()
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
