/**
 * Document 000 with the storage that it allows and warns of: volumes on a worker's own disk, to
 * which node affinity binds their pods.
 */
import type { Topology } from '../harness/model/topology.ts'
import { cxWorkerHa } from './cx-worker-ha.ts'

export const cxWorkerHaLocal: Topology = {
  ...cxWorkerHa,
  name: 'cx-worker-ha-local',
  title: 'CX Worker HA on local storage: volumes bound to a worker by node affinity',
  storage: {
    kind: 'local',
    standIn: 'local-path-provisioner: a folder on the disk of the node where the pod first ran',
  },
  differences: cxWorkerHa.differences.filter((sentence) => !sentence.startsWith('NFS')),
}
