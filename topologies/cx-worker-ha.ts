/**
 * Document 000, CX Worker HA: one control plane, the workload spread over the workers of two
 * sites on one subnet, and a floating IP that the workers share. Clients talk to the only API
 * server directly. Refuses nothing: `plan/` checks it.
 */
import type { Topology } from '../harness/model/topology.ts'

export const cxWorkerHa: Topology = {
  name: 'cx-worker-ha',
  title: 'CX Worker HA: one control plane, workers on two sites, a floating IP',
  document: '000',
  sites: [
    { name: 'site-a', region: 'cx', zone: 'site-a' },
    { name: 'site-b', region: 'cx', zone: 'site-b' },
  ],
  nodes: [
    { name: 'control-plane', role: 'control-plane', site: 'site-a', schedulable: false },
    { name: 'worker-a', role: 'worker', site: 'site-a', schedulable: true },
    { name: 'worker-b', role: 'worker', site: 'site-b', schedulable: true },
  ],
  loadBalancer: null,
  clusterDns: 'spread',
  floatingIp: {
    documented: 'kube-vip',
    announcers: ['worker-a', 'worker-b'],
    port: 80,
    leadsTo: 'page',
  },
  storage: {
    kind: 'shared',
    standIn: 'one folder of the host, mounted into every node, stands in for NFS',
  },
  workload: { pageReplicas: 2, apiReplicas: 2, nodePort: 30080 },
  differences: [
    'The document installs RKE2; here it is kubeadm, with the same Kubernetes components.',
    'Where the image of kube-vip cannot be had, an agent of ours shares the floating IP by a Lease, as kube-vip does and with its timers.',
    'The document shares the floating IP among all workers, and deploys kube-vip on control planes; here it runs on the workers.',
    'NFS at both sites is a folder of the host that is mounted into every node.',
    'The control plane is tainted, so that the workload runs on the workers alone.',
    'The link between the two sites is as fast as one inside a site.',
    'CX is a page, an API and a database of ours, with two, two and one replicas.',
    'The control plane is backed up by the drill that makes it anew, and by no other.',
  ],
}
