/**
 * The worker that runs the database loses its power, stays away until its pods are Ready elsewhere, and
 * comes back. Document 000 gives it a row of its own; 004 promises to tolerate it; 001 adds what a
 * person does then: delete by force what is stuck on the lost worker.
 */
import type { Course, Scenario } from '../harness/model/scenario.ts'

const personDeletes: Course['faults'] = [
  { id: 'worker-power', kind: 'power.kill', target: 'worker-with-database' },
  {
    id: 'stuck-pods',
    kind: 'operator.force-delete',
    target: 'hit-node',
    after: ['node-not-ready', 'watched'],
  },
]

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
    'cx-worker-ha-local': { observeUntil: ['node-not-ready', 'watched'] },
    // Its database is a StatefulSet, and waits for the person.
    'cx-worker-ha-metallb': { faults: personDeletes },
    // Both at once: deleted by force, and still bound to the lost disk.
    'cx-worker-ha-metallb-local': {
      faults: personDeletes,
      observeUntil: ['node-not-ready', 'a-while'],
    },
  },
  targets: {
    'cx-worker-ha': ['worker-a', 'worker-b'],
    'kubeadm-stacked': ['cka-wk-1', 'cka-wk-2', 'cka-wk-3'],
    'cx-worker-ha-metallb': ['another-worker', 'reporting'],
  },
}
