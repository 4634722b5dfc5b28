/**
 * Brings a planned cluster up with kind, or takes over the healthy one that stands: network,
 * cluster, our load balancer, every node Ready, and the timers read back. What is about to be
 * made is written down before it is made, so that a crash leaves nothing unowned.
 */
import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { InvalidRunError, MachineError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import { formatMs } from '../../model/units.ts'
import { type ApiAccess, ask, readAccess } from '../kubernetes/api.ts'
import { readyOf } from '../kubernetes/changes.ts'
import { availableDns, spreadDns } from '../kubernetes/cluster-dns.ts'
import { type MonotonicClock, until } from '../monotonic-clock.ts'
import type { Report } from '../port.ts'
import { containersOf, kindConfig } from './config.ts'
import { type Engine, networkName, ownerLabel } from './engine.ts'
import { replaceLoadBalancer, serverStates } from './load-balancer.ts'
import { ensureNetwork } from './network.ts'
import {
  type ClusterFolders,
  type ClusterState,
  foldersOf,
  isOurs,
  loadState,
  prepareFolders,
  saveState,
} from './ownership.ts'
import { type KubeletTimers, timerDifferences } from './timers-in-force.ts'

export interface StandingCluster {
  state: ClusterState
  access: ApiAccess
  /** Where the API is asked: the load balancer's address, or the only control plane's. */
  apiUrl: string
  reused: boolean
}

const readyWithinMs = 180_000

export async function bringUp(
  engine: Engine,
  plan: Plan,
  clock: MonotonicClock,
  report: Report,
  signal: AbortSignal,
): Promise<StandingCluster> {
  const folders = foldersOf(engine.tools.home, plan.clusterName)
  const known = await loadState(engine.tools.home, plan.clusterName)
  const present = await containersNamed(engine, plan.clusterName)
  if (present.length > 0 && !known) throw notOurs(plan.clusterName)
  if (known) {
    for (const name of present) {
      const container = await engine.inspect(name)
      if (!container || !isOurs(container, folders)) throw notOurs(plan.clusterName)
    }
    const cluster = await takeOver(engine, plan, known, folders)
    if (typeof cluster !== 'string') {
      report(`cluster ${plan.clusterName} stands and is healthy: reused`)
      return cluster
    }
    report(`cluster ${plan.clusterName} stands but ${cluster}: made anew`)
    await tearDown(engine, plan.clusterName)
  }
  try {
    return await create(engine, plan, folders, clock, report, signal)
  } catch (error) {
    // A half-made cluster is worth nothing to anybody.
    await tearDown(engine, plan.clusterName)
      .then(() => rm(folders.root, { recursive: true, force: true }))
      .catch(() => undefined)
    throw error
  }
}

async function create(
  engine: Engine,
  plan: Plan,
  folders: ClusterFolders,
  clock: MonotonicClock,
  report: Report,
  signal: AbortSignal,
): Promise<StandingCluster> {
  const beganMs = clock.nowMs()
  await ensureNetwork(engine)
  await prepareFolders(folders, plan.clusterName)
  const state: ClusterState = {
    schema: 'clusterdrill/cluster/v1',
    name: plan.clusterName,
    phase: 'creating',
    topology: plan.topology,
    pace: plan.pace,
    timers: plan.timers,
    nodeImage: engine.tools.images.node,
    nodes: [],
    loadBalancer: null,
    createdAt: clock.startedAt.toISOString(),
  }
  await saveState(folders, state)
  report(`cluster ${plan.clusterName}: ${plan.topology.nodes.length} nodes, kind create cluster`)
  await runKindCreate(engine, plan, folders, report, signal)

  for (const { node, container } of containersOf(plan.topology, plan.clusterName)) {
    const made = await engine.inspect(container)
    if (!made?.address) {
      throw new MachineError({
        what: `kind made no container ${container}`,
        changed: 'what was made has been removed again',
        next: '`pnpm run doctor` checks the machine.',
      })
    }
    state.nodes.push({ name: node.name, container, id: made.id, address: made.address })
  }
  if (plan.topology.loadBalancer) {
    report(`load balancer: HAProxy ${plan.topology.loadBalancer.balance}, as documented`)
    const backends = state.nodes
      .filter((node) => roleOf(plan, node.name) === 'control-plane')
      .map(({ name, address }) => ({ name, address }))
    state.loadBalancer = await replaceLoadBalancer(
      engine,
      plan.clusterName,
      plan.topology.loadBalancer,
      backends,
      folders,
    )
  }
  if (!engine.tools.preloaded) {
    report('workload images: loading into the nodes')
    const { runtime, database } = engine.tools.images
    await engine.kind(['load', 'docker-image', runtime, database, '--name', plan.clusterName])
  }
  const access = await readAccess(folders.kubeconfig)
  const apiUrl = apiUrlOf(state)
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
  await refuseOtherTimers(engine, plan, state, access, apiUrl)
  state.phase = 'standing'
  await saveState(folders, state)
  report(`cluster ${plan.clusterName}: ready after ${formatMs(clock.nowMs() - beganMs)}`)
  return { state, access, apiUrl, reused: false }
}

async function runKindCreate(
  engine: Engine,
  plan: Plan,
  folders: ClusterFolders,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const config = kindConfig(plan, engine.tools.images.node, folders)
  const child = execa(
    engine.tools.kind,
    [
      ...['create', 'cluster', '--name', plan.clusterName, '--config', '-'],
      ...['--kubeconfig', folders.kubeconfig],
    ],
    {
      env: { ...engine.tools.env, KIND_EXPERIMENTAL_DOCKER_NETWORK: networkName },
      input: config,
      all: true,
      reject: false,
      cancelSignal: signal,
    },
  )
  for await (const line of child.iterable({ from: 'all' })) {
    const step = /^ • ([\w(][^\p{Extended_Pictographic}]*)/u.exec(line)
    if (step?.[1]) report(`kind: ${step[1].trim()}`)
  }
  const result = await child
  signal.throwIfAborted()
  if (!result.failed) return
  const lastWords = (result.all ?? '').trim().split('\n').slice(-8).join('\n')
  throw new MachineError({
    what: /no space left/i.test(lastWords)
      ? `the disk is full: ${lastWords}`
      : `kind create cluster failed:\n${lastWords}`,
    changed: 'what was made has been removed again',
    next: '`pnpm run doctor` checks engine, images and limits.',
  })
}

/** The standing cluster, or the reason why it cannot be used. */
async function takeOver(
  engine: Engine,
  plan: Plan,
  state: ClusterState,
  folders: ClusterFolders,
): Promise<StandingCluster | string> {
  if (state.phase !== 'standing') return 'was never finished'
  if (JSON.stringify(state.topology) !== JSON.stringify(plan.topology)) {
    return 'was made from another version of its topology'
  }
  if (JSON.stringify(state.timers) !== JSON.stringify(plan.timers)) return 'has other timers'
  if (state.nodeImage !== engine.tools.images.node) return 'has another node image'
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
  const waitingFor = await notReady(access, apiUrl, state)
  if (waitingFor) return waitingFor
  const balancer = plan.topology.loadBalancer
  if (state.loadBalancer && balancer) {
    const servers = await serverStates(state.loadBalancer.address, balancer.backend)
    const down = [...servers].filter(([, status]) => !status.startsWith('UP'))
    if (servers.size === 0) return 'its load balancer does not answer'
    if (down.length > 0) return `its load balancer sees ${down.map(([name]) => name)} DOWN`
  }
  await refuseOtherTimers(engine, plan, state, access, apiUrl)
  return { state, access, apiUrl, reused: true }
}

export function apiUrlOf(state: ClusterState): string {
  const balancer = state.topology.loadBalancer
  if (state.loadBalancer && balancer)
    return `https://${state.loadBalancer.address}:${balancer.port}`
  const first = state.nodes.find(
    (node) => state.topology.nodes.find(({ name }) => name === node.name)?.role === 'control-plane',
  )
  return `https://${first?.address}:6443`
}

const roleOf = (plan: Plan, node: string) =>
  plan.topology.nodes.find((candidate) => candidate.name === node)?.role

/** What is not ready yet, or nothing. */
async function notReady(access: ApiAccess, apiUrl: string, state: ClusterState): Promise<string> {
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

async function refuseOtherTimers(
  engine: Engine,
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
      if (roleOf(plan, node.name) === 'worker') {
        return [...unread, ...(kubelet ? kubeletOnly(plan, node.name, kubelet) : [])]
      }
      const processes = await engine.docker(['exec', node.container, 'ps', '-eo', 'args='])
      return [
        ...unread,
        ...timerDifferences(plan.timers, node.name, processes.split('\n'), kubelet),
      ]
    }),
  )
  const differences = perNode.flat()
  if (differences.length === 0) return
  throw new InvalidRunError({
    what: `the timers in force are not the planned ones:\n  ${differences.join('\n  ')}`,
    changed: 'nothing was broken',
    next: `A kubeadm patch may have been dropped; \`pnpm topology down ${plan.topology.name}\` and run it again.`,
  })
}

