/**
 * The control plane that answered last loses its power and comes back. With two others behind a
 * load balancer the API is expected to stay (004); a single one takes the API with it (000), so
 * there the drill watches what goes on without it for as long as a lost node would be acted upon.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const controlPlaneDown: Scenario = {
  name: 'control-plane-down',
  title: 'A control plane dies',
  whatIf: 'What if the control plane that has just answered loses its power?',
  needs: ['power'],
  topologies: ['kubeadm-stacked', 'cx-worker-ha', 'k0s-three-zones', 'embedded-external-lb'],
  faults: [
    { id: 'control-plane-power', kind: 'power.kill', target: 'control-plane-that-answered-last' },
  ],
  observeUntil: ['lb-down', 'node-not-ready', 'vantages-good'],
  settleUntil: ['lb-up', 'node-ready', 'every-vantage-good'],
  on: {
    'cx-worker-ha': {
      // Not all comes back meanwhile: the floating IP is held by a Lease in the API.
      observeUntil: ['watched'],
      settleUntil: ['node-ready', 'every-vantage-good'],
    },
  },
}
