/**
 * Which pods took the place of those on the node that was hit, and when each was Ready. A
 * replacement is a pod created, and first heard of, after the fault, on another node; one that
 * existed before is not, however often its readiness changed.
 */
import type { History, PodHistory } from './history.ts'
import type { FaultMoments } from './moments.ts'

export interface Replacement {
  component: string
  pod: PodHistory
  readyAtMs: number | null
}

export interface ComponentRepair {
  component: string
  /** How many of its pods were on the node that was hit. */
  lost: number
  /** Ready ones first, in the order in which they became so. */
  replacements: readonly Replacement[]
  /** When as many were Ready elsewhere as were lost; null when that did not come. */
  repairedAtMs: number | null
  /** The pod that completed it, or the one that had come furthest. */
  last: Replacement | null
}

/** One for each component that had a pod on the hit node, in order of their names. */
export function repairsOf(history: History, fault: FaultMoments): ComponentRepair[] {
  const lost = new Map<string, number>()
  for (const pod of history.podsLost(fault.node, fault.injectedAtMs, fault.healFromMs)) {
    lost.set(pod.component, (lost.get(pod.component) ?? 0) + 1)
  }
  return [...lost]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([component, count]) => {
      const replacements = replacementsOf(component, history, fault)
      const ready = replacements.filter((replacement) => replacement.readyAtMs !== null)
      const completing = ready[count - 1] ?? null
      return {
        component,
        lost: count,
        replacements,
        repairedAtMs: completing?.readyAtMs ?? null,
        last: completing ?? replacements.find((one) => one.readyAtMs === null) ?? null,
      }
    })
}

function replacementsOf(component: string, history: History, fault: FaultMoments): Replacement[] {
  return [...history.pods.values()]
    .filter(
      (pod) =>
        pod.component === component &&
        pod.createdAtMs !== null &&
        pod.firstSeenMs > fault.injectedAtMs &&
        pod.firstSeenMs <= fault.healFromMs &&
        pod.node !== fault.node,
    )
    .map((pod) => ({
      component,
      pod,
      readyAtMs:
        history.first('pod-ready', { subject: pod.name, afterMs: fault.injectedAtMs })?.atMs ??
        null,
    }))
    .sort(
      (a, b) =>
        (a.readyAtMs ?? Number.POSITIVE_INFINITY) - (b.readyAtMs ?? Number.POSITIVE_INFINITY) ||
        a.pod.firstSeenMs - b.pod.firstSeenMs,
    )
}

/** The one that decides the repair: the last to be Ready, or one that never was. */
export function slowestOf(repairs: readonly ComponentRepair[]): ComponentRepair | null {
  const at = (repair: ComponentRepair): number => repair.repairedAtMs ?? Number.POSITIVE_INFINITY
  return repairs.reduce<ComponentRepair | null>(
    (slowest, repair) => (slowest === null || at(repair) > at(slowest) ? repair : slowest),
    null,
  )
}
