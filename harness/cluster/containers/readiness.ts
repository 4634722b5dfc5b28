/**
 * Is the cluster ready to be used, and does it run on the timers that were planned? Asked while it
 * comes up and again before a standing one is taken over.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import { type ApiAccess, ask } from '../kubernetes/api.ts'
import { readyOf } from '../kubernetes/changes.ts'
import { availableDns, spreadDns } from '../kubernetes/cluster-dns.ts'
import type { Distribution, KubeletTimers } from './distribution.ts'
import type { Engine } from './engine.ts'
import type { ClusterState } from './ownership.ts'

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

/** Throws an `InvalidRunError` that lists every timer in force that is not the planned one. */
export async function refuseOtherTimers(
  engine: Engine,
  distribution: Distribution,
  plan: Plan,
  state: ClusterState,
  access: ApiAccess,
  apiUrl: string,
): Promise<void> {
  const perNode = await Promise.all(
    state.nodes.map(async (node) => {
      const path = `/api/v1/nodes/${node.container}/proxy/configz`
      const answer = await ask(access, apiUrl, path, { timeoutMs: 5_000 })
      const kubelet =
        answer.status === 200
          ? (JSON.parse(answer.body) as { kubeletconfig: KubeletTimers }).kubeletconfig
          : null
      const unread = kubelet ? [] : [`the kubelet of ${node.name} does not tell its timers`]
      return [...unread, ...(await distribution.timerDifferences(engine, plan, node, kubelet))]
    }),
  )
  const differences = perNode.flat()
  if (differences.length === 0) return
  throw new InvalidRunError({
    what: `the timers in force are not the planned ones:\n  ${differences.join('\n  ')}`,
    changed: 'nothing was broken',
    next: `A patch of the configuration may have been dropped; \`pnpm topology down ${plan.topology.name}\` and run it again.`,
  })
}
