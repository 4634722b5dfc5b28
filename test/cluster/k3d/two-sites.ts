/**
 * The topology on which k3d is held against the contract without an engine: a control plane behind
 * a load balancer and a worker on each of two sites, without a floating IP.
 */
import type { Plan } from '../../../harness/model/plan.ts'
import type { Topology } from '../../../harness/model/topology.ts'
import { planOf } from '../../support/plan-of.ts'

export const twoSites: Topology = {
  name: 'two-sites',
  title: 'A control plane behind a load balancer, workers on two sites',
  document: '004',
  sites: [
    { name: 'site-a', region: 'cx', zone: 'zone-a' },
    { name: 'site-b', region: 'cx', zone: 'zone-b' },
  ],
  nodes: [
    { name: 'cp-1', role: 'control-plane', site: 'site-a', schedulable: false },
    { name: 'worker-a', role: 'worker', site: 'site-a', schedulable: true },
    { name: 'worker-b', role: 'worker', site: 'site-b', schedulable: true },
  ],
  loadBalancer: {
    name: 'lb-1',
    balance: 'roundrobin',
    port: 6443,
    frontend: 'k8sVip',
    backend: 'k8sServers',
    timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
    check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
  },
  clusterDns: 'spread',
  storage: { kind: 'shared', standIn: 'one folder' },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30_080 },
  differences: [],
}

export const twoSitesPlan: Plan = {
  ...planOf('cx-worker-ha', 'brisk'),
  runId: 'contract',
  clusterName: 'drill-two-sites-brisk',
  topology: twoSites,
  provider: 'k3d',
}
