/**
 * The two made-up runs that every renderer is tested with: one measured and brisk, one simulated
 * and partial.
 */
export { controlPlaneDown } from './fixture-control-plane-down.ts'
export { workerDown } from './fixture-worker-down.ts'
