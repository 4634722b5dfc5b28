/**
 * One look at what the invariants of a document speak of: nodes, namespaces, pods, the database's
 * claim and its volume. They are judged in `invariants.ts`.
 */
import type {
  V1Namespace,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
} from '@kubernetes/client-node'
import type { Invariant } from '../../model/record.ts'
import type { Topology } from '../../model/topology.ts'
import { type ApiAccess, ask } from './api.ts'
import { type ClusterView, judgeView, type NodeNames } from './invariants.ts'
import { namespaceOf } from './workload/namespaces.ts'
import { claimName } from './workload/storage.ts'

/** Null when the API does not answer everything. */
async function viewOf(
  access: ApiAccess,
  baseUrl: string,
  topology: Topology,
): Promise<ClusterView | null> {
  const read = (path: string) => ask(access, baseUrl, path, { timeoutMs: 5_000 })
  const listOf = async <T>(path: string): Promise<T[] | null> => {
    const answer = await read(path)
    return answer.status === 200 ? (JSON.parse(answer.body) as { items: T[] }).items : null
  }
  const place = namespaceOf(topology.workload, 'database')
  const [nodes, namespaces, pods, claimed] = await Promise.all([
    listOf<V1Node>('/api/v1/nodes'),
    listOf<V1Namespace>('/api/v1/namespaces'),
    listOf<V1Pod>('/api/v1/pods'),
    read(`/api/v1/namespaces/${place}/persistentvolumeclaims/${claimName}`),
  ])
  if (!nodes || !namespaces || !pods || ![200, 404].includes(claimed.status ?? 0)) return null
  const claim =
    claimed.status === 200 ? (JSON.parse(claimed.body) as V1PersistentVolumeClaim) : null
  const name = claim?.spec?.volumeName
  const volume = name ? await read(`/api/v1/persistentvolumes/${name}`) : null
  return {
    ...{ nodes, namespaces, pods, claim },
    volume: volume?.status === 200 ? (JSON.parse(volume.body) as V1PersistentVolume) : null,
  }
}

/** The invariants of the topology's document, as the API shows them now. Takes a fraction of a second. */
export async function documentedState(
  access: ApiAccess,
  baseUrl: string,
  topology: Topology,
  names: NodeNames,
): Promise<Invariant[]> {
  return judgeView(topology, names, await viewOf(access, baseUrl, topology))
}
