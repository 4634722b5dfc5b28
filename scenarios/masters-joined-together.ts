/**
 * Two masters that were taken out join again at the same time, both at the one that is left. Uses the
 * cluster up.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const mastersJoinedTogether: Scenario = {
  name: 'masters-joined-together',
  title: 'Two masters join at once',
  whatIf: 'What if two masters are joined to the first at the same time?',
  needs: ['etcd'],
  topologies: ['embedded-external-lb'],
  faults: [{ id: 'join', kind: 'operator.join-together', target: 'control-plane', lasting: true }],
  observeUntil: ['vantages-good', 'a-while'],
  settleUntil: ['vantages-good'],
}
