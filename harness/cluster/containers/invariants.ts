/**
 * What must be so by the document while nothing is broken, as far as the containers show it: etcd's
 * members, the load balancer's servers and its statistics page, the floating IP's owner and the
 * image registry. What the Kubernetes API shows is judged in `kubernetes/invariants.ts`.
 */
import { messageOf } from '../../model/errors.ts'
import type { Invariant } from '../../model/record.ts'
import type { LoadBalancer, Topology } from '../../model/topology.ts'

/** A member as `etcdctl member list -w json` tells it; a member that never started has no name. */
export interface EtcdMember {
  name?: string
  isLearner?: boolean
}

/** `answer` is etcdctl's JSON; `[]` for what is none. */
export function membersIn(answer: string): EtcdMember[] {
  try {
    return (JSON.parse(answer) as { members?: EtcdMember[] }).members ?? []
  } catch {
    return []
  }
}

export function etcdMembers(members: readonly EtcdMember[], wanted: number): Invariant {
  const started = members.filter(({ name }) => name)
  const learners = members.filter(({ isLearner }) => isLearner)
  return {
    id: 'etcd-members',
    holds: members.length === wanted && started.length === wanted && learners.length === 0,
    expected: `${wanted} started, none a learner`,
    seen: `${started.length} of ${members.length} started, ${learners.length} learners: ${members.map(({ name }) => name || 'one without a name').join(', ') || 'none'}`,
  }
}

/** `states` by backend, as HAProxy tells them: server → `UP`, `DOWN`, `UP 1/2` … */
export function balancedServers(
  balancer: LoadBalancer,
  servers: readonly string[],
  states: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Invariant {
  const ports = [
    { backend: balancer.backend, port: balancer.port, what: 'the Kubernetes API', served: true },
    ...(balancer.others ?? []),
  ]
  const expected = ports.map(({ port, what, served }) =>
    served ? `${port} (${what}) UP` : `${port} (${what}) DOWN, for nothing here serves it`,
  )
  const seen = ports.map(({ backend, port }) => {
    const found = servers.map((server) => states.get(backend)?.get(server) ?? 'not told')
    return `${port}: ${[...new Set(found)].join(', ')}`
  })
  const holds = ports.every(({ backend, served }) =>
    servers.every((server) => {
      const state = states.get(backend)?.get(server) ?? ''
      return served ? state.startsWith('UP') : state.startsWith('DOWN')
    }),
  )
  return { id: 'load-balancer', holds, expected: expected.join('; '), seen: seen.join('; ') }
}

export async function statisticsPage(address: string, port: number): Promise<Invariant> {
  const page = await textAt(`http://${address}:${port}/`)
  return {
    id: 'statistics-page',
    holds: page.status === 200 && /Statistics Report/i.test(page.text),
    expected: `answers on port ${port}`,
    seen: page.status === null ? page.text : `HTTP ${page.status}, ${page.text.length} characters`,
  }
}

export function floatingIpOwner(
  topology: Topology,
  address: string,
  owners: readonly string[],
): Invariant {
  const announcers = topology.floatingIp?.announcers ?? []
  const [owner] = owners
  return {
    id: 'floating-ip',
    holds: owners.length === 1 && owner !== undefined && announcers.includes(owner),
    expected: `one owner among ${announcers.join(', ')}`,
    seen: `${address} is answered for by ${owners.length === 0 ? 'nobody' : owners.join(' and ')}`,
  }
}

/** `repositories`: those that must be there. */
export async function imageRegistry(
  address: string,
  port: number,
  repositories: readonly string[],
): Promise<Invariant> {
  const answer = await textAt(`http://${address}:${port}/v2/_catalog`)
  const held = answer.status === 200 ? repositoriesIn(answer.text) : []
  return {
    id: 'image-registry',
    holds: repositories.every((name) => held.includes(name)),
    expected: `holds ${repositories.join(', ')}`,
    seen:
      answer.status === 200
        ? `${address}:${port} holds ${held.join(', ') || 'nothing'}`
        : `${address}:${port}: ${answer.status === null ? answer.text : `HTTP ${answer.status}`}`,
  }
}

function repositoriesIn(text: string): string[] {
  try {
    return (JSON.parse(text) as { repositories?: string[] }).repositories ?? []
  } catch {
    return []
  }
}

async function textAt(url: string): Promise<{ status: number | null; text: string }> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) })
    return { status: answer.status, text: await answer.text() }
  } catch (error) {
    return { status: null, text: `no answer: ${messageOf(error)}` }
  }
}
