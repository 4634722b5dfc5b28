/**
 * A backup is taken off the cluster, the only control plane is lost for good, and it is made anew from
 * that backup on a worker of the other site. Uses the cluster up.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const controlPlaneRebuild: Scenario = {
  name: 'control-plane-rebuild',
  title: 'The control plane is made anew from a backup',
  whatIf: 'What if the only control plane is lost for good, and made anew from its last backup?',
  needs: ['power', 'etcd'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [
    { id: 'backup', kind: 'operator.backup', target: 'control-plane' },
    // A while later, so that something is written that no backup has.
    {
      id: 'control-plane-power',
      kind: 'power.kill',
      target: 'control-plane',
      after: ['a-while'],
      lasting: true,
    },
    {
      id: 'restore',
      kind: 'operator.restore',
      target: 'worker-at-another-site',
      after: ['api-lost', 'a-while'],
      lasting: true,
    },
  ],
  observeUntil: ['workload-whole', 'vantages-good'],
  settleUntil: ['a-while', 'workload-whole', 'vantages-good'],
}
