/**
 * A worker that was lost until its pods had moved comes back, and is watched for as long as a lost node
 * would be acted upon: whatever its return brings about would be seen by then.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const workerRestored: Scenario = {
  name: 'worker-restored',
  title: 'A worker comes back',
  whatIf: 'What if a worker whose pods have moved elsewhere comes back?',
  needs: ['power'],
  topologies: ['cx-worker-ha'],
  faults: [{ id: 'worker-power', kind: 'power.kill', target: 'worker-with-database' }],
  observeUntil: ['node-not-ready', 'workload-repaired', 'vantages-good'],
  settleUntil: ['node-ready', 'watched', 'every-vantage-good'],
}
