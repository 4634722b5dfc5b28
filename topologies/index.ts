/**
 * Every documented cluster, by hand and in the order of the documents. What is not in this array
 * does not exist for the command line.
 */
import type { Topology } from '../harness/model/topology.ts'
import { cxWorkerHa } from './cx-worker-ha.ts'
import { kubeadmStacked } from './kubeadm-stacked.ts'

export const topologies: readonly Topology[] = [cxWorkerHa, kubeadmStacked]
