/**
 * Looks at a standing cluster for every invariant that its topology has: what the Kubernetes API
 * shows and what its containers show, in one list.
 */

import { messageOf } from '../../model/errors.ts'
import type { Invariant } from '../../model/record.ts'
import { documentedState } from '../kubernetes/cluster-view.ts'
import { repositoryOf } from '../kubernetes/workload/registry.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import {
  balancedServers,
  etcdMembers,
  floatingIpOwner,
  imageRegistry,
  membersIn,
  statisticsPage,
} from './invariants.ts'
import { serverStates } from './load-balancer.ts'

export async function standingInvariants(
  { engine, distribution }: Workshop,
  { state, access, apiUrl }: StandingCluster,
  /** Who answers for the floating IP now; asked only where there is one. */
  owners: (address: string) => Promise<readonly string[]>,
): Promise<Invariant[]> {
  const { topology } = state
  const controlPlanes = state.nodes.filter(
    ({ name }) => topology.nodes.find((node) => node.name === name)?.role === 'control-plane',
  )
  const looks: Promise<Invariant[]>[] = [
    documentedState(
      access,
      apiUrl,
      topology,
      new Map(state.nodes.map(({ name, container }) => [name, container])),
    ),
  ]
  const [first] = controlPlanes
  const etcdctl = first ? distribution.etcdctl(first) : null
  if (first && etcdctl) {
    const words = [...etcdctl, 'member', 'list', '--write-out', 'json']
    looks.push(
      engine.docker(['exec', first.container, ...words]).then(
        (answer) => [etcdMembers(membersIn(answer), controlPlanes.length)],
        (error) => [{ ...etcdMembers([], controlPlanes.length), seen: messageOf(error) }],
      ),
    )
  }
  const balancer = topology.loadBalancer
  if (balancer && state.loadBalancer) {
    const { address } = state.loadBalancer
    looks.push(
      balancedNow(address, [
        balancer.backend,
        ...(balancer.others ?? []).map((o) => o.backend),
      ]).then((states) => [
        balancedServers(
          balancer,
          controlPlanes.map(({ name }) => name),
          states,
        ),
      ]),
    )
    const { statsPagePort } = balancer
    if (statsPagePort !== undefined) {
      looks.push(statisticsPage(address, statsPagePort).then((found) => [found]))
    }
  }
  if (state.floatingIp) {
    const { address } = state.floatingIp
    looks.push(
      owners(address).then(
        (seen) => [floatingIpOwner(topology, address, seen)],
        (error) => [{ ...floatingIpOwner(topology, address, []), seen: messageOf(error) }],
      ),
    )
  }
  const registry = topology.imageRegistry
  const host = state.nodes.find(({ name }) => name === registry?.node)
  if (registry && host) {
    const { runtime, database } = engine.tools.images
    const repositories = [runtime, database].map(repositoryOf)
    looks.push(imageRegistry(host.address, registry.port, repositories).then((found) => [found]))
  }
  return (await Promise.all(looks)).flat()
}

async function balancedNow(
  address: string,
  backends: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const states = await Promise.all(backends.map((backend) => serverStates(address, backend)))
  return new Map(backends.map((backend, index) => [backend, states[index] ?? new Map()]))
}
