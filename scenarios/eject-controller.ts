/**
 * A controller is taken out in order: cordoned, drained, its node deleted, its etcd member removed. Uses
 * the cluster up.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const ejectController: Scenario = {
  name: 'eject-controller',
  title: 'A controller is ejected',
  whatIf: 'What if a controller is taken out of the cluster for good, as documented?',
  needs: ['etcd'],
  topologies: ['k0s-three-zones'],
  faults: [{ id: 'ejection', kind: 'operator.eject', target: 'etcd-follower', lasting: true }],
  observeUntil: ['workload-whole', 'vantages-good', 'a-while'],
  settleUntil: ['vantages-good'],
}
