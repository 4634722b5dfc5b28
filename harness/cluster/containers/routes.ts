/**
 * The route that leads astray. In document 004 a worker with a mask of /25 in place of /24 made a
 * control plane learn `unreachable 192.168.51.0/25`: half of its own subnet, and more specific than
 * the route to all of it. So here: the half of the node's subnet in which the load balancer and
 * this machine lie becomes unreachable for that one node, and answers to them go nowhere. Others
 * who lie in that half are lost to it too, as in the document. Refuses a node from whose addresses
 * no such half can be found.
 */
import { InvalidRunError, messageOf } from '../../model/errors.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle } from '../port.ts'
import type { Engine } from './engine.ts'
import { tcpAnswer } from './handshake.ts'
import type { OwnedNode } from './ownership.ts'

type RouteEngine = Pick<Engine, 'docker' | 'inspect'>
export type RouteUndo = Extract<UndoAction, { kind: 'route.restore' }>

export interface RouteSite {
  engine: RouteEngine
  provider: 'kind' | 'k3d'
  cluster: string
  node: OwnedNode
  /** Where somebody listens on a node that is well: the API server, or the kubelet. */
  port: number
  /** Null where the topology has no load balancer. */
  balancer: string | null
}

/** A number for the origin of a route that nobody has taken, so that ours is known as ours. */
const ours = 'proto 211'

/** Throws an InvalidRunError, with nothing broken, where it cannot be done. */
export async function routeFault(site: RouteSite): Promise<FaultHandle> {
  const { engine, node, port } = site
  const before = await routesOf(site)
  const astray = astrayRoute(before, node.address, site.balancer)
  if ('problem' in astray) throw refusal(`${node.name}: ${astray.problem}`)
  const { route, shadows, lost } = astray
  const look = async (): Promise<Evidence> => {
    const [way, answer] = await Promise.all([
      inNode(engine, node, `ip route get ${lost} 2>&1 || true`),
      tcpAnswer(node.address, port),
    ])
    return judged(way, lost, `${node.address}:${port}`, answer)
  }
  return {
    undo: {
      kind: 'route.restore',
      ...{ provider: site.provider, cluster: site.cluster },
      ...{ node: node.name, container: node.container, route },
    },
    inject: async () => {
      await engine.docker(['exec', node.container, 'ip', 'route', 'add', ...route.split(' ')])
    },
    look,
    facts: async () => ({ route: route.replace(` ${ours}`, ''), shadows }),
  }
}

/**
 * Takes exactly that route off the node. A node that does not run, or was started again, has none
 * any more: routes live as long as its network does.
 */
export async function restoreRoute(engine: RouteEngine, action: RouteUndo): Promise<string> {
  const { node, container, route } = action
  const gone = `${node} had no route astray any more`
  const found = await engine.inspect(container)
  if (!found) return `${container} is gone, so there is nothing to undo`
  if (!found.running) return gone
  try {
    await engine.docker(['exec', container, 'ip', 'route', 'del', ...route.split(' ')])
  } catch (error) {
    if (/No such process/i.test(messageOf(error))) return gone
    throw error
  }
  return `${node} has its routes again`
}

export interface AstrayRoute {
  /** As `ip route` takes it: `unreachable 172.28.0.0/17 proto 211`. */
  route: string
  /** The route that it takes precedence over, as the node tells it. */
  shadows: string
  /** An address to which there is no way any more: the load balancer's, or this machine's. */
  lost: string
}

/**
 * From the node's `ip route show`, its address and the load balancer's. The gateway is this
 * machine, and so the source of the probes.
 */
export function astrayRoute(
  table: string,
  address: string,
  balancer: string | null,
): AstrayRoute | { problem: string } {
  const lines = table.split('\n').map((line) => line.trim())
  const [, gateway] = lines.map((line) => /^default via (\S+)/.exec(line)).find(Boolean) ?? []
  if (gateway === undefined) return { problem: 'it has no default route, so no client is known' }
  const own = numberOf(address)
  for (const line of lines) {
    const [, base = '', digits] = /^(\d[\d.]*)\/(\d+) dev \S+ .*\bscope link\b/.exec(line) ?? []
    const length = Number(digits)
    const first = numberOf(base)
    if (first === null || own === null || blockOf(own, length) !== first) continue
    if (length > 30) return { problem: `its subnet ${base}/${digits} has no halves` }
    const half = blockOf(numberOf(gateway) ?? 0, length + 1)
    const lost = balancer ?? gateway
    if (blockOf(numberOf(lost) ?? 0, length + 1) !== half) {
      return { problem: `${gateway} and ${lost} lie in different halves of ${base}/${digits}` }
    }
    const route = `unreachable ${textOf(half)}/${length + 1} ${ours}`
    return { route, shadows: line, lost }
  }
  return { problem: `no route of it leads to its own subnet: ${lines.join('; ')}` }
}

/** What the node's own table says of the way, and whether an answer comes back. */
export function judged(
  way: string,
  lost: string,
  place: string,
  answer: { answered: boolean; text: string },
): Evidence {
  const said = way.trim().split('\n')[0] ?? ''
  const astray = /\bunreachable\b|No route to host|Network is unreachable/i.test(said)
  return {
    state: astray === answer.answered ? 'unclear' : astray ? 'broken' : 'well',
    text: `its way to ${lost}: ${said || 'not told'}; ${place} ${answer.text}`,
  }
}

async function routesOf({ engine, node }: RouteSite): Promise<string> {
  try {
    return await inNode(engine, node, 'ip -4 route show')
  } catch (error) {
    throw refusal(`the routes of ${node.name} cannot be read: ${messageOf(error)}`)
  }
}

const inNode = (engine: RouteEngine, node: OwnedNode, script: string): Promise<string> =>
  engine.docker(['exec', node.container, 'sh', '-c', script])

function refusal(what: string): InvalidRunError {
  return new InvalidRunError({
    what,
    changed: 'nothing was broken',
    next: 'Choose another node with --target, or another fault.',
  })
}

/** The first address of the block of that prefix length in which the address lies. */
const blockOf = (address: number, length: number): number => {
  const size = 2 ** (32 - length)
  return Math.floor(address / size) * size
}

function numberOf(address: string): number | null {
  const parts = address.split('.').map(Number)
  const valid = parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)
  return parts.length === 4 && valid ? parts.reduce((sum, part) => sum * 256 + part, 0) : null
}

const textOf = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
