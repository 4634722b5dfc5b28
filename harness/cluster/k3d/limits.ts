/**
 * What k3s in k3d's containers cannot carry, said before anything is made, and what it does
 * otherwise than the documents, said beside every result. Pure.
 */
import type { Plan } from '../../model/plan.ts'
import type { FaultKind } from '../../model/scenario.ts'

/** One sentence for each reason for which this plan cannot be carried out on k3s. */
export function refusals({ topology, faults }: Plan): string[] {
  const reasons: string[] = []
  if (topology.imageRegistry) {
    reasons.push(
      `${topology.name} has an image registry on ${topology.imageRegistry.node}: k3s writes containerd's settings for registries anew whenever it starts, so those of an address that is known only once the nodes stand would not last`,
    )
  }
  for (const { id, kind } of faults) {
    if (kind === 'process.kubelet-stop') {
      reasons.push(
        `${id}: a kubelet of k3s cannot be stopped by itself, for it is part of the one process of its node`,
      )
    } else if (kind === 'network.route') {
      reasons.push(
        `${id}: network.route needs an \`ip\` that sets unreachable routes; the image of k3s has that of busybox at best, with which nobody has tried it`,
      )
    } else if (kind.startsWith('network.')) {
      reasons.push(`${id}: ${kind} needs nftables in the nodes, which the image of k3s has not`)
    } else {
      const reason = kubeadmAlone[kind]
      if (reason !== undefined) reasons.push(`${id}: ${kind} ${reason}`)
    }
  }
  return reasons
}

const membership =
  'goes by kubeadm and etcdctl, and the nodes of k3s have neither: they join by themselves whenever they start'
const snapshot =
  'takes what kubeadm keeps on a control plane and puts it back with etcdutl; k3s takes and restores snapshots of its own, in another way'

/** What a person does with tools that kubeadm's nodes have and those of k3s have not. */
const kubeadmAlone: Readonly<Partial<Record<FaultKind, string>>> = {
  'operator.eject': membership,
  'operator.join-together': membership,
  'operator.backup': snapshot,
  'operator.restore': snapshot,
  'operator.move-load-balancer':
    "writes another address into kubeadm's settings and certificates; the nodes of k3s ask no load balancer, for they find every API server by themselves",
}

export function differences({ topology, faults }: Plan): string[] {
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
  const said = [
    'k3s, in containers made by k3d, stands wherever kubeadm is named: the same components of Kubernetes and etcd, but all of a node in one process, which live and die together.',
    'The network of the pods is flannel with plain routes between the nodes.',
    'The DNS of the cluster has two replicas, which k3s puts on different nodes wherever they may run.',
  ]
  if (topology.loadBalancer) {
    said.push(
      'Clients reach the API through the load balancer; the nodes do not: those of k3s find every API server by themselves, and a control plane asks its own.',
    )
  } else if (controlPlanes.length > 1) {
    said.push('Workers ask the first control plane alone; every other control plane asks its own.')
  }
  if (topology.nodes.some(({ drained }) => drained)) {
    said.push(
      'Whenever a control plane starts, k3d lifts its cordon again; the taint that keeps the workload away stays.',
    )
  }
  if (faults.some(({ kind }) => kind === 'power.stop' || kind === 'power.reboot')) {
    said.push(
      'Where a node is shut down in order, k3d drains a control plane first, and ends the processes of a worker at once.',
    )
  }
  return said
}
