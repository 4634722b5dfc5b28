/**
 * Every documented cluster, by hand and in the order of the documents. What is not in this array
 * does not exist for the command line.
 */
import type { Topology } from '../harness/model/topology.ts'
import { cxWorkerHa } from './cx-worker-ha.ts'
import { cxWorkerHaLocal } from './cx-worker-ha-local.ts'
import { cxWorkerHaMetallb } from './cx-worker-ha-metallb.ts'
import { cxWorkerHaMetallbLocal } from './cx-worker-ha-metallb-local.ts'
import { embeddedExternalLb } from './embedded-external-lb.ts'
import { embeddedNoLb } from './embedded-no-lb.ts'
import { k0sThreeZones } from './k0s-three-zones.ts'
import { kubeadmStacked } from './kubeadm-stacked.ts'

export const topologies: readonly Topology[] = [
  cxWorkerHa,
  cxWorkerHaLocal,
  cxWorkerHaMetallb,
  cxWorkerHaMetallbLocal,
  k0sThreeZones,
  embeddedExternalLb,
  embeddedNoLb,
  kubeadmStacked,
]