function kubeletOnly(plan: Plan, node: string, kubelet: KubeletTimers): string[] {
  return timerDifferences(plan.timers, node, [], kubelet).filter((text) => text.includes('kubelet'))
}

/** Removes every container of that kind cluster; the caller has made sure that it is ours. */
export async function tearDown(engine: Engine, cluster: string): Promise<void> {
  const folders = foldersOf(engine.tools.home, cluster)
  await engine.kind(['delete', 'cluster', '--name', cluster, '--kubeconfig', folders.kubeconfig])
  const left = await engine.docker([
    ...['ps', '--all', '--quiet', '--filter', `label=${ownerLabel}=${cluster}`],
  ])
  const ids = left.split('\n').filter(Boolean)
  if (ids.length > 0) await engine.docker(['rm', '--force', '--volumes', ...ids])
}

/** Names of all containers that kind counts to a cluster. */
export async function containersNamed(engine: Engine, cluster: string): Promise<string[]> {
  const names = await engine.docker([
    ...['ps', '--all', '--format', '{{.Names}}'],
    ...['--filter', `label=io.x-k8s.kind.cluster=${cluster}`],
  ])
  return names.split('\n').filter(Boolean)
}

function notOurs(cluster: string): MachineError {
  return new MachineError({
    what: `there is a kind cluster '${cluster}' that this harness did not make`,
    changed: 'nothing was touched',
    next: `Remove it yourself (kind delete cluster --name ${cluster}) if it is not needed.`,
  })
}
