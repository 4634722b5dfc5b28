/**
 * What must be so by the document while nothing is broken, as the model has it. What a model could
 * only repeat from its own input, such as what a page of statistics shows, is not said at all.
 */
import type { Invariant } from '../../model/record.ts'
import type { Topology, TopologyNode } from '../../model/topology.ts'
import type { Cluster } from './cluster.ts'

export function invariantsOf(cluster: Cluster): Invariant[] {
  const { topology } = cluster.scene
  return [
    nodes(cluster, topology),
    taints(cluster, topology),
    ...(topology.nodes.some(({ drained }) => drained) ? [drained(cluster, topology)] : []),
    etcdMembers(cluster),
  ]
}

function nodes({ machines, nodes: lifecycle }: Cluster, { nodes: wanted }: Topology): Invariant {
  const ready = machines.all.filter((machine) => lifecycle.isReady(machine))
  return {
    id: 'nodes',
    holds: ready.length === wanted.length,
    expected: `${wanted.length} nodes Ready`,
    seen: `${ready.length} nodes Ready in the model`,
  }
}

const refusesPods = ({ schedulable, drained: empty }: TopologyNode) => !schedulable || empty

/** Pods stand on no node that refuses them. */
function taints({ machines, pods }: Cluster, { nodes: all }: Topology): Invariant {
  const refusing = all.filter(refusesPods).map(({ name }) => name)
  const wrong = refusing.filter((name) => pods.on(machines.get(name)).length > 0)
  const expected = `no pod of the workload on ${refusing.join(', ') || 'a node that refuses it'}`
  const seen = wrong.length === 0 ? 'none in the model' : `some on ${wrong.join(', ')}`
  return { id: 'taints', holds: wrong.length === 0, expected, seen }
}

function drained({ machines, pods }: Cluster, { nodes: all }: Topology): Invariant {
  const empty = all.filter((node) => node.drained).map(({ name }) => name)
  const left = empty.flatMap((name) => pods.on(machines.get(name)))
  return {
    id: 'drained-control-plane',
    holds: left.length === 0,
    expected: `${empty.join(', ')} runs nothing of the workload`,
    seen: left.length === 0 ? 'nothing in the model' : left.map(({ name }) => name).join(', '),
  }
}

function etcdMembers({ etcd, machines }: Cluster): Invariant {
  const wanted = machines.controlPlanes.length
  return {
    id: 'etcd-members',
    holds: etcd.size === wanted && etcd.leader !== null,
    expected: `${wanted} members, one of which leads`,
    seen: `${etcd.size} members, led by ${etcd.leader ?? 'none'}, in the model`,
  }
}
