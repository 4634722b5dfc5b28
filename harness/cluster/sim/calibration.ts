/**
 * What takes time without being a timer, as distributions. Each says where it comes from: a source,
 * or runs that were measured. Kept apart from the constants, for these depend on the machine.
 */
import type { Draw } from './kernel/random.ts'

/** Quantiles in ascending order, evenly spaced from the least to the most; drawn between them. */
export interface Spread {
  ms: readonly [number, number, ...number[]]
  source: string
}

export function drawMs(draw: Draw, { ms }: Spread): number {
  const place = draw() * (ms.length - 1)
  const below = Math.floor(place)
  const from = ms[below] as number
  const to = ms[Math.min(below + 1, ms.length - 1)] as number
  return from + (to - from) * (place - below)
}

/** Each in milliseconds, on an idle machine of the kind that was measured. */
export interface Calibration {
  /** From a fault to the proof that it took hold, by the first word of its kind. */
  proof: Readonly<Record<string, Spread>>
  /** From power to a kubelet that reports its node as Ready. */
  nodeBoot: Spread
  /** From a node that is Ready after a boot to a container of its pods that serves. */
  podAfterBoot: Spread
  /** From power to an API server that is ready, on a machine that has its etcd. */
  controlPlaneBoot: Spread
  /** The same where others run on the same processors. */
  controlPlaneBootBeside: Spread
  /** From a thawed machine to all of its processes answering. */
  thaw: Spread
  /** An API server that waited for etcd is ready again so long after etcd is. */
  apiReturn: Spread
  /** A controller or scheduler that was started asks for its Lease so long after its API is ready. */
  managerStart: Spread
  /** From a pod's deletion to the one in its place. */
  replace: Spread
  /** From a pod without a node to its node. */
  schedule: Spread
  /** From a node to a container that serves; the image is there. */
  podStart: Spread
  /** A container that is started again, from its end to serving, without back-off. */
  containerStart: Spread
  /** From serving to Ready as the API has it. */
  podReady: Spread
  /** A pod that is deleted in order, from the deletion to its end. */
  podEnd: Spread
  /** From a change of a pod to a rule in a node. */
  endpointSpread: Spread
  /** From the API's change to whoever watches it. */
  watch: Spread
  /** A good answer of the API, of a page, and a save. */
  answer: Spread
  /** An image that its node does not have yet. */
  pull: Spread
  /** A person who deletes by force what is stuck. */
  forceDelete: Spread
  forgetImages: Spread
  /** A node that is drained. */
  drain: Spread
  /** A member of etcd, put in or taken out; a machine that is emptied after that. */
  memberChange: Spread
  /** Two control planes that are reset, and forgotten by the cluster. */
  reset: Spread
  /** One control plane that joins. */
  join: Spread
  backup: Spread
  /** From the beginning of a restore to an API that answers. */
  restore: Spread
  /** An API server that gets another certificate and is started again. */
  apiRestart: Spread
  /** A node whose kubeconfigs lead elsewhere from now on. */
  pointNode: Spread
}
