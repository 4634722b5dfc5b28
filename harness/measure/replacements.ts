/**
 * Which pods took the place of those that were lost, and when each was Ready. A replacement is a
 * pod created, and first heard of, after the fault, on no node that was hit; one that existed
 * before is not, however often its readiness changed. After a pod was deleted by a person its node
 * is still good, and any new pod of the component will do.
 */
import type { History, PodHistory } from './history.ts'
import { type FaultMoments, hitsComponent } from './moments.ts'

export interface Replacement {
  component: string
  pod: PodHistory
  readyAtMs: number | null
}

export interface ComponentRepair {
  component: string
  /** How many of its pods were lost. */
  lost: number
  /** Ready ones first, in the order in which they became so. */
  replacements: readonly Replacement[]
  /** When as many were Ready elsewhere as were lost; null when that did not come. */
  repairedAtMs: number | null
  /** The pod that completed it, or the one that had come furthest. */
  last: Replacement | null
}

/** One for each component that lost a pod to these faults, in order of their names. */
export function repairsOf(history: History, faults: readonly FaultMoments[]): ComponentRepair[] {
  const lost = new Map<string, Set<string>>()
  for (const { component, name } of faults.flatMap((fault) => podsLostTo(history, fault))) {
    lost.set(component, (lost.get(component) ?? new Set()).add(name))
  }
  return [...lost]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([component, { size: count }]) => {
      const replacements = replacementsOf(component, history, faults)
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

function podsLostTo(history: History, fault: FaultMoments): PodHistory[] {
  const there = history.podsLost(fault.node, fault.injectedAtMs, fault.healFromMs)
  if (!hitsComponent(fault)) return there
  const component = fault.plan?.component ?? 'database'
  const deleted = history.first('pod-evicted', { component, ...since(fault) })
  return there.filter(({ name }) => name === deleted?.subject)
}

function replacementsOf(
  component: string,
  history: History,
  faults: readonly FaultMoments[],
): Replacement[] {
  const injectedMs = Math.min(...faults.map(({ injectedAtMs }) => injectedAtMs))
  const untilMs = Math.max(...faults.map(({ healFromMs }) => healFromMs))
  const gone = new Set(faults.filter((fault) => !hitsComponent(fault)).map(({ node }) => node))
  return history.pods
    .filter(
      (pod) =>
        pod.component === component &&
        pod.createdAtMs !== null &&
        pod.firstSeenMs > injectedMs &&
        pod.firstSeenMs <= untilMs &&
        (pod.node === null || !gone.has(pod.node)),
    )
    .map((pod) => ({
      component,
      pod,
      readyAtMs:
        history.first('pod-ready', { subject: pod.name, afterMs: pod.createdAtMs ?? injectedMs })
          ?.atMs ?? null,
    }))
    .sort(
      (a, b) =>
        (a.readyAtMs ?? Number.POSITIVE_INFINITY) - (b.readyAtMs ?? Number.POSITIVE_INFINITY) ||
        a.pod.firstSeenMs - b.pod.firstSeenMs,
    )
}

const since = (fault: FaultMoments) => ({ afterMs: fault.injectedAtMs, untilMs: fault.healFromMs })

const repairedMs = (repair: ComponentRepair): number =>
  repair.repairedAtMs ?? Number.POSITIVE_INFINITY

/** The one that decides the repair: the last to be Ready, or one that never was. */
export function slowestOf(repairs: readonly ComponentRepair[]): ComponentRepair | null {
  return repairs.reduce<ComponentRepair | null>(
    (slowest, repair) =>
      slowest === null || repairedMs(repair) > repairedMs(slowest) ? repair : slowest,
    null,
  )
}

/** The last to be repaired by that instant, on which the service can have waited; else null. */
export function lastRepairedBy(
  repairs: readonly ComponentRepair[],
  atMs: number,
): ComponentRepair | null {
  return slowestOf(repairs.filter((repair) => repairedMs(repair) <= atMs))
}

/**
 * The one whose pods fitted nowhere, and on which the service can have waited that came back at that
 * instant; else null. Such a pod may start at last on the very node that was hit, once it is back.
 */
export function fittedNowhere(
  history: History,
  repairs: readonly ComponentRepair[],
  faultMs: number,
  atMs: number,
): ComponentRepair | null {
  const waited = repairs.flatMap((repair) => {
    if (repair.repairedAtMs !== null) return []
    const pod = podWithoutRoom(history, repair.component, faultMs)
    if (pod === null) return []
    const ready = history.first('pod-ready', { subject: pod, afterMs: faultMs })
    return ready === null || ready.atMs > atMs ? [] : [{ repair, readyAtMs: ready.atMs }]
  })
  return waited.toSorted((a, b) => b.readyAtMs - a.readyAtMs)[0]?.repair ?? null
}

/** The name of the first pod of the component of which that was told after the fault; else null. */
export const podWithoutRoom = (
  history: History,
  component: string,
  faultMs: number,
): string | null =>
  history.first('pod-unschedulable', { component, afterMs: faultMs })?.subject ?? null
