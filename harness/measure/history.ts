/**
 * Events as they really come, late, out of order and more than once, made into questions with one
 * answer: when was this first seen, and which pods were on the node that was hit. A watch that
 * lists again after an outage repeats what it said before; the earliest saying counts.
 */
import type { DrillEvent, EventName } from '../model/event.ts'

export interface EventFilter {
  subject?: string
  node?: string
  component?: string
  detail?: string
  /** After this instant. */
  afterMs?: number
  /** Up to and with this instant. */
  untilMs?: number
}

export interface PodHistory {
  name: string
  component: string
  /** The last node it was said to be on; null while it waited for one. */
  node: string | null
  firstSeenMs: number
  /** Null: it was there before anybody looked. */
  createdAtMs: number | null
  deletedAtMs: number | null
}

const podEvents: ReadonlySet<EventName> = new Set<EventName>([
  'pod-created',
  'pod-unschedulable',
  'pod-scheduled',
  'pod-started',
  'pod-ready',
  'pod-not-ready',
  'pod-evicted',
  'pod-deleted',
])

export class History {
  /** In order of time, each said once. */
  readonly events: readonly DrillEvent[]
  /** A pod that was made anew under its old name stands twice, once for each life. */
  readonly pods: readonly PodHistory[]

  constructor(events: readonly DrillEvent[]) {
    this.events = [...events].sort((a, b) => a.atMs - b.atMs)
    this.pods = podsOf(this.events)
  }

  /** The earliest event of that name that fits, or null. */
  first(name: EventName, filter: EventFilter = {}): DrillEvent | null {
    return this.events.find((event) => event.name === name && fits(event, filter)) ?? null
  }

  /** The earliest event for each subject, in order of time. */
  firstOfEach(name: EventName, filter: EventFilter = {}): DrillEvent[] {
    const bySubject = new Map<string, DrillEvent>()
    for (const event of this.events) {
      if (event.name !== name || bySubject.has(event.subject) || !fits(event, filter)) continue
      bySubject.set(event.subject, event)
    }
    return [...bySubject.values()]
  }

  /**
   * Workload pods that were on the node when it was lost at `lostMs`: those seen there before, and
   * those of which it was only told, up to `untilMs`, that they were lost with it. A watch need not
   * say anything of a pod that was there when it began.
   */
  podsLost(node: string, lostMs: number, untilMs: number): PodHistory[] {
    return this.pods.filter(
      (pod) =>
        pod.node === node &&
        (pod.createdAtMs === null || pod.createdAtMs <= lostMs) &&
        (pod.deletedAtMs === null || pod.deletedAtMs > lostMs) &&
        pod.firstSeenMs <= untilMs,
    )
  }
}

function fits(event: DrillEvent, filter: EventFilter): boolean {
  return (
    (filter.subject === undefined || event.subject === filter.subject) &&
    (filter.node === undefined || event.node === filter.node) &&
    (filter.component === undefined || event.component === filter.component) &&
    (filter.detail === undefined || event.detail === filter.detail) &&
    (filter.afterMs === undefined || event.atMs > filter.afterMs) &&
    (filter.untilMs === undefined || event.atMs <= filter.untilMs)
  )
}

/** In the order in which they were first heard of. */
function podsOf(events: readonly DrillEvent[]): PodHistory[] {
  const pods: PodHistory[] = []
  const latest = new Map<string, PodHistory>()
  for (const event of events) {
    const isEndpoint = event.name === 'endpoint-added' || event.name === 'endpoint-removed'
    if (event.component === null || !(isEndpoint || podEvents.has(event.name))) continue
    const name = isEndpoint ? event.detail : event.subject
    const known = latest.get(name)
    const again = event.name === 'pod-created' && known !== undefined && known.deletedAtMs !== null
    const pod = again || known === undefined ? newPod(name, event.component, event.atMs) : known
    if (pod !== known) {
      pods.push(pod)
      latest.set(name, pod)
    }
    pod.node = event.node ?? pod.node
    if (event.name === 'pod-created') pod.createdAtMs ??= event.atMs
    if (event.name === 'pod-deleted') pod.deletedAtMs ??= event.atMs
  }
  return pods
}

const newPod = (name: string, component: string, firstSeenMs: number): PodHistory => ({
  ...{ name, component, firstSeenMs },
  node: null,
  createdAtMs: null,
  deletedAtMs: null,
})
