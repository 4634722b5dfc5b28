/**
 * Puts HAProxy with the documented configuration in the place of the tool's load balancer: same name,
 * address, labels and published port, so nodes and kubectl never notice; and follows its log.
 */
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../model/clock.ts'
import { MachineError } from '../../model/errors.ts'
import type { DrillEvent } from '../../model/event.ts'
import type { LoadBalancer } from '../../model/topology.ts'
import { type Engine, networkOf, ownerLabel } from './engine.ts'
import { type Backend, haproxyConfig, parseLogLine, parseStates, statsPort } from './haproxy.ts'
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
  await engine.docker(['rm', '--force', container])
  const labels = Object.entries({ ...old.labels, [ownerLabel]: cluster })
  await engine.docker([
    ...['run', '--detach', '--name', container, '--hostname', container],
    ...['--network', networkOf(cluster), '--ip', old.address],
    ...(published ? ['--publish', `${published}:6443/tcp`] : []),
    ...labels.flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...['--volume', `${folders.haproxy}:${configFolder}`],
    ...['--tmpfs', '/run/haproxy'],
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

export interface FollowedLog {
  /** The server that the last finished session reached; null before the first. */
  lastServed(): string | null
  stop(): Promise<void>
}

/** HAProxy says each change twice, as a warning and as a log line. */
const sameWithinMs = 1_500

export function followLog(
  engine: Engine,
  { container, backend }: { container: string; backend: string },
  clock: Clock,
  emit: (event: DrillEvent) => void,
  onEnd: () => void,
): FollowedLog {
  const child = engine.follow(['logs', '--follow', '--timestamps', '--tail', '0', container])
  let served: string | null = null
  let stopping = false
  const told = new Map<string, number>()
  const reading = (async () => {
    for await (const line of child.iterable({ from: 'all' })) {
      const space = line.indexOf(' ')
      const epochMs = Date.parse(line.slice(0, space))
      const atMs = Number.isNaN(epochMs) ? clock.nowMs() : clock.fromEpochMs(epochMs)
      const parsed = parseLogLine(line.slice(space + 1))
      // Ports that nothing serves here have servers of the same names, and are DOWN for good.
      if (!parsed || parsed.backend !== backend) continue
      if (parsed.kind === 'session') {
        served = parsed.server
        continue
      }
      const subject = parsed.kind === 'empty' ? parsed.backend : parsed.server
      const key = `${parsed.kind} ${subject}`
      const before = told.get(key)
      told.set(key, atMs)
      if (before !== undefined && atMs - before < sameWithinMs) continue
      emit({
        atMs,
        source: 'load-balancer',
        name: `lb-${parsed.kind}`,
        subject,
        node: parsed.kind === 'empty' ? null : parsed.server,
        component: null,
        detail: parsed.kind === 'empty' ? 'no server available' : parsed.reason,
      })
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      if (!stopping) onEnd()
    })
  return {
    lastServed: () => served,
    stop: async () => {
      stopping = true
      child.kill()
      await reading
    },
  }
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
