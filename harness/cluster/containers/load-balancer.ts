/**
 * Puts HAProxy with the documented configuration in the place of the tool's load balancer: same name,
 * address, labels and published port, so nodes and kubectl never notice.
 */
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { MachineError } from '../../model/errors.ts'
import type { LoadBalancer } from '../../model/topology.ts'
import { type Engine, networkOf, ownerLabel } from './engine.ts'
import { type Backend, haproxyConfig, parseStates, statsPort } from './haproxy.ts'
import type { ClusterFolders } from './ownership.ts'

const configFolder = '/etc/clusterdrill-haproxy'

export interface PlacedBalancer {
  container: string
  id: string
  address: string
}

export async function replaceLoadBalancer(
  engine: Engine,
  { cluster, container }: { cluster: string; container: string },
  balancer: LoadBalancer,
  backends: readonly Backend[],
  folders: ClusterFolders,
): Promise<PlacedBalancer> {
  const old = await engine.inspect(container)
  if (!old?.address) {
    throw new MachineError({
      what: `there is no load balancer ${container} to take the place of`,
      changed: `the cluster ${cluster} was created`,
      next: '`pnpm clean` removes it; a bug report with the version of the tool would help.',
    })
  }
  const published = (await engine.docker(['port', container, '6443/tcp'])).split('\n')[0]?.trim()
  await writeFile(join(folders.haproxy, 'haproxy.cfg'), haproxyConfig(balancer, backends))
  await engine.docker(['rm', '--force', '--volumes', container])
  const labels = Object.entries({ ...old.labels, [ownerLabel]: cluster })
  await engine.docker([
    ...['run', '--detach', '--name', container, '--hostname', container],
    ...['--network', networkOf(cluster), '--ip', old.address],
    ...(published ? ['--publish', `${published}:6443/tcp`] : []),
    ...labels.flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...['--volume', `${folders.haproxy}:${configFolder}`],
    ...['--tmpfs', '/run/haproxy'],
    // As a service manager ends it: connections are closed, not waited for as on SIGUSR1.
    ...['--stop-signal', 'SIGTERM'],
    ...['--entrypoint', 'haproxy', engine.tools.images.haproxy],
    ...['-W', '-db', '-f', `${configFolder}/haproxy.cfg`],
  ])
  const placed = await engine.inspect(container)
  if (!placed?.running || placed.address !== old.address) {
    const log = await engine.docker(['logs', '--tail', '5', container]).catch(() => '')
    throw new MachineError({
      what: `HAProxy did not start in the place of ${container}: ${log}`,
      changed: `the cluster ${cluster} stands without a load balancer`,
      next: '`pnpm clean` removes it.',
    })
  }
  return { container, id: placed.id, address: placed.address }
}

/** HAProxy's own account of its servers; empty when it does not answer within two seconds. */
export function serverStates(address: string, backend: string): Promise<Map<string, string>> {
  return new Promise((resolve) => {
    let csv = ''
    const socket = connect({ host: address, port: statsPort, timeout: 2_000 })
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write('show stat\n'))
    socket.on('data', (text: string) => {
      csv += text
    })
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(parseStates(csv, backend)))
  })
}
