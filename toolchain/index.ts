/**
 * The doors of the toolchain: a container engine, the commands and images that clusters are made of,
 * and what this machine can do. Everything else in this folder is behind them. It imports nothing of
 * the harness but its errors.
 */
export { findEngine } from './engine/find.ts'
export { ensureEngine } from './engine/start.ts'
export { stopEngine } from './engine/stop.ts'
export { inspectMachine } from './machine/inspect.ts'
export { ensureObjectStore } from './object-store.ts'
export { stateDir } from './state.ts'
export { ensureSweepImage, sweepImageName } from './sweep-image/build.ts'
export { ensureToolchain, findToolchain } from './toolchain.ts'
export type { Check, Engine, Images, Progress, ProgressEvent, Toolchain } from './types.ts'
