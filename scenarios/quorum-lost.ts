/**
 * Two of three controllers lose their power at once, so that etcd has no majority. Nothing answers that
 * by itself; watched for a while.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const quorumLost: Scenario = {
  name: 'quorum-lost',
  title: 'Two of three controllers are lost',
  whatIf: 'What if two of three zones lose their power at once?',
  needs: ['power', 'etcd'],
  topologies: ['k0s-three-zones'],
  faults: [
    { id: 'leader-power', kind: 'power.kill', target: 'etcd-leader', group: 'two' },
    { id: 'follower-power', kind: 'power.kill', target: 'etcd-follower', group: 'two' },
  ],
  observeUntil: ['api-lost', 'a-while'],
  settleUntil: ['lb-up', 'node-ready', 'every-vantage-good'],
}
