/**
 * The control plane that answered last is rebooted, as document 004 does it: it shuts down in order, its
 * kernel refuses connections meanwhile, and it comes back by itself.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const controlPlaneReboot: Scenario = {
  name: 'control-plane-reboot',
  title: 'The active control plane is rebooted',
  whatIf: 'What if the control plane that has just answered is rebooted?',
  needs: ['power'],
  topologies: ['kubeadm-stacked'],
  faults: [
    {
      id: 'control-plane-reboot',
      kind: 'power.reboot',
      target: 'control-plane-that-answered-last',
    },
  ],
  observeUntil: ['lb-down'],
  settleUntil: ['lb-up', 'node-ready', 'every-vantage-good'],
  targets: { 'kubeadm-stacked': ['etcd-leader'] },
}
