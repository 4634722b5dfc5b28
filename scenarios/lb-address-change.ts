/**
 * The API moves to another address: from the first master to a load balancer, or from one load balancer
 * to another. Certificates are made anew and the nodes join there. Uses the cluster up.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const lbAddressChange: Scenario = {
  name: 'lb-address-change',
  title: 'The API moves to another address',
  whatIf: 'What if the API is to be reached at a load balancer, or at another one?',
  needs: ['loadBalancer'],
  topologies: ['embedded-no-lb', 'embedded-external-lb'],
  faults: [
    {
      id: 'address-change',
      kind: 'operator.move-load-balancer',
      target: 'control-plane',
      lasting: true,
    },
  ],
  observeUntil: ['vantages-good', 'a-while'],
  settleUntil: ['vantages-good'],
}
