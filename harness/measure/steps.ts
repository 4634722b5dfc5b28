/**
 * The chain from the fault to the service being back, and to the node being back, as named steps
 * with the timer or the step that each one waited for. Only the slowest workload component is
 * followed: the others were through before it.
 */
import type { DrillEvent } from '../model/event.ts'
import { floatingIpLease, ownersIn } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Step } from '../model/record.ts'
import { formatMs } from '../model/units.ts'
import type { EventFilter, History } from './history.ts'
import type { FaultMoments } from './moments.ts'
import { type ComponentRepair, slowestOf } from './replacements.ts'

/** Every name a step can have, in the order in which they follow where they fall together. */
export const stepNames = [
  'fault',
  'leader-elected',
  'address-silent',
  'address-doubled',
  'address-taken',
  'lb-down',
  'node-not-ready',
  'endpoint-removed',
  'tainted',
  'evicted',
  'replacement-created',
  'scheduled',
  'started',
  'ready',
  'endpoint-added',
  'service-available',
  'healed',
  'lb-up',
  'node-ready',
] as const

export type StepName = (typeof stepNames)[number]

export interface ServiceReturn {
  vantage: string
  /** The first good sample after its last outage. */
  atMs: number
}

interface Found {
  name: StepName
  atMs: number
  cause: string
}

/** In order of time; where two fall together, in the order of `stepNames`. */
export function stepsOf(
  plan: Plan,
  history: History,
  fault: FaultMoments,
  repairs: readonly ComponentRepair[],
  service: ServiceReturn | null,
): Step[] {
  const found = [
    ...faultSteps(fault),
    ...leaderSteps(plan, history, fault),
    ...addressSteps(plan, history, fault),
    ...loadBalancerSteps(plan, history, fault),
    ...nodeSteps(plan, history, fault),
    ...repairSteps(plan, history, fault, slowestOf(repairs)),
  ]
  if (service !== null) found.push(serviceStep(service, found))
  return found
    .sort((a, b) => a.atMs - b.atMs || stepNames.indexOf(a.name) - stepNames.indexOf(b.name))
    .map(({ name, atMs, cause }) => ({
      name,
      atMs,
      sinceFaultMs: atMs - fault.injectedAtMs,
      cause,
    }))
}

function faultSteps(fault: FaultMoments): Found[] {
  const { kind, target, role, undoneAtMs } = fault.record
  const begun: Found = {
    name: 'fault',
    atMs: fault.injectedAtMs,
    cause: `${kind} of ${target} (${role})`,
  }
  if (undoneAtMs === null) return [begun]
  const provenMs = Math.max(0, undoneAtMs - fault.healFromMs)
  return [
    begun,
    {
      name: 'healed',
      atMs: fault.healFromMs,
      cause: `${kind} of ${target} undone, proven within ${formatMs(provenMs)}`,
    },
  ]
}

function leaderSteps(plan: Plan, history: History, fault: FaultMoments): Found[] {
  const lease = formatMs(plan.timers.leaderLeaseDurationMs)
  const retry = formatMs(plan.timers.leaderRetryPeriodMs)
  return history
    .firstOfEach('leader-changed', whileHeld(fault))
    .filter(({ subject }) => subject !== floatingIpLease)
    .map((event) => ({
      name: 'leader-elected',
      atMs: event.atMs,
      cause: `${event.subject}, ${event.detail}: lease of ${lease} lapsed (leader-elect-lease-duration), tried for every ${retry}`,
    }))
}

/** Every change of who answers for the floating IP while the fault held. */
function addressSteps({ topology, timers }: Plan, history: History, fault: FaultMoments): Found[] {
  const lease = formatMs(timers.floatingIpLeaseDurationMs)
  const deadline = formatMs(timers.floatingIpRenewDeadlineMs)
  const byLease = topology.floatingIp?.documented === 'kube-vip'
  return history.events
    .filter(
      ({ name, atMs }) =>
        name === 'floating-ip-owner' && atMs > fault.injectedAtMs && atMs <= fault.healFromMs,
    )
    .map(({ atMs, subject, detail }): Found => {
      const [owner, ...others] = ownersIn(detail)
      if (owner === undefined) {
        const gone = byLease ? ` (given up after ${deadline} without a renewal, if not lost)` : ''
        return { name: 'address-silent', atMs, cause: `nobody answers for ${subject}${gone}` }
      }
      if (others.length > 0) {
        return { name: 'address-doubled', atMs, cause: `${detail} all answer for ${subject}` }
      }
      const why = byLease ? `: the Lease of ${lease} had lapsed` : ', after three silent seconds'
      return { name: 'address-taken', atMs, cause: `${owner} answers for ${subject}${why}` }
    })
}

function loadBalancerSteps(plan: Plan, history: History, fault: FaultMoments): Found[] {
  const check = plan.topology.loadBalancer?.check
  if (check === undefined) return []
  const inter = formatMs(check.intervalMs)
  const found: Found[] = []
  const down = history.first('lb-down', { subject: fault.node, ...whileHeld(fault) })
  if (down !== null) {
    found.push({
      name: 'lb-down',
      atMs: down.atMs,
      cause: `${check.fall} checks failed in a row, one every ${inter} (fall × inter): ${down.detail}`,
    })
  }
  const up = history.first('lb-up', { subject: fault.node, afterMs: fault.healFromMs })
  if (up !== null) {
    found.push({
      name: 'lb-up',
      atMs: up.atMs,
      cause: `${check.rise} checks passed in a row, one every ${inter} (rise × inter): ${up.detail}`,
    })
  }
  return found
}

