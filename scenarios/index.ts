/**
 * Every scenario, by hand. What is not in this array does not exist for the command line.
 */
import type { Scenario } from '../harness/model/scenario.ts'
import { controlPlaneDown } from './control-plane-down.ts'
import { firstMasterDown } from './first-master-down.ts'
import { vipHolderDown } from './vip-holder-down.ts'
import { vipWithoutControlPlane } from './vip-without-control-plane.ts'
import { workerDown } from './worker-down.ts'

export const scenarios: readonly Scenario[] = [
  workerDown,
  controlPlaneDown,
  vipHolderDown,
  vipWithoutControlPlane,
  firstMasterDown,
]
