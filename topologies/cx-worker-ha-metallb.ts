/**
 * Document 001, Worker HA: a control plane that is tainted and drained, workers on two sites, nginx
 * as ingress behind a floating IP that either worker may announce, and a further worker for
 * reporting alone. Refuses nothing: `plan/` checks it.
 */
import type { Topology } from '../harness/model/topology.ts'

export const cxWorkerHaMetallb: Topology = {
  name: 'cx-worker-ha-metallb',
  title: 'Worker HA with MetalLB and nginx: a drained control plane, workers on two sites',
  document: '001',
  sites: [
    { name: 'site-a', region: 'cx', zone: 'site-a' },
    { name: 'site-b', region: 'cx', zone: 'site-b' },
  ],
  nodes: [
    {
      name: 'control-plane',
      role: 'control-plane',
      site: 'site-a',
      schedulable: false,
      drained: true,
    },
    { name: 'worker-a', role: 'worker', site: 'site-a', schedulable: true },
    { name: 'worker-b', role: 'worker', site: 'site-b', schedulable: true },
    {
      name: 'reporting',
      role: 'worker',
      site: 'site-a',
      schedulable: true,
      only: 'reporting',
    },
  ],
  loadBalancer: null,
  clusterDns: 'spread',
  floatingIp: {
    documented: 'MetalLB',
    announcers: ['worker-a', 'worker-b'],
    port: 80,
    leadsTo: 'ingress',
  },
  storage: {
    kind: 'shared',
    namespace: 'nfs-client',
    standIn: 'one folder of the host, mounted into every node, stands in for NFS',
  },
  workload: {
    pageReplicas: 2,
    apiReplicas: 2,
    nodePort: 30080,
    extra: ['reporting', 'monitor', 'ingress'],
    stateful: ['database'],
    namespaces: {
      page: 'expertflow',
      api: 'expertflow',
      reporting: 'expertflow',
      database: 'ef-external',
      monitor: 'monitoring',
      ingress: 'ingress-nginx',
    },
  },
  differences: [
    'The document installs RKE2; here it is kubeadm, with the same Kubernetes components.',
    'keepalived shares the floating IP, by VRRP and without the API; MetalLB in layer 2 mode, which needs no API either, is not used. keepalived fails over after about 3.5 s of silence, MetalLB after 5 to 7 s.',
    'nginx with one rule of ours stands where the document has the ingress-nginx controller.',
    'NFS is a folder of the host that is mounted into every node; a provisioner in nfs-client makes its volumes.',
    'The link between the two sites is as fast as one inside a site.',
    'CX is a page, an API, a database and a report of ours; Superset is that report. The database is a StatefulSet, as databases mostly are; the document does not say.',
    'The control plane is backed up by the drill that makes it anew, and by no other.',
  ],
}
