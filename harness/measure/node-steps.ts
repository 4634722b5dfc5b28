/**
 * What the cluster does with a node that it lost: NotReady, its endpoints, its taint, and Ready
 * again. Once for each node that was hit.
 */
import type { Plan } from '../model/plan.ts'
import { formatMs } from '../model/units.ts'
import { isOver } from './cluster-steps.ts'
import { after, type Found, whileHeld } from './found-step.ts'
import type { History } from './history.ts'
import type { FaultMoments } from './moments.ts'

/** `several`: more than one node was hit, so that each is named. */
export function nodeSteps(
  plan: Plan,
  history: History,
  fault: FaultMoments,
  several: boolean,
): Found[] {
  const graceMs = plan.timers.nodeMonitorGraceMs
  const period = formatMs(plan.timers.nodeMonitorPeriodMs)
  const of = several ? `${fault.node}: ` : ''
  const held = whileHeld(fault)
  const found: Found[] = []
  const notReady = history.first('node-not-ready', { subject: fault.node, ...held })
  if (notReady !== null) {
    found.push({
      name: 'node-not-ready',
      atMs: notReady.atMs,
      cause: `${of}silent for ${formatMs(graceMs)} (node-monitor-grace-period), looked at every ${period}`,
      wait: { timer: 'nodeMonitorGraceMs', ms: graceMs },
    })
  }
  const tainted = history.first('node-tainted', { subject: fault.node, ...held })
  if (tainted !== null) {
    found.push({
      name: 'tainted',
      atMs: tainted.atMs,
      cause: `${of}${tainted.detail || 'NoExecute'}, ${after(tainted, notReady, 'NotReady')}`,
    })
  }
  const removed = history.first('endpoint-removed', { node: fault.node, ...held })
  if (removed !== null) {
    found.push({
      name: 'endpoint-removed',
      atMs: removed.atMs,
      cause: `${of}its pods are marked not ready in the pass that marks the node, ${after(removed, notReady, 'NotReady')}`,
    })
  }
  return [...found, ...readyAgain(history, fault, of)]
}

function readyAgain(history: History, fault: FaultMoments, of: string): Found[] {
  const fromMs = isOver(fault) ? fault.injectedAtMs : fault.healFromMs
  const lost = history.first('node-not-ready', { subject: fault.node, ...whileHeld(fault) })
  const afterMs = isOver(fault) ? (lost?.atMs ?? fromMs) : fromMs
  const ready = history.first('node-ready', { subject: fault.node, afterMs })
  if (ready === null) return []
  const since = isOver(fault) ? 'the fault' : 'healing began'
  return [
    {
      name: 'node-ready',
      atMs: ready.atMs,
      cause: `${of}the kubelet reports again, ${formatMs(ready.atMs - fromMs)} after ${since}`,
    },
  ]
}
