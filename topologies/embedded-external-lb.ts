/**
 * Document 003, Replicated embedded Kubernetes in high availability mode: several masters behind a
 * TCP load balancer with a TCP check, workers that reach the API through it, and for the
 * air-gapped case an image registry on the primary master. Refuses nothing: `plan/` checks it.
 */
import type { Topology } from '../harness/model/topology.ts'

export const embeddedExternalLb: Topology = {
  name: 'embedded-external-lb',
  title: 'Embedded Kubernetes, air-gapped: three masters behind a TCP load balancer',
  document: '003',
  sites: [{ name: 'datacentre', region: 'embedded', zone: 'datacentre' }],
  nodes: [
    { name: 'master-1', role: 'control-plane', site: 'datacentre', schedulable: false },
    { name: 'master-2', role: 'control-plane', site: 'datacentre', schedulable: false },
    { name: 'master-3', role: 'control-plane', site: 'datacentre', schedulable: false },
    { name: 'worker-1', role: 'worker', site: 'datacentre', schedulable: true },
    { name: 'worker-2', role: 'worker', site: 'datacentre', schedulable: true },
  ],
  loadBalancer: {
    name: 'external-lb',
    balance: 'roundrobin',
    port: 6443,
    frontend: 'kube-apiserver',
    backend: 'masters',
    timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
    check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
  },
  clusterDns: 'as-installed',
  imageRegistry: { node: 'master-1', port: 5000 },
  storage: {
    kind: 'shared',
    standIn: 'one folder of the host, mounted into every node, where the document has Rook',
    // Ceph's defaults: osd_pool_default_size, and osd_pool_default_min_size derived from it.
    copies: { count: 3, least: 2 },
  },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30080 },
  differences: [
    'The document installs with a script of its own; here it is kubeadm, which that script uses too.',
    'The document names no product for the load balancer and no time-outs: it is HAProxy, with those of its packaged example.',
    'The number of masters and workers is ours: the document says several.',
    'Rook is not there: volumes lie in a folder of the host that is mounted into every node, so nothing can lose a storage quorum.',
    'The nodes hold the images of Kubernetes already; only those of the workload come from the registry on the primary.',
    'The document runs an application of its own: a page, an API and a database of ours are added.',
  ],
}
