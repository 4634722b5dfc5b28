/**
 * Another load balancer beside the one that stands, at an address of its own. It carries our label
 * and our mark, so that it goes when the cluster does.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRunError } from '../../../model/errors.ts'
import type { LoadBalancer } from '../../../model/topology.ts'
import { networkOf, ownerLabel } from '../engine.ts'
import { haproxyConfig } from '../haproxy.ts'
import { ownerMount } from '../ownership.ts'
import type { Endpoint } from './endpoint.ts'
import { nodesOf, type OperatorSite } from './site.ts'

const configFolder = '/etc/clusterdrill-haproxy'

/**
 * For a cluster whose document draws none: forwarding by TCP with a TCP check, as document 003
 * wants of the one that it would be given; time-outs are those of HAProxy's packaged example.
 */
const plainBalancer: LoadBalancer = {
  name: 'second-lb',
  balance: 'roundrobin',
  port: 6443,
  frontend: 'kube-apiserver',
  backend: 'masters',
  timeouts: { connectMs: 5_000, clientMs: 50_000, serverMs: 50_000 },
  check: { kind: 'tcp', intervalMs: 2_000, fall: 3, rise: 2 },
  retries: 3,
}

const balancerOf = ({ topology }: OperatorSite): LoadBalancer =>
  topology.loadBalancer ?? plainBalancer

/**
 * Known before it stands: from the half of the network that the engine gives to no container, clear
 * of the floating IP.
 */
export function secondEndpoint(site: OperatorSite): Endpoint {
  const [a, b] = (site.state.nodes[0]?.address ?? '').split('.')
  return { host: `${a}.${b}.254.1`, port: balancerOf(site).port }
}

/** Starts it; its container's name. */
export async function startSecondBalancer(site: OperatorSite, { host }: Endpoint): Promise<string> {
  const { engine, state, folders } = site
  const container = `${state.name}-second-load-balancer`
  const folder = join(folders.root, 'second-haproxy')
  await mkdir(folder, { recursive: true })
  const backends = nodesOf(site, 'control-plane').map(({ name, address }) => ({ name, address }))
  await writeFile(join(folder, 'haproxy.cfg'), haproxyConfig(balancerOf(site), backends))
  await engine.docker([
    ...['run', '--detach', '--name', container, '--hostname', container],
    ...['--network', networkOf(state.name), '--ip', host],
    ...['--label', `${ownerLabel}=${state.name}`],
    ...['--volume', `${folders.owner}:${ownerMount}:ro`],
    ...['--volume', `${folder}:${configFolder}`, '--tmpfs', '/run/haproxy'],
    ...['--stop-signal', 'SIGTERM'],
    ...['--entrypoint', 'haproxy', engine.tools.images.haproxy],
    ...['-W', '-db', '-f', `${configFolder}/haproxy.cfg`],
  ])
  const placed = await engine.inspect(container)
  if (placed?.running && placed.address === host) return container
  const log = await engine.docker(['logs', '--tail', '5', container]).catch(() => '')
  throw new InvalidRunError({
    what: `the second load balancer did not start at ${host}: ${log}`,
    changed: 'nothing else of the cluster was changed',
    next: 'Run it again; `pnpm clean` removes what is left.',
  })
}
