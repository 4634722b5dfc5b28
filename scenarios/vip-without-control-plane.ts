/**
 * The only control plane loses its power, and the floating IP is watched for as long as a lost node
 * would be acted upon: an address that is held by a Lease in the API cannot be renewed, one on which
 * the workers agree among themselves can.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const vipWithoutControlPlane: Scenario = {
  name: 'vip-without-control-plane',
  title: 'The floating IP without a control plane',
  whatIf: 'What if the only control plane is away: who answers for the floating IP?',
  needs: ['power'],
  topologies: ['cx-worker-ha', 'cx-worker-ha-metallb'],
  faults: [{ id: 'control-plane-power', kind: 'power.kill', target: 'control-plane' }],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
