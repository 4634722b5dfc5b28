/**
 * Brings a planned cluster up, or takes over the healthy one that stands: network, cluster, our
 * load balancer, what the document does to its nodes, every node Ready, and the timers read back.
 * What is about to be made is written down before it is made, so that a crash leaves nothing
 * unowned.
 */
import { rm } from 'node:fs/promises'
import { MachineError, UsageError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import { formatMs } from '../../model/units.ts'
import { type ApiAccess, readAccess } from '../kubernetes/api.ts'
import { floatingIpEngineOf } from '../kubernetes/floating-ip.ts'
import { type MonotonicClock, until } from '../monotonic-clock.ts'
import type { Report } from '../port.ts'
import type { Distribution } from './distribution.ts'
import { applyDocumentedNodes, removeLoadBalancer } from './documented-nodes.ts'
import { type Engine, ownerLabel } from './engine.ts'
import { chooseFloatingIp, floatingIpProgram } from './floating-ip-address.ts'
import { thawBelow } from './frozen.ts'
import { replaceLoadBalancer, serverStates } from './load-balancer.ts'
import { ensureNetwork, removeNetwork } from './network.ts'
import {
  type ClusterFolders,
  type ClusterState,
  foldersOf,
  isOurs,
  loadState,
  prepareFolders,
  saveState,
} from './ownership.ts'
import { apiUrlOf, notReady, refuseOtherTimers } from './readiness.ts'

/** What a cluster is made with and by. */
export interface Workshop {
  engine: Engine
  distribution: Distribution
}

export interface StandingCluster {
  state: ClusterState
  access: ApiAccess
  /** Where the API is asked: the load balancer's address, or the first control plane's. */
  apiUrl: string
  reused: boolean
}

const readyWithinMs = 180_000
/** CoreDNS is asked for its readiness every ten seconds. */
const settlesWithinMs = 60_000

export async function bringUp(
  workshop: Workshop,
  plan: Plan,
  clock: MonotonicClock,
  report: Report,
  signal: AbortSignal,
): Promise<StandingCluster> {
  const { engine, distribution } = workshop
  const refusals = distribution.refusals(plan)
  if (refusals.length > 0) throw new UsageError(refusals, 'Give --provider kind for this one.')
  const folders = foldersOf(engine.tools.home, plan.clusterName)
  const known = await loadState(engine.tools.home, plan.clusterName)
  if (known && known.provider !== distribution.name) throw ofAnother(known)
  const present = await containersNamed(workshop, plan.clusterName)
  if (present.length > 0 && !known) throw notOurs(workshop, plan.clusterName)
  if (known) {
    for (const name of present) {
      const container = await engine.inspect(name)
      if (!container || !isOurs(container, folders)) throw notOurs(workshop, plan.clusterName)
    }
    const cluster = await takeOver(workshop, plan, known, folders, clock)
    if (typeof cluster !== 'string') {
      report(`cluster ${plan.clusterName} stands and is healthy: reused`)
      return cluster
    }
    report(`cluster ${plan.clusterName} stands but ${cluster}: made anew`)
    await tearDown(workshop, plan.clusterName)
  }
  try {
    return await create(workshop, plan, folders, clock, report, signal)
  } catch (error) {
    // A half-made cluster is worth nothing to anybody.
    await tearDown(workshop, plan.clusterName)
      .then(() => removeNetwork(engine, plan.clusterName))
      .then(() => rm(folders.root, { recursive: true, force: true }))
      .catch(() => undefined)
    throw error
  }
}

async function create(
  workshop: Workshop,
  plan: Plan,
  folders: ClusterFolders,
  clock: MonotonicClock,
  report: Report,
  signal: AbortSignal,
): Promise<StandingCluster> {
  const { engine, distribution } = workshop
  const { topology } = plan
  const beganMs = clock.nowMs()
  const subnet = await ensureNetwork(engine, plan.clusterName)
  await prepareFolders(folders, plan.clusterName)
  const state: ClusterState = {
    schema: 'clusterdrill/cluster/v1',
    provider: distribution.name,
    name: plan.clusterName,
    phase: 'creating',
    topology,
    pace: plan.pace,
    timers: plan.timers,
    nodeImage: engine.tools.images.node,
    nodes: [],
    loadBalancer: null,
    floatingIp: chooseFloatingIp(plan, subnet, engine.tools),
    createdAt: clock.startedAt.toISOString(),
  }
  await saveState(folders, state)
  report(
    `cluster ${plan.clusterName}: ${topology.nodes.length} nodes, ${distribution.name} create cluster`,
  )
  await distribution.create(engine, plan, folders, report, signal)

  for (const { node, container } of distribution.containersOf(topology, plan.clusterName)) {
    const made = await engine.inspect(container)
    if (!made?.address) {
      throw new MachineError({
        what: `${distribution.name} made no container ${container}`,
        changed: 'what was made has been removed again',
        next: '`pnpm run doctor` checks the machine.',
      })
    }
    state.nodes.push({ name: node.name, container, id: made.id, address: made.address })
  }
  const controlPlanes = state.nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === 'control-plane',
  )
  const inFront = distribution.loadBalancerOf(plan.clusterName)
  if (topology.loadBalancer) {
    report(`load balancer: HAProxy ${topology.loadBalancer.balance}, as documented`)
    const backends = controlPlanes.map(({ name, address }) => ({ name, address }))
    state.loadBalancer = await replaceLoadBalancer(
      engine,
      { cluster: plan.clusterName, container: inFront },
      topology.loadBalancer,
      backends,
      folders,
    )
  } else if (controlPlanes.length > 1) {
    report(`no load balancer: all traffic goes to ${controlPlanes[0]?.name}`)
    await removeLoadBalancer(engine, inFront, apiUrlOf(state), folders)
  }
  if (!engine.tools.preloaded) {
    report('workload images: loading into the nodes')
    const { runtime, database, toolbox, kubeVip } = engine.tools.images
    const byKubeVip = floatingIpEngineOf(topology, engine.tools.images) === 'kube-vip'
    const images = [runtime, database, toolbox, byKubeVip ? kubeVip : null]
    const present = images.filter((image) => image !== null)
    await distribution.load(engine, plan.clusterName, present)
  }
  const access = await readAccess(folders.kubeconfig)
  const apiUrl = apiUrlOf(state)
  await applyDocumentedNodes(engine, state, access, apiUrl, clock, report)
  let waitingFor = ''
  const ready = await until(
    clock,
    readyWithinMs,
    500,
    async () => {
      waitingFor = await notReady(access, apiUrl, state)
      return waitingFor === ''
    },
    signal,
  )
  if (!ready) {
    throw new MachineError({
      what: `the cluster was not ready within ${formatMs(readyWithinMs)}: ${waitingFor}`,
      changed: 'what was made has been removed again',
      next: 'Run it again; `pnpm run doctor` checks the limits of the machine.',
    })
  }
  await refuseOtherTimers(workshop, plan, { state, access, apiUrl }, clock)
  state.phase = 'standing'
  await saveState(folders, state)
  report(`cluster ${plan.clusterName}: ready after ${formatMs(clock.nowMs() - beganMs)}`)
  return { state, access, apiUrl, reused: false }
}

