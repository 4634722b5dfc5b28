/**
 * Where a real cluster is looked at from: the API through its load balancer, each API server by
 * itself, and the workload through the NodePort of every worker. Pure; addresses are handed in.
 */
import type { ProbePlan } from '../../model/plan.ts'
import type { Topology } from '../../model/topology.ts'
import type { Vantage, VantageKind } from '../../model/vantage.ts'
import { counterPath } from './workload/manifests.ts'

export interface Addresses {
  /** By topology name. */
  nodes: ReadonlyMap<string, string>
  loadBalancer: string | null
}

/** One TLS handshake each is dear on both sides, so single API servers are probed less often. */
const singleServerIntervalMs = 200

export function vantagesOf(topology: Topology, probe: ProbePlan, addresses: Addresses): Vantage[] {
  const at = (node: string) => addresses.nodes.get(node) ?? ''
  const vantage = (
    id: string,
    kind: VantageKind,
    rest: Pick<Vantage, 'through' | 'throughNode' | 'connection' | 'url'>,
    intervalMs = probe.intervalMs,
  ): Vantage => ({ id, kind, ...rest, timeoutMs: timeoutOf(kind, probe), intervalMs })

  const controlPlanes = topology.nodes.filter((node) => node.role === 'control-plane')
  const workers = topology.nodes.filter((node) => node.role === 'worker')
  const first = controlPlanes[0]?.name ?? ''
  const balancer = topology.loadBalancer
  const api =
    balancer && addresses.loadBalancer
      ? {
          through: 'load balancer',
          throughNode: null,
          url: `https://${addresses.loadBalancer}:${balancer.port}${counterPath}`,
        }
      : {
          through: `API server of ${first}`,
          throughNode: first,
          url: `https://${at(first)}:6443${counterPath}`,
        }

  const vantages = [
    vantage('api-read', 'api-read', { ...api, connection: 'new' }),
    vantage('api-read-reused', 'api-read', { ...api, connection: 'reused' }),
    vantage('api-write', 'api-write', { ...api, connection: 'new' }),
  ]
  if (balancer) {
    for (const { name } of controlPlanes) {
      const through = {
        through: `API server of ${name}`,
        throughNode: name,
        connection: 'new' as const,
        url: `https://${at(name)}:6443${counterPath}`,
      }
      vantages.push(vantage(`api-${name}`, 'api-read', through, singleServerIntervalMs))
    }
  }
  for (const { name } of workers) {
    const entry = `http://${at(name)}:${topology.workload.nodePort}`
    const through = { through: `NodePort on ${name}`, throughNode: name }
    vantages.push(
      vantage(`page-${name}`, 'page', { ...through, connection: 'new', url: `${entry}/` }),
      vantage(`save-${name}`, 'save', { ...through, connection: 'new', url: `${entry}/save` }),
    )
  }
  const last = workers.at(-1)
  if (last) {
    vantages.push(
      vantage(`page-${last.name}-reused`, 'page', {
        through: `NodePort on ${last.name}`,
        throughNode: last.name,
        connection: 'reused',
        url: `http://${at(last.name)}:${topology.workload.nodePort}/`,
      }),
    )
  }
  return vantages
}

function timeoutOf(kind: VantageKind, probe: ProbePlan): number {
  if (kind === 'page') return probe.timeoutMs.page
  return kind === 'save' ? probe.timeoutMs.save : probe.timeoutMs.api
}
