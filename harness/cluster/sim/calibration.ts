/**
 * What takes time without being a timer, as distributions. Each says where it comes from: a source,
 * or runs that were measured. Kept apart from the constants, for these depend on the machine.
 */
import type { Draw } from './kernel/random.ts'

/** Quantiles in ascending order, evenly spaced from the least to the most; drawn between them. */
export interface Spread {
  ms: readonly [number, number, ...number[]]
  source: string
  /** How busy the machine is in this run, from 0 to 1; absent: every delay is drawn by itself. */
  busy?: number
}

/**
 * A machine that is slow in one thing is slow in others, so that delays of one run do not make up for
 * each other: so many of them are as its machine is, the rest are drawn. Assumed; drawn one by one,
 * their sums were spread less than those that were measured.
 */
const sharedShare = 0.5

export function drawMs(draw: Draw, { ms, busy }: Spread): number {
  const shared = busy !== undefined && draw() < sharedShare
  const place = (shared ? busy : draw()) * (ms.length - 1)
  const below = Math.floor(place)
  const from = ms[below] as number
  const to = ms[Math.min(below + 1, ms.length - 1)] as number
  return from + (to - from) * (place - below)
}

/** Each in milliseconds, on a machine of the kind that was measured. */
export interface Calibration {
  /** From a fault to the proof that it took hold; a load balancer is looked at by another way. */
  proofOfPower: Spread
  proofOfBalancer: Spread
  proofOfProcess: Spread
  proofOfNetwork: Spread
  /** From one fault of a course to the next, where nothing but a look is between them. */
  nextFault: Spread
  /** From power to a kubelet that reports its node as Ready. */
  nodeBoot: Spread
  /** From a node that is Ready after a boot to a container of its pods that serves. */
  podAfterBoot: Spread
  /** From power to an API server that listens, on a machine that has its etcd. */
  apiBoot: Spread
  /** From there to its first good answer: until then it turns clients away whom it does not know yet. */
  apiSettle: Spread
  /** From power to a load balancer that answers. */
  balancerBoot: Spread
  /** From an orderly end that is asked for to the services that end, … */
  endBegins: Spread
  /** … and from there to the last of them: until then an API server takes connections and closes them. */
  endTakes: Spread
  /** From a thawed machine to all of its processes answering. */
  thaw: Spread
  /** An API server that waited for etcd is ready again so long after etcd is. */
  apiReturn: Spread
  /**
   * From the look that finds a node lost, by the timers alone, to its mark: its power goes a moment
   * after that is asked for, ten looks take their time, and the mark is a request of its own.
   */
  nodeLost: Spread
  /** From a node that is marked as lost to its pods that are; and to the taint that evicts them. */
  unready: Spread
  noExecute: Spread
  /** From the end of a toleration to the eviction. */
  evict: Spread
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
  /** The same of a database, which answers as soon as it runs: the others miss their first probe. */
  databaseReady: Spread
  /** A pod that is deleted in order, from the deletion to its end. */
  podEnd: Spread
  /** From a change of a pod to a rule in a node, and to a client that notices. */
  endpointSpread: Spread
  /** A good answer of the API, of a page, and a save. */
  answer: Spread
  /** An image that its node does not have yet. */
  pull: Spread
  /** From asking a machine that is silent for an image to giving up. */
  pullFails: Spread
  /** A person who deletes by force what is stuck. */
  forceDelete: Spread
  forgetImages: Spread
  /** A node that is drained. */
  drain: Spread
  /** A member of etcd, put in or taken out. */
  memberChange: Spread
  /** One control plane that is reset, and forgotten by the cluster. */
  reset: Spread
  /** One control plane that joins, until it first asks etcd to take it; … */
  joinPrepare: Spread
  /** … from there to a member that runs, and on to one that is in step; … */
  memberStart: Spread
  memberSync: Spread
  /** … and from its vote to the end of the join. */
  joinEnd: Spread
  backup: Spread
  /** From the beginning of a restore to an API that answers. */
  restore: Spread
  /** A certificate that is made anew, before its API server is started again; … */
  renewCertificate: Spread
  /** … from its end to its listening, and from there to its first good answer. */
  apiRestart: Spread
  apiRestartSettle: Spread
  /** A node whose kubeconfigs lead elsewhere from now on. */
  pointNode: Spread
}
