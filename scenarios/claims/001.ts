/**
 * What document 001, Worker HA with MetalLB, says that a look at the standing cluster can decide.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { holdAll } from './reading.ts'

const tainted: Claim = {
  id: '001-tainted',
  document: '001',
  says: 'A control plane that is tainted and drained runs no workload.',
  condition: 'Nothing is broken yet.',
  kubernetes: null,
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha-metallb', 'cx-worker-ha-metallb-local'],
  accepted: [],
  judge: (measurement) =>
    holdAll(measurement, ['taints', 'drained-control-plane'], {
      confirmed: 'the taint keeps pods away, and the drain moved those that tolerate it',
      contradicted: 'a pod runs there that neither a DaemonSet nor the kubelet itself keeps',
    }),
}

export const claims001: readonly Claim[] = [tainted]
