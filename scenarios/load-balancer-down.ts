/**
 * The load balancer loses its power. The API servers live on behind it, and nobody finds them; the
 * workload never went that way.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const loadBalancerDown: Scenario = {
  name: 'load-balancer-down',
  title: 'The load balancer dies',
  whatIf: 'What if the only load balancer of the API servers loses its power?',
  needs: ['power', 'loadBalancer'],
  topologies: ['kubeadm-stacked'],
  faults: [{ id: 'load-balancer-power', kind: 'power.kill', target: 'load-balancer' }],
  observeUntil: ['api-lost', 'a-while'],
  settleUntil: ['every-vantage-good'],
}
