/**
 * Two workers that carry copies of the same volumes lose their power at once, so that the store has no
 * majority of them. Needs a store that keeps several copies.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const storageQuorumLost: Scenario = {
  name: 'storage-quorum-lost',
  title: 'Replicated storage loses its quorum',
  whatIf: 'What if so many workers are lost that most copies of a volume are gone?',
  needs: ['power', 'storage'],
  topologies: ['embedded-external-lb'],
  faults: [
    { id: 'worker-power', kind: 'power.kill', target: 'worker-with-database', group: 'workers' },
    { id: 'other-worker-power', kind: 'power.kill', target: 'another-worker', group: 'workers' },
  ],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
