/**
 * The worker that holds the floating IP loses its power. Another one is expected to take it over;
 * what runs on the lost worker moves as it would from any other.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const vipHolderDown: Scenario = {
  name: 'vip-holder-down',
  title: 'The holder of the floating IP dies',
  whatIf: 'What if the worker that holds the floating IP loses its power?',
  needs: ['power'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [{ id: 'holder-power', kind: 'power.kill', target: 'floating-ip-holder' }],
  observeUntil: ['node-not-ready', 'workload-repaired', 'vantages-good'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
