/**
 * Who is hit: roles of the scenario → one node, link or load balancer of the cluster, as it stands
 * when the fault is about to begin. Throws an InvalidRunError where a role has nobody.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { FaultTarget, TargetRole } from '../../model/scenario.ts'
import { type Component, commonNodes, type Topology, workloadNodes } from '../../model/topology.ts'
import { type ApiAccess, ask } from '../kubernetes/api.ts'
import type { Target } from '../port.ts'
import type { Distribution } from './distribution.ts'
import type { Engine } from './engine.ts'
import { etcdLeader } from './etcd.ts'
import type { ClusterState, OwnedNode } from './ownership.ts'
import type { KnownPods } from './pods-known.ts'

export interface Scene {
  engine: Engine
  distribution: Distribution
  topology: Topology
  state: ClusterState
  access: ApiAccess
  /** Addresses of the API, the usual one first. */
  ways: readonly string[]
  /** Topology names of the nodes that earlier faults of this run have hit, in that order. */
  hit: readonly string[]
  pods(): Promise<KnownPods>
  /** Who answers for the floating IP now. */
  owners(): readonly string[]
  /** The control plane that the load balancer's log names last. */
  lastServed(): string | null
}

export async function findTarget(target: FaultTarget, scene: Scene): Promise<Target> {
  if (target.startsWith('node:')) return named(target.slice(5), scene)
  if (target.startsWith('link:')) {
    return { name: target.slice(5), node: null, why: 'named in the plan' }
  }
  if (target.startsWith('site:'))
    throw nobody(`a fault hits one node, and '${target}' names a site`)
  return await byRole[target as TargetRole](scene)
}

const byRole: Record<TargetRole, (scene: Scene) => Promise<Target> | Target> = {
  'worker-with-database': (scene) => running('database', scene),
  'worker-with-page': (scene) => running('page', scene),
  'worker-with-reporting': (scene) => running('reporting', scene),
  'another-worker': anotherWorker,
  'worker-at-another-site': workerAtAnotherSite,
  'control-plane-that-answered-last': answeredLast,
  'control-plane': (scene) => {
    const [first, ...others] = controlPlanesOf(scene)
    if (!first) throw nobody('there is no control plane')
    return onNode(first, others.length === 0 ? 'the only one' : 'the first one')
  },
  'floating-ip-holder': (scene) => {
    const [holder, ...others] = scene.owners()
    const node = scene.state.nodes.find(({ name }) => name === holder)
    if (node && others.length === 0) return onNode(node, 'holds the floating IP')
    throw nobody('no single node holds the floating IP')
  },
  'etcd-leader': async (scene) => onNode(await leaderOf(scene), 'leads etcd'),
  'etcd-follower': async (scene) => {
    const leader = await leaderOf(scene)
    const [first] = unhitFirst(
      controlPlanesOf(scene).filter(({ name }) => name !== leader.name),
      scene,
    )
    if (!first) throw nobody('etcd has one member, which leads')
    return onNode(first, `follows in etcd, which ${leader.name} leads`)
  },
  'lease-holder': leaseHolder,
  'load-balancer': ({ topology, state }) => {
    const balancer = topology.loadBalancer
    if (!balancer || !state.loadBalancer) throw nobody(`${topology.name} has no load balancer`)
    return { name: balancer.name, node: null, why: 'stands before the API' }
  },
  'hit-node': (scene) => {
    const node = scene.state.nodes.find(({ name }) => name === scene.hit[0])
    if (!node) throw nobody('no node has been hit yet')
    return onNode(node, 'was hit first')
  },
}

function named(name: string, { state, topology }: Scene): Target {
  const node = state.nodes.find((candidate) => candidate.name === name)
  if (node) return onNode(node, 'named in the plan')
  const known = state.nodes.map((each) => each.name).join(', ')
  throw nobody(`${topology.name} has no node '${name}' (${known})`)
}

/** Among nodes on which a part of the workload may run, the one with a ready pod of it. */
async function running(component: Component, scene: Scene): Promise<Target> {
  const { pods, current } = await scene.pods()
  const may = new Set(workloadNodes(scene.topology).map(({ name }) => name))
  const nodes = scene.state.nodes.filter(({ name }) => may.has(name))
  const podOn = ({ container }: OwnedNode) =>
    pods.find((pod) => pod.component === component && pod.ready && pod.node === container)
  const [node] = unhitFirst(
    nodes.filter((each) => podOn(each)),
    scene,
  )
  const pod = node && podOn(node)
  if (!pod) throw nobody(`no ready ${component} pod was found to aim at`)
  return onNode(node, current ? `runs ${pod.name}` : `ran ${pod.name} when the API last answered`)
}

