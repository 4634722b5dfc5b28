/**
 * How the contract shows what a provider claims: by faults on somebody, and by whom it finds for a
 * role. What a topology has nobody for is not shown on it.
 */
import { expect } from 'vitest'
import type { Session } from '../../harness/cluster/port.ts'
import type { Capability, FaultKind, FaultTarget } from '../../harness/model/scenario.ts'
import { type Topology, workloadNodes } from '../../harness/model/topology.ts'

/** By which faults a capability is shown, and on whom. */
export interface Shown {
  capability: Capability
  kind: FaultKind
  /** Null where the topology has nobody for it. */
  aim(topology: Topology): FaultTarget | null
}

const onDatabase = () => 'worker-with-database' as const
const onBalancer = ({ loadBalancer }: Topology) => (loadBalancer ? 'load-balancer' : null)

export const shown: readonly Shown[] = [
  { capability: 'power', kind: 'power.kill', aim: onDatabase },
  { capability: 'power', kind: 'power.pause', aim: onDatabase },
  { capability: 'process', kind: 'process.container-kill', aim: onDatabase },
  { capability: 'network', kind: 'network.cut', aim: betweenSites },
  { capability: 'network', kind: 'network.route', aim: () => 'control-plane' },
  { capability: 'loadBalancer', kind: 'power.kill', aim: onBalancer },
  { capability: 'loadBalancer', kind: 'power.stop', aim: onBalancer },
]

function betweenSites({ sites }: Topology): FaultTarget | null {
  const [first, second] = sites
  return first && second ? `link:${first.name}/${second.name}` : null
}

/** By whom it finds, which no fault is needed for. */
const foundBy: Partial<Record<Capability, (topology: Topology) => boolean>> = {
  etcd: () => true,
  floatingIp: ({ floatingIp }) => floatingIp !== undefined,
}

export const canBeShownOn = (topology: Topology, capability: Capability): boolean =>
  shown.some((each) => each.capability === capability && each.aim(topology) !== null) ||
  foundBy[capability]?.(topology) === true

/** Nodes that fit their roles, and a refusal where a role has nobody. */
export async function eachRoleFindsItsPlayer(session: Session, topology: Topology): Promise<void> {
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
  const names = controlPlanes.map((node) => node.name)
  const find = async (target: FaultTarget, ...hit: string[]) =>
    (await session.findTarget(target, hit)).node
  const nowhere = { exitCode: 2, changed: 'nothing was broken' }

  const holder = await find('worker-with-database')
  expect(workloadNodes(topology).map((node) => node.name)).toContain(holder)
  const pods = await session.workloadPods()
  const onHolder = pods.filter(({ node }) => node === holder).map(({ component }) => component)
  expect(onHolder).toContain('database')
  expect(await find('another-worker', holder ?? '')).not.toBe(holder)
  expect(await find('hit-node', holder ?? '')).toBe(holder)
  expect(await find('control-plane')).toBe(names[0])
  expect(names).toContain(await find('lease-holder'))
  await expect(find('node:nowhere')).rejects.toMatchObject(nowhere)
  if (topology.loadBalancer) {
    const { name } = topology.loadBalancer
    expect(await session.findTarget('load-balancer', [])).toMatchObject({ name, node: null })
  } else await expect(find('load-balancer')).rejects.toMatchObject(nowhere)
  if (session.capabilities.has('etcd')) expect(names).toContain(await find('etcd-leader'))
  else await expect(find('etcd-leader')).rejects.toMatchObject(nowhere)
}
