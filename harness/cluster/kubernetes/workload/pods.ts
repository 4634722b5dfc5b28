/**
 * The workload's pods as the API shows them, and which of them to take away so that the others of
 * their part stand on different nodes.
 */
import type { V1Pod } from '@kubernetes/client-node'
import { type Component, componentsOf, type Workload } from '../../../model/topology.ts'
import { type ApiAccess, ask } from '../api.ts'
import { componentLabel, readyOf } from '../changes.ts'
import { workloadNamespaces } from './namespaces.ts'
import { madeFromAnnotation } from './parts.ts'

export interface PlacedPod {
  name: string
  namespace: string
  component: Component
  /** Kubernetes name of its node; empty before it has one. */
  node: string
  ready: boolean
  /** What it was made from; null where nothing says so. */
  madeFrom: string | null
}

/** The workload's pods that are not on their way out; null when the API does not answer. */
export async function podsOf(
  access: ApiAccess,
  baseUrl: string,
  workload: Workload,
): Promise<PlacedPod[] | null> {
  const answers = await Promise.all(
    workloadNamespaces(workload).map((namespace) =>
      ask(access, baseUrl, `/api/v1/namespaces/${namespace}/pods`, { timeoutMs: 3_000 }),
    ),
  )
  if (answers.some(({ status }) => status !== 200)) return null
  const known: readonly string[] = componentsOf(workload)
  return answers
    .flatMap(({ body }) => (JSON.parse(body) as { items: V1Pod[] }).items)
    .filter((pod) => !pod.metadata?.deletionTimestamp)
    .filter((pod) => known.includes(pod.metadata?.labels?.[componentLabel] ?? ''))
    .map((pod) => ({
      name: pod.metadata?.name ?? '',
      namespace: pod.metadata?.namespace ?? '',
      component: pod.metadata?.labels?.[componentLabel] as Component,
      node: pod.spec?.nodeName ?? '',
      ready: readyOf(pod.status?.conditions),
      madeFrom: pod.metadata?.annotations?.[madeFromAnnotation] ?? null,
    }))
}

/** The pods that share a node with another of their part while fewer than `nodes` are used. */
export function crowded(pods: readonly PlacedPod[], nodes: number): PlacedPod[] {
  const parts = Map.groupBy(pods, ({ component }) => component)
  return [...parts.values()].flatMap((part) => {
    const used = new Set<string>()
    const sharing = part.filter(({ node }) => used.size === used.add(node).size)
    return sharing.slice(0, Math.max(0, Math.min(part.length, nodes) - used.size))
  })
}