/** The standing cluster, or the reason why it cannot be used. */
async function takeOver(
  workshop: Workshop,
  plan: Plan,
  state: ClusterState,
  folders: ClusterFolders,
  clock: MonotonicClock,
): Promise<StandingCluster | string> {
  const { engine } = workshop
  if (state.phase === 'creating') return 'was never finished'
  if (state.phase === 'spent') return 'is used up by its last drill'
  if (JSON.stringify(state.topology) !== JSON.stringify(plan.topology)) {
    return 'was made from another version of its topology'
  }
  if (JSON.stringify(state.timers) !== JSON.stringify(plan.timers)) return 'has other timers'
  if (state.nodeImage !== engine.tools.images.node) return 'has another node image'
  if ((state.floatingIp?.engine ?? null) !== floatingIpProgram(plan, engine.tools)) {
    return 'has another program for its floating IP'
  }
  const parts = [...state.nodes, ...(state.loadBalancer ? [state.loadBalancer] : [])]
  const containers = await Promise.all(parts.map((part) => engine.inspect(part.container)))
  for (const [index, part] of parts.entries()) {
    const container = containers[index]
    if (!container) return `${part.container} is gone`
    if (container.id !== part.id) return `${part.container} is another container`
    if (!container.running || container.paused) return `${part.container} does not run`
    if (container.address !== part.address) return `${part.container} has another address`
  }
  const access = await readAccess(folders.kubeconfig)
  const apiUrl = apiUrlOf(state)
  let waitingFor = await notReady(access, apiUrl, state)
  if (waitingFor !== '') {
    // An earlier drill may have left the DNS on one node; it is on its way to another.
    await until(clock, settlesWithinMs, 500, async () => {
      waitingFor = await notReady(access, apiUrl, state)
      return waitingFor === '' || !waitingFor.includes('DNS')
    })
  }
  if (waitingFor !== '') return waitingFor
  const balancer = plan.topology.loadBalancer
  if (state.loadBalancer && balancer) {
    const servers = await serverStates(state.loadBalancer.address, balancer.backend)
    const down = [...servers].filter(([, status]) => !status.startsWith('UP'))
    if (servers.size === 0) return 'its load balancer does not answer'
    if (down.length > 0) return `its load balancer sees ${down.map(([name]) => name)} DOWN`
  }
  await refuseOtherTimers(workshop, plan, { state, access, apiUrl }, clock)
  return { state, access, apiUrl, reused: true }
}

