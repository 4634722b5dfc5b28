/**
 * Pods as the API shows them to somebody who is about to delete some: with their uid, and those too
 * that are on their way out. Refuses nothing; where the API does not answer there is no list.
 */
import type { V1Pod } from '@kubernetes/client-node'
import { ask } from '../../kubernetes/api.ts'
import { componentLabel, readyOf } from '../../kubernetes/changes.ts'
import type { OperatorSite } from './site.ts'

export interface SeenPod {
  name: string
  namespace: string
  uid: string
  /** Kubernetes name of its node; empty before it has one. */
  node: string
  /** As its label says; null where it is none of the workload. */
  component: string | null
  ready: boolean
  /** When its condition Ready became what it is, by the API's word, in ms since 1970. */
  readySinceEpochMs: number | null
  /** Its deletion was asked for, and it is still there. */
  terminating: boolean
  /** `ReplicaSet`, `StatefulSet`, `DaemonSet`, …; null where nobody owns it. */
  owner: string | null
  /** The API's picture of a pod that the kubelet runs from a file. */
  static: boolean
}

type Way = Pick<OperatorSite, 'access' | 'apiUrl'>

/** All of one namespace; null when the API does not answer. */
export async function podsIn(way: Way, namespace: string): Promise<SeenPod[] | null> {
  return await podsAt(way, `/api/v1/namespaces/${namespace}/pods`)
}

/** All on one node, by its Kubernetes name, of every namespace; null when the API does not answer. */
export async function podsOn(way: Way, node: string): Promise<SeenPod[] | null> {
  return await podsAt(way, `/api/v1/pods?fieldSelector=spec.nodeName=${node}`)
}

async function podsAt({ access, apiUrl }: Way, path: string): Promise<SeenPod[] | null> {
  const answer = await ask(access, apiUrl, path, { timeoutMs: 3_000 })
  if (answer.status !== 200) return null
  return (JSON.parse(answer.body) as { items: V1Pod[] }).items.map(seen)
}

function seen({ metadata, spec, status }: V1Pod): SeenPod {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const since = ready?.lastTransitionTime
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    uid: metadata?.uid ?? '',
    node: spec?.nodeName ?? '',
    component: metadata?.labels?.[componentLabel] ?? null,
    ready: readyOf(status?.conditions),
    readySinceEpochMs: since === undefined ? null : Date.parse(String(since)),
    terminating: metadata?.deletionTimestamp !== undefined,
    owner: metadata?.ownerReferences?.[0]?.kind ?? null,
    static: metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined,
  }
}

export const pathOf = ({ namespace, name }: Pick<SeenPod, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`
