/**
 * Document 002, a highly available k0s cluster: three controllers that are workers too, one in each
 * of three regions, behind HAProxy. The addresses of the document's two files are kept beside the
 * nodes they name, for they do not agree. Refuses nothing: `plan/` checks it.
 */
import type { Topology } from '../harness/model/topology.ts'

export const k0sThreeZones: Topology = {
  name: 'k0s-three-zones',
  title: 'k0s in three zones: three controllers that are workers too, behind HAProxy',
  document: '002',
  sites: [
    { name: 'ch-sion-1', region: 'ch-sion', zone: 'ch-sion-1' },
    { name: 'at-vie-1', region: 'at-vie', zone: 'at-vie-1' },
    { name: 'de-fra-1', region: 'de-fra', zone: 'de-fra-1' },
  ],
  nodes: [
    {
      name: 'k0s-ch-sion-1',
      role: 'control-plane',
      site: 'ch-sion-1',
      schedulable: true,
      documentedAddress: '10.10.0.2',
    },
    {
      name: 'k0s-at-vie-1',
      role: 'control-plane',
      site: 'at-vie-1',
      schedulable: true,
      documentedAddress: '10.10.1.2',
    },
    {
      name: 'k0s-de-fra-1',
      role: 'control-plane',
      site: 'de-fra-1',
      schedulable: true,
      documentedAddress: '10.10.3.2',
    },
  ],
  loadBalancer: {
    name: 'haproxy',
    balance: 'leastconn',
    port: 6443,
    frontend: 'kubeAPI',
    backend: 'kubeAPI_backend',
    timeouts: {
      connectMs: 10_000,
      clientMs: 86_400_000,
      serverMs: 86_400_000,
      tunnelMs: 86_400_000,
    },
    check: { kind: 'tls', intervalMs: 2_000, fall: 3, rise: 2 },
    retries: 3,
    others: [
      {
        frontend: 'konnectivity',
        backend: 'konnectivity_backend',
        port: 8132,
        what: 'Konnectivity',
        served: false,
      },
      {
        frontend: 'controllerJoinAPI',
        backend: 'controllerJoinAPI_backend',
        port: 9443,
        what: 'the k0s API through which controllers join',
        served: false,
      },
    ],
    statsPagePort: 9000,
    documentedServers: {
      'k0s-ch-sion-1': '10.10.0.2',
      'k0s-at-vie-1': '10.10.1.2',
      'k0s-de-fra-1': '10.10.2.2',
    },
  },
  clusterDns: 'spread',
  storage: {
    kind: 'shared',
    standIn: 'one folder of the host, mounted into every node; the document has no storage',
  },
  workload: { pageReplicas: 3, apiReplicas: 3, nodePort: 30080 },
  differences: [
    'Kubernetes 1.34 by kubeadm for k0s 1.23: the same etcd and API servers, without the konnectivity agents and the join API that only k0s has. Ports 8132 and 9443 are balanced as documented, and their servers are DOWN.',
    'The document installs k0s without its DNS; kubeadm brings CoreDNS.',
    'Addresses are given by the drill network, not those of the document.',
    'The three zones are as near to each other as nodes of one site.',
    'The document runs no workload: a page, an API and a database of ours are added.',
    'HAProxy logs to its standard output, not through syslog.',
  ],
}
