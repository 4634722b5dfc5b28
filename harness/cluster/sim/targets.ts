/** Who is hit: roles of the scenario → one node, link or load balancer, as it stands now. */
import { InvalidRunError } from '../../model/errors.ts'
import type { FaultTarget, TargetRole } from '../../model/scenario.ts'
import type { Component } from '../../model/topology.ts'
import type { Target } from '../port.ts'
import type { Cluster } from './cluster.ts'
import type { Machine } from './machines.ts'

/** `hit`: names of the nodes that earlier faults have hit. Throws an InvalidRunError on nobody. */
export function findTarget(target: FaultTarget, cluster: Cluster, hit: readonly string[]): Target {
  if (target.startsWith('node:')) {
    return on(cluster.machines.get(target.slice('node:'.length)), 'named in the plan')
  }
  if (target.startsWith('link:')) {
    return { name: target.slice('link:'.length), node: null, why: 'named in the plan' }
  }
  const controlPlanes = cluster.machines.controlPlanes
  const workers = cluster.machines.all.filter(({ node }) => node.role === 'worker')
  const unhit = (machines: readonly Machine[]) =>
    machines.toSorted((a, b) => Number(hit.includes(a.name)) - Number(hit.includes(b.name)))
  const running = (component: Component) => {
    const pod = cluster.pods.all.find(
      (each) => each.owner.component === component && each.ready && each.node,
    )
    return pod?.node
      ? on(pod.node, `runs ${pod.name}`)
      : nobody(`no ready ${component} pod was found to aim at`)
  }
  const [first] = controlPlanes
  switch (target as TargetRole) {
    case 'worker-with-database':
      return running('database')
    case 'worker-with-page':
      return running('page')
    case 'worker-with-reporting':
      return running('reporting')
    case 'another-worker': {
      const left = workers.filter(({ name }) => !hit.includes(name))
      const runsDatabase = (machine: Machine) =>
        cluster.pods.on(machine).some(({ owner }) => owner.component === 'database')
      const free = left.find((machine) => !runsDatabase(machine)) ?? left[0]
      return free ? on(free, 'was not hit yet') : nobody('every worker has been hit already')
    }
    case 'worker-at-another-site': {
      const [away] = unhit(workers.filter(({ node }) => node.site !== first?.node.site))
      return away
        ? on(away, `stands at ${away.node.site}`)
        : nobody('no worker stands at another site')
    }
    case 'control-plane':
      return first
        ? on(first, controlPlanes.length === 1 ? 'the only one' : 'the first one')
        : nobody('there is no control plane')
    case 'control-plane-that-answered-last': {
      const up = cluster.balancer?.up ?? controlPlanes
      const last = up[Math.floor(cluster.scene.chance('last served')() * up.length)]
      return last ? on(last, 'served the last request') : nobody('nobody answered')
    }
    case 'floating-ip-holder': {
      const [owner, ...others] = cluster.floatingIp?.owners ?? []
      return owner && others.length === 0
        ? on(owner, 'holds the floating IP')
        : nobody('no single node holds the floating IP')
    }
    case 'etcd-leader': {
      const { leader } = cluster.etcd
      return leader ? on(cluster.machines.get(leader), 'leads etcd') : nobody('etcd has no leader')
    }
    case 'etcd-follower': {
      const [follower] = unhit(controlPlanes.filter(({ name }) => name !== cluster.etcd.leader))
      return follower ? on(follower, 'follows in etcd') : nobody('etcd has one member, which leads')
    }
    case 'lease-holder': {
      const holder = cluster.elections.get('kube-controller-manager')?.leader
      return holder
        ? on(cluster.machines.get(holder), 'holds the Lease')
        : nobody('nobody holds the Lease')
    }
    case 'load-balancer': {
      const { loadBalancer } = cluster.scene.topology
      return loadBalancer
        ? { name: loadBalancer.name, node: null, why: 'stands before the API' }
        : nobody('there is no load balancer')
    }
    case 'hit-node': {
      const [name] = hit
      return name
        ? on(cluster.machines.get(name), 'was hit first')
        : nobody('no node has been hit yet')
    }
  }
}

const on = ({ name }: Machine, why: string): Target => ({ name, node: name, why })

function nobody(what: string): never {
  throw new InvalidRunError({
    what,
    changed: 'nothing was broken',
    next: 'Name another target with --target.',
  })
}
