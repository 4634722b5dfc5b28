/**
 * Two nodes that carry copies lose their power at once, so that the store has too few of some; neither
 * is the one on which the database runs, which is there, and cannot read or write. Needs a store that
 * keeps several copies.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const storageQuorumLost: Scenario = {
  name: 'storage-quorum-lost',
  title: 'Replicated storage loses its quorum',
  whatIf: 'What if so many nodes are lost that most copies of a volume are gone?',
  needs: ['power', 'storage'],
  topologies: ['embedded-external-lb'],
  faults: [
    { id: 'worker-power', kind: 'power.kill', target: 'another-worker', group: 'two' },
    { id: 'control-plane-power', kind: 'power.kill', target: 'etcd-follower', group: 'two' },
  ],
  observeUntil: ['a-while'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
