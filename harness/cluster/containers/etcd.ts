/**
 * etcd's own word, asked from inside a control plane with the client that the node has: its
 * members, who leads, and commands that change them. Works without the Kubernetes API.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { Distribution } from './distribution.ts'
import type { Engine } from './engine.ts'
import type { OwnedNode } from './ownership.ts'

export interface EtcdMember {
  /** Hexadecimal, as etcdctl takes it. */
  id: string
  /** Empty until it has started once; with kubeadm the Kubernetes name of its node. */
  name: string
  started: boolean
  learner: boolean
  peerUrl: string
}

export interface EtcdPlace {
  engine: Engine
  distribution: Distribution
}

/** Runs etcdctl in a control plane; its standard output. Throws where the node has none. */
export async function etcdctl(
  { engine, distribution }: EtcdPlace,
  node: OwnedNode,
  args: readonly string[],
): Promise<string> {
  const command = distribution.etcdctl(node)
  if (command === null) {
    throw new InvalidRunError({
      what: `the node ${node.name} has no etcdctl`,
      changed: 'nothing was broken',
      next: 'Give --provider kind, with images built here.',
    })
  }
  return await engine.docker(['exec', node.container, ...command, ...args])
}

/** All members, as the etcd of that control plane knows them. */
export async function etcdMembers(place: EtcdPlace, node: OwnedNode): Promise<EtcdMember[]> {
  return membersIn(await etcdctl(place, node, ['member', 'list', '--write-out', 'simple']))
}

/** Lines such as `8e9e05c52164694d, started, cp-1, https://…:2380, https://…:2379, false`. */
export function membersIn(table: string): EtcdMember[] {
  return table
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length >= 6)
    .map(([id = '', state, name = '', peerUrl = '', , learner]) => ({
      ...{ id, name, peerUrl },
      started: state === 'started',
      learner: learner === 'true',
    }))
}

/** What one member says of itself and of the leader; ids are decimals, as etcd writes them. */
export interface MemberStatus {
  member: string
  /** Null while it knows none. */
  leader: string | null
  term: number
}

/**
 * The control plane whose member leads. Each is asked for itself alone, so that one that is down
 * keeps no other from answering; where two claim to lead, the one of the later term does. Null
 * where none that answers leads. Throws where the nodes have no etcdctl.
 */
export async function etcdLeader(
  place: EtcdPlace,
  controlPlanes: readonly OwnedNode[],
): Promise<OwnedNode | null> {
  const asked = await Promise.allSettled(
    controlPlanes.map((node) =>
      etcdctl(place, node, ['endpoint', 'status', '--write-out', 'json']),
    ),
  )
  for (const answer of asked) {
    if (answer.status === 'rejected' && answer.reason instanceof InvalidRunError)
      throw answer.reason
  }
  const leading = asked.flatMap((answer, index) => {
    const node = controlPlanes[index]
    const status = answer.status === 'fulfilled' ? statusIn(answer.value) : null
    return node && status && status.leader === status.member ? [{ node, term: status.term }] : []
  })
  return leading.toSorted((a, b) => b.term - a.term)[0]?.node ?? null
}

/**
 * From etcdctl's JSON, read as text: ids have 64 bits, more than a number of JSON keeps here. Null
 * where it is no status.
 */
export function statusIn(answer: string): MemberStatus | null {
  const digits = (field: string) => new RegExp(`"${field}": *(\\d+)`).exec(answer)?.[1]
  const member = digits('member_id')
  if (member === undefined) return null
  const leader = digits('leader') ?? '0'
  return {
    member,
    leader: leader === '0' ? null : leader,
    term: Number(digits('raft_term') ?? digits('raftTerm') ?? 0),
  }
}
