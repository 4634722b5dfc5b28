/**
 * A mistyped mask on a worker makes the first control plane learn a route that leads astray, as in
 * document 004: machines that it should reach are silent to it, until the mask is put right.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const subnetMaskTypo: Scenario = {
  name: 'subnet-mask-typo',
  title: 'A mistyped subnet mask',
  whatIf: 'What if a mask of /25 in place of /24 gives a control plane a route that leads astray?',
  needs: ['network', 'loadBalancer'],
  topologies: ['kubeadm-stacked'],
  faults: [{ id: 'astray-route', kind: 'network.route', target: 'node:cka-cp-1' }],
  observeUntil: ['lb-down', 'vantages-good'],
  settleUntil: ['lb-up', 'every-vantage-good'],
}
