/**
 * Where a real cluster is looked at from: the API as its document says clients reach it, each API
 * server by itself where there are several, and the workload through the floating IP and through
 * the NodePort of every node that carries it. Pure; addresses are handed in.
 */
import type { ProbePlan } from '../../model/plan.ts'
import { commonNodes, componentsOf, type Topology } from '../../model/topology.ts'
import type { Vantage, VantageKind } from '../../model/vantage.ts'
import { counterPath, nodePortOf } from './workload/namespaces.ts'

export interface Addresses {
  /** By topology name. */
  nodes: ReadonlyMap<string, string>
  loadBalancer: string | null
  /** Null where the topology has none. */
  floatingIp: string | null
}

/** One TLS handshake each is dear on both sides, so single API servers are probed less often. */
const singleServerIntervalMs = 200

/**
 * All writes go to one object, and each that a server holds back competes with those behind it. So
 * they are fewer than the reads, and the server is told to give up when the client does: else those
 * that piled up in an outage defeat each other for minutes after it.
 */
const writeIntervalMs = 100

/** With more nodes than three, all but the first two are asked half as often. */
const nodesAtFullRate = 2

type Way = Pick<Vantage, 'through' | 'throughNode'>
type Make = (
  id: string,
  kind: VantageKind,
  way: Way & Partial<Pick<Vantage, 'connection' | 'intervalMs'>>,
  url: string,
) => Vantage

export function vantagesOf(topology: Topology, probe: ProbePlan, addresses: Addresses): Vantage[] {
  const make: Make = (id, kind, { through, throughNode, connection, intervalMs }, url) => ({
    ...{ id, kind, through, throughNode },
    connection: connection ?? 'new',
    url,
    timeoutMs: timeoutOf(kind, probe),
    intervalMs: intervalMs ?? probe.intervalMs,
  })
  return [
    ...ofTheApi(topology, probe, addresses, make),
    ...throughFloatingIp(topology, addresses, make),
    ...throughNodes(topology, probe, addresses, make),
    ...ofTheReport(topology, addresses, make),
  ]
}

function ofTheApi(
  topology: Topology,
  probe: ProbePlan,
  addresses: Addresses,
  make: Make,
): Vantage[] {
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
  const serverOf = (name: string) => ({
    way: { through: `API server of ${name}`, throughNode: name },
    url: `https://${addresses.nodes.get(name)}:6443${counterPath}`,
  })
  const balancer = topology.loadBalancer
  const { way, url } =
    balancer && addresses.loadBalancer
      ? {
          way: { through: 'load balancer', throughNode: null },
          url: `https://${addresses.loadBalancer}:${balancer.port}${counterPath}`,
        }
      : serverOf(controlPlanes[0]?.name ?? '')
  const writeUrl = `${url}?timeout=${timeoutOf('api-write', probe) / 1_000}s`
  const single =
    balancer || controlPlanes.length > 1
      ? controlPlanes.map(({ name }) => {
          const server = serverOf(name)
          const seldom = { ...server.way, intervalMs: singleServerIntervalMs }
          return make(`api-${name}`, 'api-read', seldom, server.url)
        })
      : []
  return [
    make('api-read', 'api-read', way, url),
    make('api-read-reused', 'api-read', { ...way, connection: 'reused' }, url),
    make('api-write', 'api-write', { ...way, intervalMs: writeIntervalMs }, writeUrl),
    ...single,
  ]
}

function throughFloatingIp(topology: Topology, addresses: Addresses, make: Make): Vantage[] {
  if (!topology.floatingIp || addresses.floatingIp === null) return []
  const way = { through: 'floating IP', throughNode: null }
  const entry = `http://${addresses.floatingIp}:${topology.floatingIp.port}`
  return [
    make('page-floating-ip', 'page', way, `${entry}/`),
    make('page-floating-ip-reused', 'page', { ...way, connection: 'reused' }, `${entry}/`),
    make('save-floating-ip', 'save', way, `${entry}/save`),
  ]
}

function throughNodes(
  topology: Topology,
  probe: ProbePlan,
  addresses: Addresses,
  make: Make,
): Vantage[] {
  const nodes = commonNodes(topology)
  const entryOf = (name: string) =>
    `http://${addresses.nodes.get(name)}:${nodePortOf(topology, 'page')}`
  const each = nodes.flatMap(({ name }, index) => {
    const seldom = nodes.length > 3 && index >= nodesAtFullRate
    const intervalMs = seldom ? probe.intervalMs * 2 : probe.intervalMs
    const way = { ...nodePortOn(name), intervalMs }
    return [
      make(`page-${name}`, 'page', way, `${entryOf(name)}/`),
      make(`save-${name}`, 'save', way, `${entryOf(name)}/save`),
    ]
  })
  const last = nodes.at(-1)
  if (!last) return each
  const reused = { ...nodePortOn(last.name), connection: 'reused' as const }
  return [...each, make(`page-${last.name}-reused`, 'page', reused, `${entryOf(last.name)}/`)]
}

/** Through the node that carries the report alone, and through one that carries everything else. */
function ofTheReport(topology: Topology, addresses: Addresses, make: Make): Vantage[] {
  if (!componentsOf(topology.workload).includes('reporting')) return []
  const own = topology.nodes.find(({ only }) => only === 'reporting')
  const [common] = commonNodes(topology)
  return [own, common].flatMap((node) => {
    if (!node) return []
    const { name } = node
    const url = `http://${addresses.nodes.get(name)}:${nodePortOf(topology, 'reporting')}/`
    return make(`report-${name}`, 'report', nodePortOn(name), url)
  })
}

const nodePortOn = (name: string): Way => ({ through: `NodePort on ${name}`, throughNode: name })

function timeoutOf(kind: VantageKind, probe: ProbePlan): number {
  if (kind === 'page' || kind === 'report') return probe.timeoutMs.page
  if (kind === 'save') return probe.timeoutMs.save
  const { api, apiWrite = api } = probe.timeoutMs
  return kind === 'api-write' ? apiWrite : api
}
