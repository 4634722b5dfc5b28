/**
 * The longest that each phase of a plan may take, from its timers and from what it waits for. A
 * bound is no expectation: it ends a wait that will not be over, and the run says so. Pure.
 */
import type { PhaseBounds } from '../model/plan.ts'
import { aWhileMs, type Course, type Goal, losesNode, watchedMs } from '../model/scenario.ts'
import type { Timers } from '../model/timers.ts'

/** Beyond the timers: pods start elsewhere, probes become stable, a busy machine is slow. */
const slackMs = 60_000
/**
 * After an earlier drill, who lost the API watches it again within 30 s, up to doubled by chance
 * (client-go reflector.go): until then a node's kube-proxy leads requests by what it knew before.
 */
const baselineMs = 120_000
/** A boot and a first heartbeat, on a busy machine. */
const bootMs = 120_000
/** The controller evicts the pods of one lost node at once, then those of one in ten seconds. */
const nextEvictionMs = 10_000

/**
 * Observing is bound by the silence before a lost worker is marked, the look of the controller, the
 * longer toleration, and a minute to start the pods elsewhere; settling by a boot and a first
 * heartbeat, or by what it waits for: after a control plane the clocks of a lost node start anew.
 */
export function boundsOf(timers: Timers, course: Course): PhaseBounds {
  const { faults, settleUntil } = course
  const lost = faults.filter(({ kind }) => losesNode(kind)).length
  const evictionsMs = Math.max(0, lost - 1) * nextEvictionMs
  const withinMs = (goals: readonly Goal[]) =>
    Math.max(...goals.map((goal) => longestMs(goal, timers) + slackMs), 0)
  const whileHealing = [...settleUntil, ...faults.flatMap(({ afterUndo = [] }) => afterUndo)]
  return {
    baselineMs,
    observeMs: withinMs(['workload-repaired', 'watched', 'a-while']) + evictionsMs,
    settleMs: Math.max(bootMs + timers.nodeMonitorGraceMs, withinMs(whileHealing) + evictionsMs),
  }
}

/** By the timers alone, from the instant at which the clock of that goal starts. */
function longestMs(goal: Goal, timers: Timers): number {
  const noticedMs = timers.nodeMonitorGraceMs + 2 * timers.nodeMonitorPeriodMs
  switch (goal) {
    case 'node-not-ready':
      return noticedMs
    case 'workload-repaired':
    case 'workload-whole':
      return noticedMs + Math.max(timers.notReadyTolerationMs, timers.unreachableTolerationMs)
    case 'watched':
      return watchedMs(timers)
    case 'a-while':
      return aWhileMs(timers)
    default:
      return 0
  }
}
