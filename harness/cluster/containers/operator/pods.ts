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

/** Null when any of the namespaces could not be read; one that does not exist has no pods. */
export async function podsIn(
  { access, apiUrl }: Pick<OperatorSite, 'access' | 'apiUrl'>,
  namespaces: readonly string[],
): Promise<SeenPod[] | null> {
  const answers = await Promise.all(
    namespaces.map((namespace) =>
      ask(access, apiUrl, `/api/v1/namespaces/${namespace}/pods`, { timeoutMs: 3_000 }),
    ),
  )
  if (answers.some(({ status }) => status !== 200)) return null
  return answers.flatMap(({ body }) => (JSON.parse(body) as { items: V1Pod[] }).items.map(seen))
}

export function seen({ metadata, spec, status }: V1Pod): SeenPod {
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
