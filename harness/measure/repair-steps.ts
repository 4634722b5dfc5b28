/**
 * How a component comes back: a pod evicted, created anew, scheduled, started, Ready and sent to;
 * or its container started again where it stands, with the kubelet's back-off before it.
 */
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { formatMs } from '../model/units.ts'
import { after, type Found, type StepName, whileHeld } from './found-step.ts'
import type { EventFilter, History } from './history.ts'
import { type FaultMoments, hitsComponent } from './moments.ts'
import { type ComponentRepair, podWithoutRoom } from './replacements.ts'

type Link = [name: StepName, event: DrillEvent | null, what: string]

/** From eviction to the first request: of one component, on whatever node it was lost. */
export function repairSteps(
  plan: Plan,
  history: History,
  faults: readonly FaultMoments[],
  repair: ComponentRepair | null,
): Found[] {
  if (repair === null) return []
  const { component, last } = repair
  const evictions = faults.flatMap((fault) => {
    const filter = { component, node: fault.node, ...whileHeld(fault) }
    const evicted = history.first('pod-evicted', filter)
    return evicted === null ? [] : [{ evicted, fault }]
  })
  const first = evictions.toSorted((a, b) => a.evicted.atMs - b.evicted.atMs)[0]
  const found: Found[] = first ? [evictedStep(plan, history, component, first)] : []
  const since = { afterMs: Math.min(...faults.map(({ injectedAtMs }) => injectedAtMs)) }
  const subject = last?.pod.name ?? podWithoutRoom(history, component, since.afterMs)
  if (subject === null) return found

  const scheduled = history.first('pod-scheduled', { subject, ...since })
  const node = last?.pod.node ?? scheduled?.node ?? null
  const where = node === null ? '' : ` on ${node}`
  const unschedulable = history.first('pod-unschedulable', { subject, ...since })
  const links: Link[] = [
    ['replacement-created', history.first('pod-created', { subject, ...since }), 'new pod'],
    ['unschedulable', unschedulable, `${subject} stays Pending: ${reasonsOf(unschedulable)}`],
    ['scheduled', scheduled, `bound${where}`],
    ['started', history.first('pod-started', { subject, ...since }), 'container runs'],
    ...lastLinks(history, subject, since),
  ]
  return [...found, ...chained(component, links, first?.evicted ?? null, 'evicted')]
}

/** The scheduler's reasons, as a part of a sentence. */
const reasonsOf = (event: DrillEvent | null): string => event?.detail.replace(/\.$/, '') ?? ''

function lastLinks(history: History, pod: string, filter: EventFilter): Link[] {
  return [
    ['ready', history.first('pod-ready', { subject: pod, ...filter }), 'readiness probe passed'],
    [
      'endpoint-added',
      history.first('endpoint-added', { detail: pod, ...filter }),
      'a Service sends to it again',
    ],
  ]
}

function chained(
  component: string,
  links: readonly Link[],
  begin: DrillEvent | null,
  beginName: string,
): Found[] {
  const found: Found[] = []
  let before = begin
  let beforeName = beginName
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

function evictedStep(
  plan: Plan,
  history: History,
  component: string,
  { evicted, fault }: { evicted: DrillEvent; fault: FaultMoments },
): Found {
  const { atMs } = evicted
  if (hitsComponent(fault)) {
    return { name: 'evicted', atMs, cause: `${component}: ${evicted.subject} is deleted in order` }
  }
  const tolerationMs = plan.timers.unreachableTolerationMs
  const tainted = history.first('node-tainted', { subject: fault.node, ...whileHeld(fault) })
  return {
    name: 'evicted',
    atMs,
    cause: `${component}: toleration of ${formatMs(tolerationMs)} (default-unreachable-toleration-seconds) spent, ${after(evicted, tainted, 'the taint')}`,
    wait: { timer: 'unreachableTolerationMs', ms: tolerationMs },
  }
}

export const backOffTimer = 'CrashLoopBackOff'
const firstBackOffMs = 10_000
const longestBackOffMs = 300_000

/**
 * What the kubelet waits before it starts a container for the nth time again: 0, 10, 20, 40 … s,
 * at most 300 s (Kubernetes 1.34, pkg/kubelet/kubelet.go:157-164).
 */
export function backOffMs(restart: number): number {
  return restart < 2 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** (restart - 2))
}

/** Each kill of a container: not ready, started again, Ready, up to the next kill. */
export function containerSteps(history: History, faults: readonly FaultMoments[]): Found[] {
  const kills = faults.filter(({ record }) => record.kind === 'process.container-kill')
  return kills.flatMap((kill, index) => {
    const component = kill.plan?.component ?? 'database'
    const of = (one: FaultMoments): boolean =>
      one.node === kill.node && (one.plan?.component ?? 'database') === component
    const next = kills.slice(index + 1).find(of)
    const restart = kills.slice(0, index + 1).filter(of).length
    const window = {
      afterMs: kill.injectedAtMs,
      ...(next === undefined ? {} : { untilMs: next.injectedAtMs }),
    }
    return restartSteps(history, component, kill, restart, window)
  })
}

/** A kill and a start between two looks at the pod are told by the kubelet alone. */
function startedByWord(
  history: History,
  unready: DrillEvent | null,
  { untilMs = Number.POSITIVE_INFINITY }: EventFilter,
): DrillEvent | null {
  if (unready === null) return null
  const { subject, atMs: fromMs } = unready
  return (
    history.events.find(
      ({ name, subject: of, detail, atMs }) =>
        name === 'kubelet' &&
        of === subject &&
        detail.startsWith('Started') &&
        atMs > fromMs &&
        atMs <= untilMs,
    ) ?? null
  )
}

function restartSteps(
  history: History,
  component: string,
  kill: FaultMoments,
  restart: number,
  window: EventFilter,
): Found[] {
  const here = { component, node: kill.node, ...window }
  const unready = history.first('pod-not-ready', here)
  const running = history.first('pod-started', here) ?? startedByWord(history, unready, window)
  const pod = (running ?? unready)?.subject
  if (pod === undefined) return []
  const found: Found[] = []
  if (unready !== null) {
    found.push({ name: 'pod-not-ready', atMs: unready.atMs, cause: `${component}: ${pod}` })
  }
  if (running !== null) {
    const waitMs = backOffMs(restart)
    const why =
      waitMs === 0
        ? 'at once, the first time'
        : `back-off of ${formatMs(waitMs)} before restart ${restart} (CrashLoopBackOff)`
    const tookMs = running.atMs - kill.injectedAtMs
    found.push({
      name: 'container-restarted',
      atMs: running.atMs,
      cause: `${component}: the kubelet starts the container again ${formatMs(tookMs)} after the kill, ${why}`,
      ...(waitMs === 0 ? {} : { wait: { timer: backOffTimer, ms: waitMs } }),
    })
  }
  const since = { ...window, afterMs: (running ?? unready)?.atMs ?? kill.injectedAtMs }
  const links = lastLinks(history, pod, since)
  return [...found, ...chained(component, links, running, 'container-restarted')]
}
