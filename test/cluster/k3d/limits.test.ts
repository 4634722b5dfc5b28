/** What k3s cannot carry is said at once, and what it does otherwise is said beside the results. */
import { describe, expect, it } from 'vitest'
import { K3dDistribution } from '../../../harness/cluster/k3d/distribution.ts'
import { differences, refusals } from '../../../harness/cluster/k3d/limits.ts'
import type { K3dTools } from '../../../harness/cluster/k3d/tools.ts'
import type { FaultKind, FaultPlan } from '../../../harness/model/scenario.ts'
import { topologies } from '../../../topologies/index.ts'
import { planOf } from '../../support/plan-of.ts'

const faulty = (topology: string, ...kinds: FaultKind[]) => ({
  ...planOf(topology),
  faults: kinds.map((kind): FaultPlan => ({ id: `by ${kind}`, kind, target: 'control-plane' })),
})

describe('what is refused', () => {
  it('are image registries, and nothing else of the documented topologies', () => {
    const refused = topologies.filter(
      (topology) => refusals({ ...planOf('cx-worker-ha'), topology }).length > 0,
    )
    expect(refused.map(({ name }) => name)).toEqual(['embedded-external-lb', 'embedded-no-lb'])
  })

  it('is told with all its reasons, each a sentence', () => {
    expect(
      refusals(faulty('embedded-no-lb', 'process.kubelet-stop', 'network.cut', 'power.kill')),
    ).toEqual([
      "embedded-no-lb has an image registry on master-1: k3s writes containerd's settings for registries anew whenever it starts, so those of an address that is known only once the nodes stand would not last",
      'by process.kubelet-stop: a kubelet of k3s cannot be stopped by itself, for it is part of the one process of its node',
      'by network.cut: network.cut needs nftables in the nodes, which the image of k3s has not',
    ])
  })
})

describe('what a person does', () => {
  it('is refused where it needs what kubeadm brings', () => {
    const kinds = [
      ...(['operator.eject', 'operator.join-together', 'operator.backup'] as const),
      ...(['operator.restore', 'operator.move-load-balancer'] as const),
    ]
    const reasons = refusals(faulty('cx-worker-ha', ...kinds))
    expect(reasons.map((reason) => reason.slice(0, reason.indexOf(':')))).toEqual(
      kinds.map((kind) => `by ${kind}`),
    )
    expect(reasons[0]).toBe(
      'by operator.eject: operator.eject goes by kubeadm and etcdctl, and the nodes of k3s have neither: they join by themselves whenever they start',
    )
  })

  it('is not refused where kubectl and the engine do it', () => {
    const kinds = ['operator.pod-delete', 'operator.force-delete', 'power.stop'] as const
    expect(refusals(faulty('cx-worker-ha', ...kinds))).toEqual([])
  })
})

it('a route astray is refused for another reason than nftables', () => {
  expect(refusals(faulty('cx-worker-ha', 'network.route'))).toEqual([
    'by network.route: network.route needs an `ip` that sets unreachable routes; the image of k3s has that of busybox at best, with which nobody has tried it',
  ])
})

it('etcd cannot be asked where there is no etcdctl to give to the nodes', () => {
  const lacks = (etcdctl: string | null) =>
    new K3dDistribution({ k3d: '/bin/k3d', etcdctl } as K3dTools).lacks
  expect(lacks('/bin/etcdctl')).toEqual(['network'])
  expect(lacks(null)).toEqual(['network', 'etcd'])
})

describe('what is otherwise', () => {
  const [always = '', ...andAlways] = [
    'k3s, in containers made by k3d, stands wherever kubeadm is named: the same components of Kubernetes and etcd, but all of a node in one process, which live and die together.',
    'The network of the pods is flannel with plain routes between the nodes.',
    'The DNS of the cluster has two replicas, which k3s puts on different nodes wherever they may run.',
  ]
  const balanced =
    'Clients reach the API through the load balancer; the nodes do not: those of k3s find every API server by themselves, and a control plane asks its own.'

  it('is said of every topology', () => {
    expect(differences(planOf('cx-worker-ha'))).toEqual([always, ...andAlways])
    expect(differences(planOf('kubeadm-stacked'))).toEqual([always, ...andAlways, balanced])
  })

  it('is said of what a topology or a fault has beside that', () => {
    expect(differences(planOf('embedded-no-lb')).at(-1)).toBe(
      'Workers ask the first control plane alone; every other control plane asks its own.',
    )
    expect(differences(planOf('cx-worker-ha-metallb')).at(-1)).toBe(
      'Whenever a control plane starts, k3d lifts its cordon again; the taint that keeps the workload away stays.',
    )
    expect(differences(faulty('cx-worker-ha', 'power.reboot')).at(-1)).toBe(
      'Where a node is shut down in order, k3d drains a control plane first, and ends the processes of a worker at once.',
    )
  })
})
