/**
 * The network on which a drill cluster stands alone, made beforehand with a subnet of its own so
 * that containers can be given their addresses, and so that a second cluster never takes the
 * address of a node that is down. A network of that name without our label is somebody else's, and
 * refused.
 */
import { networkInterfaces } from 'node:os'
import { MachineError, messageOf } from '../../model/errors.ts'
import { type Engine, networkOf, ownerLabel } from './engine.ts'

/** Candidates inside the private ranges; the first that nothing here overlaps is taken. */
const candidates = [
  ...[28, 29, 30, 31, 27, 26, 25, 24].map((second) => `172.${second}.0.0/16`),
  ...[201, 202, 203, 204, 205, 206, 207, 208].map((second) => `10.${second}.0.0/16`),
]

/** Gives its subnet. */
export async function ensureNetwork(engine: Engine, cluster: string): Promise<string> {
  const networkName = networkOf(cluster)
  const networks = await listNetworks(engine)
  const existing = networks.find((network) => network.name === networkName)
  if (existing) {
    if (existing.labels[ownerLabel] !== undefined) return existing.subnets[0] ?? ''
    throw new MachineError({
      what: `there is a container network '${networkName}' that is not ours`,
      changed: 'nothing was changed',
      next: `Rename or remove it (docker network rm ${networkName}) if it is not needed.`,
    })
  }
  const taken = [...networks.flatMap((network) => network.subnets), ...localSubnets()]
  const free = candidates.filter((candidate) => !taken.some((other) => overlaps(candidate, other)))
  for (const subnet of free) {
    if (await createNetwork(engine, cluster, subnet)) return subnet
  }
  throw new MachineError({
    what: `no free subnet for the network of ${cluster} (tried ${candidates.join(', ')})`,
    changed: 'nothing was changed',
    next: '`pnpm topology down NAME` frees one, and so does `docker network prune`.',
  })
}

/** False where another cluster that comes up at the same time has just taken the subnet. */
async function createNetwork(engine: Engine, cluster: string, subnet: string): Promise<boolean> {
  try {
    await engine.docker([
      ...['network', 'create', '--driver', 'bridge', '--subnet', subnet],
      // The upper half is for addresses that the engine must not give to a container.
      ...['--ip-range', subnet.replace('.0.0/16', '.0.0/17')],
      ...['--label', `${ownerLabel}=${cluster}`, networkOf(cluster)],
    ])
    return true
  } catch (error) {
    if (/overlaps/i.test(messageOf(error))) return false
    throw error
  }
}

/** Removes the cluster's network when it is ours and empty; says whether it went. */
export async function removeNetwork(engine: Engine, cluster: string): Promise<boolean> {
  const networkName = networkOf(cluster)
  const networks = await listNetworks(engine)
  const existing = networks.find((network) => network.name === networkName)
  if (existing?.labels[ownerLabel] === undefined || existing.containers > 0) return false
  await engine.docker(['network', 'rm', networkName])
  return true
}

interface Network {
  name: string
  subnets: string[]
  labels: Record<string, string>
  containers: number
}

async function listNetworks(engine: Engine): Promise<Network[]> {
  const ids = (await engine.docker(['network', 'ls', '-q', '--no-trunc']))
    .split('\n')
    .filter(Boolean)
  if (ids.length === 0) return []
  const raw = JSON.parse(await engine.docker(['network', 'inspect', ...ids])) as {
    Name: string
    IPAM: { Config: { Subnet?: string }[] | null }
    Labels: Record<string, string> | null
    Containers: Record<string, unknown> | null
  }[]
  return raw.map((network) => ({
    name: network.Name,
    subnets: (network.IPAM.Config ?? []).flatMap((config) => config.Subnet ?? []),
    labels: network.Labels ?? {},
    containers: Object.keys(network.Containers ?? {}).length,
  }))
}

function localSubnets(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap((address) =>
      address.family === 'IPv4' && address.cidr ? [address.cidr] : [],
    ),
  )
}

/** Do two IPv4 subnets in CIDR form share an address? Other forms share none. */
export function overlaps(a: string, b: string): boolean {
  const [x, y] = [rangeOf(a), rangeOf(b)]
  if (!x || !y) return false
  return x.first <= y.last && y.first <= x.last
}

function rangeOf(cidr: string): { first: number; last: number } | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)
  if (!match) return null
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = match.slice(1).map(Number)
  const size = 2 ** (32 - length)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = Math.floor(address / size) * size
  return { first, last: first + size - 1 }
}
