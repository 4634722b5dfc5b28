/**
 * Turns what the API shows of an object, now and the last time, into events. Pure, and the same
 * for a watch and for a fresh list after the API was away, so that nothing is lost between.
 */
import type { CoreV1Event, V1EndpointSlice, V1Lease, V1Node, V1Pod } from '@kubernetes/client-node'
import type { DrillEvent } from '../../model/event.ts'
import { components } from '../../model/topology.ts'

/** Everything of an event but its time. */
export type Change = Omit<DrillEvent, 'atMs'>

export interface Names {
  /** Topology name of a Kubernetes node name; the name itself where it is not ours. */
  nodeOf(kubernetesName: string): string
}

/** The label by which the workload's objects say which component they are. */
export const componentLabel = 'clusterdrill.dev/component'

function change(
  name: Change['name'],
  subject: string,
  rest: Partial<Omit<Change, 'name' | 'subject'>> = {},
): Change {
  return { source: 'api', node: null, component: null, detail: '', ...rest, name, subject }
}

/** Is the condition `Ready` true, of a node or a pod? Without conditions it is not. */
export const readyOf = (conditions: { type: string; status: string }[] | undefined): boolean =>
  conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
  false

export function nodeChanges(before: V1Node | null, now: V1Node, names: Names): Change[] {
  const node = names.nodeOf(now.metadata?.name ?? '')
  const changes: Change[] = []
  if (before && readyOf(before.status?.conditions) !== readyOf(now.status?.conditions)) {
    const ready = now.status?.conditions?.find((condition) => condition.type === 'Ready')
    const detail = `Ready=${ready?.status ?? '?'} ${ready?.reason ?? ''}`.trim()
    const name = readyOf(now.status?.conditions) ? 'node-ready' : 'node-not-ready'
    changes.push(change(name, node, { node, detail }))
  }
  if (before) {
    const had = taintsOf(before)
    const has = taintsOf(now)
    for (const taint of has) {
      if (!had.includes(taint)) changes.push(change('node-tainted', node, { node, detail: taint }))
    }
    for (const taint of had) {
      if (!has.includes(taint))
        changes.push(change('node-untainted', node, { node, detail: taint }))
    }
  }
  return changes
}

const taintsOf = (node: V1Node): string[] =>
  (node.spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`)

/** `now` null: the pod is gone. `before` null: first seen, in a watch or a list. */
export function podChanges(before: V1Pod | null, now: V1Pod | null, names: Names): Change[] {
  const pod = now ?? before
  if (!pod) return []
  const subject = pod.metadata?.name ?? ''
  const component = pod.metadata?.labels?.[componentLabel] ?? null
  const nodeName = pod.spec?.nodeName
  const node = nodeName ? names.nodeOf(nodeName) : null
  const about = (name: Change['name'], detail = '') =>
    change(name, subject, { node, component, detail })
  if (!now) return [about('pod-deleted')]
  const changes: Change[] = []
  if (!before) changes.push(about('pod-created'))
  const why = unschedulableOf(now)
  if (why !== null && why !== (before ? unschedulableOf(before) : null)) {
    changes.push(about('pod-unschedulable', why))
  }
  if (now.spec?.nodeName && !before?.spec?.nodeName) changes.push(about('pod-scheduled'))
  if (now.metadata?.deletionTimestamp && !before?.metadata?.deletionTimestamp) {
    changes.push(about('pod-evicted', disruptionOf(now)))
  }
  if (runningOf(now) && !(before && runningOf(before))) changes.push(about('pod-started'))
  const wasReady = before ? readyOf(before.status?.conditions) : false
  const isReady = readyOf(now.status?.conditions)
  if (isReady && !wasReady) changes.push(about('pod-ready'))
  if (!isReady && wasReady) changes.push(about('pod-not-ready'))
  return changes
}

const runningOf = (pod: V1Pod): boolean =>
  pod.status?.containerStatuses?.some((status) => status.state?.running !== undefined) ?? false

/** What the scheduler says of a pod for which it found no node; null: it did not. */
function unschedulableOf({ status }: V1Pod): string | null {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return null
  return scheduled.message ?? ''
}

function disruptionOf(pod: V1Pod): string {
  const disruption = pod.status?.conditions?.find(
    (condition) => condition.type === 'DisruptionTarget' && condition.status === 'True',
  )
  return disruption?.reason ?? ''
}

interface Address {
  pod: string
  node: string | null
}

function servingOf(slice: V1EndpointSlice | null, names: Names): Map<string, Address> {
  const serving = new Map<string, Address>()
  for (const endpoint of slice?.endpoints ?? []) {
    const pod = endpoint.targetRef?.name
    if (!pod || endpoint.conditions?.ready !== true) continue
    serving.set(pod, { pod, node: endpoint.nodeName ? names.nodeOf(endpoint.nodeName) : null })
  }
  return serving
}

export function endpointChanges(
  before: V1EndpointSlice | null,
  now: V1EndpointSlice | null,
  names: Names,
): Change[] {
  const slice = now ?? before
  const service = slice?.metadata?.labels?.['kubernetes.io/service-name'] ?? ''
  const component = components.find((known) => known === service) ?? null
  const had = servingOf(before, names)
  const has = servingOf(now, names)
  const changes: Change[] = []
  for (const [pod, { node }] of has) {
    if (had.has(pod)) continue
    changes.push(change('endpoint-added', service, { node, component, detail: pod }))
  }
  for (const [pod, { node }] of had) {
    if (has.has(pod)) continue
    changes.push(change('endpoint-removed', service, { node, component, detail: pod }))
  }
  return changes
}

export function leaseChanges(before: V1Lease | null, now: V1Lease): Change[] {
  const from = before?.spec?.holderIdentity ?? null
  const to = now.spec?.holderIdentity ?? null
  if (!before || from === to) return []
  const lease = now.metadata?.name ?? ''
  return [change('leader-changed', lease, { detail: `${from || 'nobody'} → ${to || 'nobody'}` })]
}

/** What kubelets say of the workload's pods: Started, Killing, Unhealthy … */
export function kubeletChanges(event: CoreV1Event, names: Names): Change[] {
  if (event.source?.component !== 'kubelet' && event.reportingComponent !== 'kubelet') return []
  const host = event.source?.host ?? event.reportingInstance ?? ''
  return [
    {
      source: 'kubelet',
      name: 'kubelet',
      subject: event.involvedObject.name ?? '',
      node: host ? names.nodeOf(host) : null,
      component: null,
      detail: `${event.reason ?? ''}: ${event.message ?? ''}`,
    },
  ]
}
