/**
 * The database's pod is deleted in order, as a roll-out or a drain would; its node stays. Watched until
 * another is Ready and clients are served again.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const podDown: Scenario = {
  name: 'pod-down',
  title: 'A pod goes',
  whatIf: 'What if the only pod of the database is deleted?',
  needs: ['process'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [
    {
      id: 'database-pod',
      kind: 'operator.pod-delete',
      target: 'worker-with-database',
      component: 'database',
    },
  ],
  observeUntil: ['workload-whole', 'vantages-good'],
  settleUntil: ['every-vantage-good'],
}
