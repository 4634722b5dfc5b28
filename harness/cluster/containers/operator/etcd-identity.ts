/**
 * By what one etcd is told from another: the identity of its cluster, which a restore under a new
 * token changes. Without a new token it would be computed to be the same, and a restore that etcd
 * ignored could not be told from one that it took.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import { type EtcdPlace, etcdctl } from '../etcd.ts'
import type { OwnedNode } from '../ownership.ts'

/** Hexadecimal, as etcd's own log writes it. */
export async function etcdClusterId(place: EtcdPlace, node: OwnedNode): Promise<string> {
  const answer = await etcdctl(place, node, ['endpoint', 'status', '--write-out', 'json'])
  const id = clusterIdIn(answer)
  if (id !== null) return id
  throw new InvalidRunError({
    what: `etcd on ${node.name} does not tell which cluster it is of: ${answer.slice(0, 200)}`,
    changed: 'as far as the drill came',
    next: 'Run it again, and report it if it happens twice.',
  })
}

/** Read as text: the number has 64 bits, and JSON's parser would round it. */
export function clusterIdIn(status: string): string | null {
  const digits = /"cluster_id":\s*(\d+)/.exec(status)?.[1]
  return digits === undefined ? null : BigInt(digits).toString(16)
}
