/**
 * The database is killed inside its pod, and once more when it is back: the pod stays, the kubelet
 * starts the container again, at once the first time and after a pause the second.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const componentDown: Scenario = {
  name: 'component-down',
  title: 'A component inside a pod dies, twice',
  whatIf: 'What if the database is killed inside its pod, and again as soon as it is back?',
  needs: ['process'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [
    {
      id: 'database-killed',
      kind: 'process.container-kill',
      target: 'worker-with-database',
      component: 'database',
    },
    {
      id: 'database-killed-again',
      kind: 'process.container-kill',
      target: 'worker-with-database',
      component: 'database',
      after: ['workload-whole', 'vantages-good'],
    },
  ],
  observeUntil: ['workload-whole', 'vantages-good'],
  // Long enough to say that the application works normally again.
  settleUntil: ['a-while', 'every-vantage-good'],
}
