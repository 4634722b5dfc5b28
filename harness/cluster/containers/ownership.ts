/**
 * What is ours, written down: one folder for each cluster with its state, its kubeconfig, the
 * mark that every node mounts, the shared storage and the load balancer's files. A container is
 * ours only when its id is in the state file *and* it mounts the mark from that very folder.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProviderName } from '../../model/plan.ts'
import type { Pace, Timers } from '../../model/timers.ts'
import type { Topology } from '../../model/topology.ts'
import type { FloatingIpInForce } from '../port.ts'
import type { ContainerState } from './engine.ts'

/** Labels of our nodes in Kubernetes. */
export const nodeLabel = 'clusterdrill.dev/node'
export const ownedLabel = 'clusterdrill.dev/drill'
/** Where the mark of ownership and the shared folder appear inside each node. */
export const ownerMount = '/etc/clusterdrill'
export const sharedMount = '/var/clusterdrill-shared'

export interface OwnedNode {
  /** Topology name. */
  name: string
  container: string
  id: string
  address: string
}

export interface ClusterState {
  schema: 'clusterdrill/cluster/v1'
  provider: ProviderName
  name: string
  /** `spent`: used up by a fault that lasts, and to be made anew by whoever wants one. */
  phase: 'creating' | 'standing' | 'spent'
  topology: Topology
  pace: Pace
  timers: Timers
  nodeImage: string
  nodes: OwnedNode[]
  loadBalancer: { container: string; id: string; address: string } | null
  /** The address is chosen before anything is made, so that no other cluster takes it. */
  floatingIp: FloatingIpInForce | null
  createdAt: string
}

export interface ClusterFolders {
  root: string
  state: string
  kubeconfig: string
  owner: string
  shared: string
  haproxy: string
}

export function foldersOf(home: string, cluster: string): ClusterFolders {
  const root = join(home, 'clusters', cluster)
  return {
    root,
    state: join(root, 'state.json'),
    kubeconfig: join(root, 'kubeconfig'),
    owner: join(root, 'owner'),
    shared: join(root, 'shared'),
    haproxy: join(root, 'haproxy'),
  }
}

export async function prepareFolders(folders: ClusterFolders, cluster: string): Promise<void> {
  await rm(folders.root, { recursive: true, force: true })
  for (const folder of [folders.owner, folders.shared, folders.haproxy]) {
    await mkdir(folder, { recursive: true })
  }
  const mark = { cluster, note: 'This node belongs to a Clusterdrill drill cluster.' }
  await writeFile(join(folders.owner, 'owner.json'), `${JSON.stringify(mark, null, 2)}\n`)
}

export async function saveState(folders: ClusterFolders, state: ClusterState): Promise<void> {
  const temporary = `${folders.state}.new`
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`)
  await rename(temporary, folders.state)
}

/** Null when there is no such cluster of ours, or its state file is not one. */
export async function loadState(home: string, cluster: string): Promise<ClusterState | null> {
  try {
    const text = await readFile(foldersOf(home, cluster).state, 'utf8')
    const state = JSON.parse(text) as ClusterState
    return state.schema === 'clusterdrill/cluster/v1' && state.name === cluster ? state : null
  } catch {
    return null
  }
}

/** All clusters of ours that one provider made, or of every provider. */
export async function listStates(home: string, provider?: ProviderName): Promise<ClusterState[]> {
  const names = await readdir(join(home, 'clusters')).catch(() => [])
  const states = await Promise.all(names.map((name) => loadState(home, name)))
  return states
    .filter((state) => state !== null)
    .filter((state) => provider === undefined || state.provider === provider)
}

/**
 * May this container of a cluster that we have on record be touched? Nodes carry our mark; the load
 * balancer is the tool's own until ours takes its place, and so is k3d's helper, of role `noRole`:
 * they mount nothing of ours.
 */
export function isOurs(container: ContainerState, folders: ClusterFolders): boolean {
  return (
    container.labels['io.x-k8s.kind.role'] === 'external-load-balancer' ||
    container.labels['k3d.role'] === 'loadbalancer' ||
    container.labels['k3d.role'] === 'noRole' ||
    carriesOurMark(container, folders)
  )
}

/** Does this container mount the mark from the folder that is ours? */
export function carriesOurMark(container: ContainerState, folders: ClusterFolders): boolean {
  return container.mounts.some(
    (mount) => mount.destination === ownerMount && mount.source === folders.owner,
  )
}

/** In the order in which they were made. */
export const controlPlanesOf = ({ nodes, topology }: ClusterState): OwnedNode[] =>
  nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === 'control-plane',
  )

/** Kubernetes names a node after its container; what is none of ours keeps its name. */
export const containerNames = ({ nodes }: ClusterState) => ({
  nodeOf: (container: string): string =>
    nodes.find((node) => node.container === container)?.name ?? container,
})
