/**
 * Whether etcd is one and of one mind: what each control plane's own etcd says of its cluster, its
 * leader, its term and its members, and whether they hold the same at one revision. Asked of each by
 * itself, without the Kubernetes API. One that does not answer is named, and is no disagreement.
 */
import type { SplitBrain } from '../../model/record.ts'
import { disagreement, silence } from '../kubernetes/split-brain.ts'
import { type EtcdPlace, etcdctl, membersIn } from './etcd.ts'
import type { OwnedNode } from './ownership.ts'

const limits = ['--command-timeout', '2s', '--dial-timeout', '1s']

/** What one member says of itself. Ids are hexadecimal, as everywhere else in etcd's tables. */
export interface Standpoint {
  clusterId: string
  leader: string
  term: string
  revision: number
}

export interface EtcdView extends Standpoint {
  /** Topology name of the control plane. */
  by: string
  /** `id name peer-url`, in order; null where it cannot say, for want of a quorum. */
  members: string | null
}

/**
 * Out of `etcdctl endpoint status --write-out json` of one endpoint. Ids are 64 bits without a sign,
 * more than a number holds, so their digits are read off the text. Null where it is none.
 */
export function standpointIn(answer: string): Standpoint | null {
  const digits = (name: string) => new RegExp(`"${name}":(\\d+)`).exec(answer)?.[1]
  const [clusterId, revision, term] = ['cluster_id', 'revision', 'raftTerm'].map(digits)
  if (clusterId === undefined || revision === undefined || term === undefined) return null
  return {
    clusterId: hexadecimal(clusterId),
    // Left out where there is none.
    leader: hexadecimal(digits('leader') ?? '0'),
    term,
    revision: Number(revision),
  }
}

const hexadecimal = (decimal: string): string => BigInt(decimal).toString(16)

/** Out of `etcdctl endpoint hashkv --write-out json`; null where it is none. */
export function hashIn(answer: string): { hash: string; compactedAt: string } | null {
  const hash = /"hash":(\d+)/.exec(answer)?.[1]
  if (hash === undefined) return null
  return { hash, compactedAt: /"compact_revision":(-?\d+)/.exec(answer)?.[1] ?? '0' }
}

/** One sentence for each thing in which they differ. */
export function etcdDisagreements(views: readonly EtcdView[]): string[] {
  const by = (what: (view: EtcdView) => string) =>
    views.map((view) => ({ by: view.by, what: what(view) }))
  const clusters = disagreement(
    'etcd: the cluster',
    by(({ clusterId }) => clusterId),
  )
  // Of two clusters, each has a leader, a term and members of its own.
  if (clusters.length > 0) return clusters
  const withLeader = views.filter(({ leader }) => leader !== '0')
  return [
    ...disagreement(
      'etcd: the leader',
      withLeader.map((view) => ({ by: view.by, what: view.leader })),
    ),
    ...disagreement(
      'etcd: the raft term',
      by(({ term }) => term),
    ),
    ...disagreement(
      'etcd: the list of members',
      views.flatMap(({ by, members }) => (members === null ? [] : [{ by, what: members }])),
    ),
  ]
}

/** Any of `nodes` may run etcd; the silence of those that are `expected` to is worth a word. */
export async function lookAtEtcd(
  place: EtcdPlace,
  nodes: readonly OwnedNode[],
  expected: readonly string[],
): Promise<SplitBrain> {
  if (nodes.every((node) => place.distribution.etcdctl(node) === null)) {
    return { looked: ['etcd: not looked at, for the nodes have no etcdctl'], found: [] }
  }
  const answers = await Promise.all(nodes.map((node) => viewOf(place, node)))
  const views = answers.filter((answer) => answer !== null)
  const silent = nodes.filter(
    ({ name }, index) => expected.includes(name) && answers[index] === null,
  )
  const quiet = silence(silent.map(({ name }) => name))
  const [first] = views
  if (!first) return { looked: [`etcd: no member answered${quiet}`], found: [] }
  const leaderless = views.filter(({ leader }) => leader === '0').map(({ by }) => by)
  const looked = [
    `etcd: cluster, leader, term and members as ${views.map(({ by }) => by).join(', ')} told them: leader ${first.leader} in term ${first.term}${quiet}`,
    ...(leaderless.length > 0 ? [`etcd: no leader is known to ${leaderless.join(', ')}`] : []),
  ]
  const found = etcdDisagreements(views)
  if (new Set(views.map(({ clusterId }) => clusterId)).size > 1) return { looked, found }
  const asked = nodes.filter(({ name }) => views.some(({ by }) => by === name))
  const revision = Math.min(...views.map((view) => view.revision))
  const hashes = await lookAtHashes(place, asked, revision)
  return { looked: [...looked, ...hashes.looked], found: [...found, ...hashes.found] }
}

/** Null where this member does not answer. */
async function viewOf(place: EtcdPlace, node: OwnedNode): Promise<EtcdView | null> {
  const [answer, table] = await Promise.allSettled([
    etcdctl(place, node, ['endpoint', 'status', '--write-out', 'json', ...limits]),
    etcdctl(place, node, ['member', 'list', '--write-out', 'simple', ...limits]),
  ])
  const standpoint = answer.status === 'fulfilled' ? standpointIn(answer.value) : null
  if (!standpoint) return null
  const members = table.status === 'fulfilled' ? membersOf(table.value) : null
  return { ...standpoint, by: node.name, members }
}

const membersOf = (table: string): string =>
  membersIn(table)
    .map(({ id, name, peerUrl }) => `${id} ${name} ${peerUrl}`)
    .toSorted()
    .join(', ')

/** A hash is of what lies between compaction and the revision, so only like is compared with like. */
async function lookAtHashes(
  place: EtcdPlace,
  nodes: readonly OwnedNode[],
  revision: number,
): Promise<SplitBrain> {
  const answers = await Promise.all(nodes.map((node) => hashOf(place, node, revision)))
  const told = nodes.flatMap(({ name }, index) => {
    const answer = answers[index]
    return answer ? [{ by: name, what: answer.hash, compactedAt: answer.compactedAt }] : []
  })
  const silent = nodes.filter((_, index) => !answers[index]).map(({ name }) => name)
  const alike = [...Map.groupBy(told, ({ compactedAt }) => compactedAt).values()]
  const names = told.map(({ by }) => by).join(', ') || 'nobody'
  return {
    looked: [`etcd: the hash at revision ${revision} as ${names} told it${silence(silent)}`],
    found: alike.flatMap((group) =>
      disagreement(`etcd: what is held at revision ${revision}, by its hash,`, group),
    ),
  }
}

async function hashOf(place: EtcdPlace, node: OwnedNode, revision: number) {
  const words = ['endpoint', 'hashkv', '--rev', String(revision), '--write-out', 'json']
  try {
    return hashIn(await etcdctl(place, node, [...words, ...limits]))
  } catch {
    return null
  }
}
