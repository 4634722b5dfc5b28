/**
 * The made-up runs that every renderer is tested with: two of a version that knew no floating IP
 * and no invariants (one measured and brisk, one simulated and partial), and three that do.
 */
export { controlPlaneDown } from './fixture-control-plane-down.ts'
export { holderDown, linkCut } from './fixture-floating-ip.ts'
export { zoneDown } from './fixture-three-zones.ts'
export { workerDown } from './fixture-worker-down.ts'
