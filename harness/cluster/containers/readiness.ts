/**
 * Is the cluster ready to be used, and does it run on the timers that were planned? Asked while it
 * comes up and again before a standing one is taken over.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import { type ApiAccess, ask } from '../kubernetes/api.ts'
import { readyOf } from '../kubernetes/changes.ts'
import { availableDns, spreadDns } from '../kubernetes/cluster-dns.ts'
import { type MonotonicClock, until } from '../monotonic-clock.ts'
import type { Distribution, KubeletTimers } from './distribution.ts'
import type { Engine } from './engine.ts'
import type { ClusterState } from './ownership.ts'
import type { TimerReading } from './timers-in-force.ts'

/** The kubelet waits for 10 s before it starts a container once more, then for 20 s, 40 s. */
const runsWithinMs = 60_000

interface Tools {
  engine: Engine
  distribution: Distribution
}

/** A cluster as it is asked. */
interface Asked {
  state: ClusterState
  access: ApiAccess
  apiUrl: string
}

/** Where the API is asked: through the load balancer, else at the first control plane. */
export function apiUrlOf(state: ClusterState): string {
  const balancer = state.topology.loadBalancer
  if (state.loadBalancer && balancer)
    return `https://${state.loadBalancer.address}:${balancer.port}`
  const first = state.nodes.find(
    (node) => state.topology.nodes.find(({ name }) => name === node.name)?.role === 'control-plane',
  )
  return `https://${first?.address}:6443`
}

/** What is not ready yet, or nothing. */
export async function notReady(
  access: ApiAccess,
  apiUrl: string,
  state: ClusterState,
): Promise<string> {
  const answer = await ask(access, apiUrl, '/api/v1/nodes', { timeoutMs: 3_000 })
  if (answer.status !== 200) return `the API does not answer (${answer.error ?? answer.status})`
  const nodes = (JSON.parse(answer.body) as { items: NodeStatus[] }).items
  const ready = nodes.filter((node) => readyOf(node.status.conditions))
  const missing = state.nodes.filter(
    ({ container }) => !ready.some((node) => node.metadata.name === container),
  )
  if (missing.length > 0)
    return `nodes are not Ready: ${missing.map(({ name }) => name).join(', ')}`
  if (state.topology.clusterDns === 'spread' && !(await spreadDns(access, apiUrl))) {
    return "the cluster's DNS stands on one node"
  }
  return (await availableDns(access, apiUrl)) > 0 ? '' : "the cluster's DNS is not available"
}

interface NodeStatus {
  metadata: { name: string }
  status: { conditions?: { type: string; status: string }[] }
}

/**
 * Throws an `InvalidRunError` that lists every timer in force that is not the planned one. A
 * component that does not run just now may take a while: one that lost its Lease in the drill before
 * ends, and the kubelet starts it again with a back-off.
 */
export async function refuseOtherTimers(
  tools: Tools,
  plan: Plan,
  cluster: Asked,
  clock: MonotonicClock,
): Promise<void> {
  let reading = await timersInForce(tools, plan, cluster)
  await until(clock, runsWithinMs, 500, async () => {
    if (reading.unread.length > 0) reading = await timersInForce(tools, plan, cluster)
    return reading.unread.length === 0
  })
  const differences = [...reading.unread, ...reading.other]
  if (differences.length === 0) return
  throw new InvalidRunError({
    what: `the timers in force are not the planned ones:\n  ${differences.join('\n  ')}`,
    changed: 'nothing was broken',
    next: `A patch of the configuration may have been dropped; \`pnpm topology down ${plan.topology.name}\` and run it again.`,
  })
}

async function timersInForce(
  { engine, distribution }: Tools,
  plan: Plan,
  { state, access, apiUrl }: Asked,
): Promise<TimerReading> {
  const perNode = await Promise.all(
    state.nodes.map(async (node) => {
      const path = `/api/v1/nodes/${node.container}/proxy/configz`
      const answer = await ask(access, apiUrl, path, { timeoutMs: 5_000 })
      const kubelet =
        answer.status === 200
          ? (JSON.parse(answer.body) as { kubeletconfig: KubeletTimers }).kubeletconfig
          : null
      const silent = kubelet ? [] : [`the kubelet of ${node.name} does not tell its timers`]
      const { unread, other } = await distribution.timerDifferences(engine, plan, node, kubelet)
      return { unread: [...silent, ...unread], other }
    }),
  )
  return {
    unread: perNode.flatMap(({ unread }) => unread),
    other: perNode.flatMap(({ other }) => other),
  }
}