function nodeSteps(plan: Plan, history: History, fault: FaultMoments): Found[] {
  const grace = formatMs(plan.timers.nodeMonitorGraceMs)
  const period = formatMs(plan.timers.nodeMonitorPeriodMs)
  const found: Found[] = []
  const notReady = history.first('node-not-ready', { subject: fault.node, ...whileHeld(fault) })
  if (notReady !== null) {
    found.push({
      name: 'node-not-ready',
      atMs: notReady.atMs,
      cause: `silent for ${grace} (node-monitor-grace-period), looked at every ${period}`,
    })
  }
  const tainted = history.first('node-tainted', { subject: fault.node, ...whileHeld(fault) })
  if (tainted !== null) {
    found.push({
      name: 'tainted',
      atMs: tainted.atMs,
      cause: `${tainted.detail || 'NoExecute'}, ${after(tainted, notReady, 'NotReady')}`,
    })
  }
  const removed = history.first('endpoint-removed', { node: fault.node, ...whileHeld(fault) })
  if (removed !== null) {
    found.push({
      name: 'endpoint-removed',
      atMs: removed.atMs,
      cause: `its pods are marked not ready in the pass that marks the node, ${after(removed, notReady, 'NotReady')}`,
    })
  }
  const ready = history.first('node-ready', { subject: fault.node, afterMs: fault.healFromMs })
  if (ready !== null) {
    found.push({
      name: 'node-ready',
      atMs: ready.atMs,
      cause: `the kubelet reports again, ${formatMs(ready.atMs - fault.healFromMs)} after healing began`,
    })
  }
  return found
}

function repairSteps(
  plan: Plan,
  history: History,
  fault: FaultMoments,
  repair: ComponentRepair | null,
): Found[] {
  if (repair === null) return []
  const { component, last } = repair
  const evicted = history.first('pod-evicted', { component, node: fault.node, ...whileHeld(fault) })
  const found: Found[] = []
  if (evicted !== null) {
    const toleration = formatMs(plan.timers.unreachableTolerationMs)
    const tainted = history.first('node-tainted', { subject: fault.node, ...whileHeld(fault) })
    found.push({
      name: 'evicted',
      atMs: evicted.atMs,
      cause: `${component}: toleration of ${toleration} (default-unreachable-toleration-seconds) spent, ${after(evicted, tainted, 'the taint')}`,
    })
  }
  if (last === null) return found

  const subject = last.pod.name
  const since = { afterMs: fault.injectedAtMs }
  const where = last.pod.node === null ? '' : ` on ${last.pod.node}`
  const links: [StepName, DrillEvent | null, string][] = [
    ['replacement-created', history.first('pod-created', { subject, ...since }), 'new pod'],
    ['scheduled', history.first('pod-scheduled', { subject, ...since }), `bound${where}`],
    ['started', history.first('pod-started', { subject, ...since }), 'container runs'],
    ['ready', history.first('pod-ready', { subject, ...since }), 'readiness probe passed'],
    [
      'endpoint-added',
      history.first('endpoint-added', { detail: subject, ...since }),
      'a Service sends to it again',
    ],
  ]
  let before = evicted
  let beforeName = 'evicted'
  for (const [name, event, what] of links) {
    if (event === null) continue
    found.push({
      name,
      atMs: event.atMs,
      cause: `${component}: ${what}, ${after(event, before, beforeName)}`,
    })
    before = event
    beforeName = name
  }
  return found
}

/** The last probe sent to a server that is then marked DOWN may have left just before. */
const ejectionWithinMs = 500

export function serviceStep(service: ServiceReturn, found: readonly Found[]): Found {
  const ejected = found.some(
    ({ name, atMs }) => name === 'lb-down' && Math.abs(atMs - service.atMs) <= ejectionWithinMs,
  )
  if (ejected) {
    return {
      name: 'service-available',
      atMs: service.atMs,
      cause: `${service.vantage} answers again and stays good, as the load balancer sends nothing more to the lost server`,
    }
  }
  const before = found
    .filter((step) => step.atMs <= service.atMs)
    .reduce<Found | null>(
      (latest, step) => (latest === null || step.atMs >= latest.atMs ? step : latest),
      null,
    )
  const since =
    before === null ? '' : `, ${formatMs(service.atMs - before.atMs)} after ${before.name}`
  return {
    name: 'service-available',
    atMs: service.atMs,
    cause: `${service.vantage} answers again and stays good${since}`,
  }
}

function whileHeld(fault: FaultMoments): EventFilter {
  return { afterMs: fault.injectedAtMs, untilMs: fault.healFromMs }
}

/** Events of two watches may be seen in either order; then they are as good as together. */
function after(event: DrillEvent, before: DrillEvent | null, name: string): string {
  if (before === null) return `${name} was not seen`
  return `${formatMs(Math.max(0, event.atMs - before.atMs))} after ${name}`
}
