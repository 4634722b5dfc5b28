/**
 * Every scenario, by hand and in the order of the documents' what-if tables. What is not in this
 * array does not exist for the command line.
 */
import type { Scenario } from '../harness/model/scenario.ts'
import { bothDown } from './both-down.ts'
import { componentDown } from './component-down.ts'
import { controlPlaneDown } from './control-plane-down.ts'
import { controlPlaneReboot } from './control-plane-reboot.ts'
import { controlPlaneRebuild } from './control-plane-rebuild.ts'
import { controlPlaneRestored } from './control-plane-restored.ts'
import { controllerZoneDown } from './controller-zone-down.ts'
import { ejectController } from './eject-controller.ts'
import { firstMasterDown } from './first-master-down.ts'
import { lbAddressChange } from './lb-address-change.ts'
import { loadBalancerDown } from './load-balancer-down.ts'
import { mastersJoinedTogether } from './masters-joined-together.ts'
import { podDown } from './pod-down.ts'
import { quorumLost } from './quorum-lost.ts'
import { registryHostDown } from './registry-host-down.ts'
import { siteCut } from './site-cut.ts'
import { siteDown } from './site-down.ts'
import { storageQuorumLost } from './storage-quorum-lost.ts'
import { subnetMaskTypo } from './subnet-mask-typo.ts'
import { vipHolderDown } from './vip-holder-down.ts'
import { vipWithoutControlPlane } from './vip-without-control-plane.ts'
import { workerDown } from './worker-down.ts'
import { workerRestored } from './worker-restored.ts'

export const scenarios: readonly Scenario[] = [
  podDown,
  componentDown,
  workerDown,
  workerRestored,
  controlPlaneDown,
  controlPlaneRestored,
  bothDown,
  siteDown,
  siteCut,
  controlPlaneRebuild,
  vipHolderDown,
  vipWithoutControlPlane,
  controllerZoneDown,
  quorumLost,
  ejectController,
  controlPlaneReboot,
  loadBalancerDown,
  firstMasterDown,
  lbAddressChange,
  registryHostDown,
  storageQuorumLost,
  mastersJoinedTogether,
  subnetMaskTypo,
]
