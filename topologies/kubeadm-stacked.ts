/**
 * Document 004: a kubeadm cluster scaled out to three stacked control planes and three workers,
 * with HAProxy in front of the API servers and nothing else. Names, port and time-outs are the
 * document's. Refuses nothing: `plan/` checks it.
 */
import type { Topology } from '../harness/model/topology.ts'

export const kubeadmStacked: Topology = {
  name: 'kubeadm-stacked',
  title: 'kubeadm behind HAProxy: three stacked control planes, three workers',
  document: '004',
  sites: [{ name: 'lab', region: 'cka', zone: 'lab' }],
  nodes: [
    { name: 'cka-cp-1', role: 'control-plane', site: 'lab', schedulable: false },
    { name: 'cka-cp-2', role: 'control-plane', site: 'lab', schedulable: false },
    { name: 'cka-cp-3', role: 'control-plane', site: 'lab', schedulable: false },
    { name: 'cka-wk-1', role: 'worker', site: 'lab', schedulable: true },
    { name: 'cka-wk-2', role: 'worker', site: 'lab', schedulable: true },
    { name: 'cka-wk-3', role: 'worker', site: 'lab', schedulable: true },
  ],
  loadBalancer: {
    name: 'cka-hap-1',
    balance: 'roundrobin',
    port: 6443,
    frontend: 'k8sVip',
    backend: 'k8sServers',
    timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
    check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
  },
  clusterDns: 'as-installed',
  storage: {
    kind: 'shared',
    standIn: 'one folder of the host, mounted into every node; the document has no storage',
  },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30080 },
  differences: [
    'Kubernetes 1.34 for the 1.24 of the document: a node may be silent for 50 s, not 40 s.',
    'containerd for Docker with cri-dockerd.',
    'The container network has plain routes between the nodes (kindnet with published images), not Calico.',
    'The nodes and HAProxy are containers of one host, on one bridge, not machines of a lab.',
    'HAProxy logs to its standard output, not through syslog to a file.',
    'The document runs no workload: a page, an API and a database of ours are added.',
    'The database keeps its data in a folder of the host that is mounted into every node.',
    'Clients reach the page through a NodePort of each worker, not through HAProxy.',
  ],
}
