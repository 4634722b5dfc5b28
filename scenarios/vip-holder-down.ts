/**
 * The worker that holds the floating IP loses its power, and another one is expected to take it over.
 * What ran on the lost worker is not waited for: `worker-down` is about that.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const vipHolderDown: Scenario = {
  name: 'vip-holder-down',
  title: 'The holder of the floating IP dies',
  whatIf: 'What if the worker that holds the floating IP loses its power?',
  needs: ['power'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [{ id: 'holder-power', kind: 'power.kill', target: 'floating-ip-holder' }],
  observeUntil: ['node-not-ready', 'a-while'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
