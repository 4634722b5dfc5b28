/**
 * The worker that runs the database loses its power, stays away until its pods are Ready
 * elsewhere, and comes back. Document 000 gives it a row of its own; 004 promises to tolerate it.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const workerDown: Scenario = {
  name: 'worker-down',
  title: 'A worker dies',
  whatIf: 'What if the worker that runs the database loses its power?',
  needs: ['power'],
  topologies: ['cx-worker-ha', 'kubeadm-stacked'],
  faults: [{ id: 'worker-power', kind: 'power.kill', target: 'worker-with-database' }],
  observeUntil: ['node-not-ready', 'workload-repaired', 'vantages-good'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
