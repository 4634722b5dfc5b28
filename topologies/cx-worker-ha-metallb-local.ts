/**
 * Document 001 where there is no cloud-native storage: two more workers, one on each site, and
 * volumes on a worker's own disk.
 */
import type { Topology } from '../harness/model/topology.ts'
import { cxWorkerHaMetallb } from './cx-worker-ha-metallb.ts'

export const cxWorkerHaMetallbLocal: Topology = {
  ...cxWorkerHaMetallb,
  name: 'cx-worker-ha-metallb-local',
  title: 'Worker HA with MetalLB and nginx on local storage: two workers on each site',
  nodes: [
    ...cxWorkerHaMetallb.nodes,
    { name: 'worker-a-2', role: 'worker', site: 'site-a', schedulable: true },
    { name: 'worker-b-2', role: 'worker', site: 'site-b', schedulable: true },
  ],
  storage: {
    kind: 'local',
    standIn: 'local-path-provisioner: a folder on the disk of the node where the pod first ran',
  },
  differences: cxWorkerHaMetallb.differences.filter((sentence) => !sentence.startsWith('NFS')),
}
