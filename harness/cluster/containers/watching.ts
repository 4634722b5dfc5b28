/**
 * All that is watched while a drill runs: the load balancer's log, the floating IP, the objects of
 * the API through every server of it, and the engine itself. Each has an end of its own; that one
 * ended before its time is told as trouble.
 */
import { clusterDnsSubject, type DrillEvent } from '../../model/event.ts'
import { dnsPods } from '../kubernetes/cluster-dns.ts'
import { watchCluster } from '../kubernetes/watcher.ts'
import { workloadNamespaces } from '../kubernetes/workload/namespaces.ts'
import type { MonotonicClock } from '../monotonic-clock.ts'
import type { Stop } from '../port.ts'
import { type Observer, observeFloatingIp } from './arp-observer.ts'
import { type FollowedLog, followLog } from './balancer-log.ts'
import type { StandingCluster } from './bring-up.ts'
import type { Engine } from './engine.ts'
import { containerNames, controlPlanesOf } from './ownership.ts'

export interface WatchOptions {
  engine: Engine
  cluster: StandingCluster
  clock: MonotonicClock
  emit(event: DrillEvent): void
  trouble(message: string): void
  /** Did this drill take the load balancer's power? */
  balancerMayEnd(): boolean
}

export interface Watching {
  /** Null where there is no load balancer. */
  balancerLog: FollowedLog | null
  /** Null where there is no floating IP. */
  observer: Observer | null
  stop: Stop
}

/** Nothing goes on where one of them cannot begin. */
export async function beginWatching(options: WatchOptions): Promise<Watching> {
  const stops: Stop[] = []
  const stop = async () => {
    await Promise.all(stops.map((each) => each()))
  }
  try {
    const balancerLog = watchBalancer(options)
    if (balancerLog) stops.push(() => balancerLog.stop())
    const observer = await watchFloatingIp(options)
    if (observer) stops.push(() => observer.stop())
    stops.push(await watchApi(options))
    await tellDns(options)
    stops.push(watchEngine(options))
    return { balancerLog, observer, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function watchBalancer(options: WatchOptions): FollowedLog | null {
  const { engine, cluster, clock, emit, trouble } = options
  const { loadBalancer, topology } = cluster.state
  const backend = topology.loadBalancer?.backend
  if (!loadBalancer || backend === undefined) return null
  const { container } = loadBalancer
  return followLog(engine, {
    ...{ container, backend, clock, emit },
    mayEnd: options.balancerMayEnd,
    onEnd: () => trouble(`the log of the load balancer ${container} ended`),
  })
}

async function watchFloatingIp(options: WatchOptions): Promise<Observer | null> {
  const { engine, cluster, clock, emit, trouble } = options
  const { name, nodes, floatingIp } = cluster.state
  if (!floatingIp) return null
  const { address } = floatingIp
  return await observeFloatingIp(engine, {
    ...{ cluster: name, address, nodes, clock, emit },
    onEnd: () => trouble(`nobody watches ${address} any more: the observer ended`),
  })
}

async function watchApi({ cluster, clock, emit }: WatchOptions): Promise<Stop> {
  const { state, access } = cluster
  return await watchCluster({
    access,
    targets: controlPlanesOf(state).map(({ name, address }) => ({
      name,
      baseUrl: `https://${address}:6443`,
    })),
    namespaces: workloadNamespaces(state.topology.workload),
    names: containerNames(state),
    clock,
    emit,
  })
}

/** Where the cluster's DNS stands as the drill begins. */
async function tellDns({ cluster, clock, emit }: WatchOptions): Promise<void> {
  const { state, access, apiUrl } = cluster
  const { nodeOf } = containerNames(state)
  for (const pod of (await dnsPods(access, apiUrl)) ?? []) {
    const node = nodeOf(pod.node)
    emit({
      ...{ atMs: clock.nowMs(), source: 'api', name: 'note', subject: clusterDnsSubject },
      ...{ node, component: null, detail: `${pod.name} runs on ${node}` },
    })
  }
}

/** The engine's event stream ends when the engine does. */
function watchEngine({ engine, trouble }: WatchOptions): Stop {
  const child = engine.follow(['events', '--filter', 'type=network'])
  let stopping = false
  const ended = child
    .then(() => undefined)
    .finally(() => {
      if (!stopping) trouble('the container engine went away')
    })
  return async () => {
    stopping = true
    child.kill()
    await ended
  }
}
