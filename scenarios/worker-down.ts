/**
 * The worker that runs the database loses its power, stays away until its pods are Ready
 * elsewhere, and comes back. Document 000 gives it a row of its own; 004 promises to tolerate it.
 */
import type { Course, Scenario } from '../harness/model/scenario.ts'

const onLocalStorage: Partial<Course> = {
  observeUntil: ['node-not-ready', 'watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}

export const workerDown: Scenario = {
  name: 'worker-down',
  title: 'A worker dies',
  whatIf: 'What if the worker that runs the database loses its power?',
  needs: ['power'],
  topologies: [
    'cx-worker-ha',
    'kubeadm-stacked',
    'cx-worker-ha-local',
    'cx-worker-ha-metallb',
    'cx-worker-ha-metallb-local',
    'embedded-external-lb',
    'embedded-no-lb',
  ],
  faults: [{ id: 'worker-power', kind: 'power.kill', target: 'worker-with-database' }],
  observeUntil: ['node-not-ready', 'workload-repaired', 'vantages-good'],
  settleUntil: ['node-ready', 'every-vantage-good'],
  on: {
    // The database is bound to the disk of the worker that was lost, and cannot be repaired.
    'cx-worker-ha-local': onLocalStorage,
    'cx-worker-ha-metallb-local': onLocalStorage,
  },
}