async function anotherWorker(scene: Scene): Promise<Target> {
  const left = workersOf(scene).filter(({ name }) => !scene.hit.includes(name))
  const { pods } = await scene.pods()
  const runsDatabase = ({ container }: OwnedNode) =>
    pods.some((pod) => pod.component === 'database' && pod.node === container)
  const free = left.find((node) => !runsDatabase(node))
  if (free) return onNode(free, 'was not hit yet and does not run the database')
  const [only] = left
  if (only) return onNode(only, 'was not hit yet; the database runs there')
  throw nobody('every worker has been hit already')
}

function workerAtAnotherSite(scene: Scene): Target {
  const siteOf = (name: string) => scene.topology.nodes.find((node) => node.name === name)?.site
  const [first] = controlPlanesOf(scene)
  const home = first && siteOf(first.name)
  const [away] = unhitFirst(
    workersOf(scene).filter(({ name }) => siteOf(name) !== home),
    scene,
  )
  if (first && away) return onNode(away, `stands at ${siteOf(away.name)}, ${first.name} at ${home}`)
  throw nobody(`no worker stands at another site than ${first?.name ?? 'a control plane'}`)
}

function answeredLast(scene: Scene): Target {
  const controlPlanes = controlPlanesOf(scene)
  const [only] = controlPlanes
  if (only && controlPlanes.length === 1) return onNode(only, 'the only one')
  const last = scene.lastServed()
  const served = controlPlanes.find(({ name }) => name === last)
  if (served) return onNode(served, 'served the last request through the load balancer')
  throw nobody("the load balancer's log names no control plane that answered")
}

async function leaderOf(scene: Scene): Promise<OwnedNode> {
  const leader = await etcdLeader(scene, controlPlanesOf(scene))
  if (leader) return leader
  throw nobody('no member of etcd that answers says that it leads')
}

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/'

async function leaseHolder(scene: Scene): Promise<Target> {
  const lease = 'kube-controller-manager'
  for (const way of scene.ways) {
    const answer = await ask(scene.access, way, `${leasePath}${lease}`, { timeoutMs: 3_000 })
    if (answer.status !== 200) continue
    const holder = holderIn(answer.body)
    const node = scene.state.nodes.find(({ container }) => container === holder)
    if (node) return onNode(node, `holds the Lease ${lease}`)
    throw nobody(`the Lease ${lease} is held by ${holder ?? 'nobody'}, which is no node`)
  }
  throw nobody(`no way to the API tells who holds the Lease ${lease}`)
}

/** The node's name is what stands before the last `_` of the identity; null where nobody holds. */
export function holderIn(lease: string): string | null {
  const { spec } = JSON.parse(lease) as { spec?: { holderIdentity?: string | null } }
  const identity = spec?.holderIdentity ?? ''
  return identity === '' ? null : identity.replace(/_[^_]*$/, '')
}

const onNode = ({ name }: OwnedNode, why: string): Target => ({ name, node: name, why })

const controlPlanesOf = ({ state, topology }: Scene): OwnedNode[] =>
  state.nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === 'control-plane',
  )

/**
 * Workers on which page, API and database may run; where the control planes carry them, for the
 * document has no others, those.
 */
function workersOf({ state, topology }: Scene): OwnedNode[] {
  const common = commonNodes(topology)
  const workers = common.filter(({ role }) => role === 'worker')
  const names = (workers.length > 0 ? workers : common).map(({ name }) => name)
  return state.nodes.filter(({ name }) => names.includes(name))
}

/** In the order given, but those that were hit already at the end. */
function unhitFirst(nodes: readonly OwnedNode[], { hit }: Scene): OwnedNode[] {
  const isHit = ({ name }: OwnedNode) => hit.includes(name)
  return [...nodes.filter((node) => !isHit(node)), ...nodes.filter(isHit)]
}

function nobody(what: string): InvalidRunError {
  return new InvalidRunError({
    what,
    changed: 'nothing was broken',
    next: 'Run it again, or name a node with --target.',
  })
}