/**
 * Removes every container of that cluster; the caller has made sure that it is ours. Where the engine
 * cannot kill one, what is frozen in it is thawed, and it is tried once more.
 */
export async function tearDown(workshop: Workshop, cluster: string): Promise<void> {
  try {
    await removeContainers(workshop, cluster)
  } catch (error) {
    const { engine, distribution } = workshop
    const ids = await engine.docker([
      ...['ps', '--all', '--quiet', '--no-trunc'],
      ...['--filter', `label=${distribution.labelOf(cluster)}`],
    ])
    if ((await thawBelow(ids.split('\n').filter(Boolean))) === 0) throw error
    await removeContainers(workshop, cluster)
  }
}

async function removeContainers(
  { engine, distribution }: Workshop,
  cluster: string,
): Promise<void> {
  await distribution.remove(engine, cluster, foldersOf(engine.tools.home, cluster))
  const left = await engine.docker([
    ...['ps', '--all', '--quiet', '--filter', `label=${ownerLabel}=${cluster}`],
  ])
  const ids = left.split('\n').filter(Boolean)
  if (ids.length > 0) await engine.docker(['rm', '--force', '--volumes', ...ids])
}

/** Names of all containers that the tool counts to a cluster. */
export async function containersNamed(
  { engine, distribution }: Workshop,
  cluster: string,
): Promise<string[]> {
  const names = await engine.docker([
    ...['ps', '--all', '--format', '{{.Names}}'],
    ...['--filter', `label=${distribution.labelOf(cluster)}`],
  ])
  return names.split('\n').filter(Boolean)
}

function notOurs({ distribution }: Workshop, cluster: string): MachineError {
  return new MachineError({
    what: `there is a cluster '${cluster}' that this harness did not make`,
    changed: 'nothing was touched',
    next: `Look at it (docker ps --all --filter label=${distribution.labelOf(cluster)}), and remove it with ${distribution.name} if it is not needed.`,
  })
}

/** Two providers never share a folder of state: what one made, the other leaves alone. */
export function ofAnother({ name, provider, topology }: ClusterState): MachineError {
  return new MachineError({
    what: `the cluster ${name} was made by ${provider}`,
    changed: 'nothing was touched',
    next: `Remove it first: \`pnpm topology down ${topology.name}\`.`,
  })
}
