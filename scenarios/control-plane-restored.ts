/**
 * The only control plane was away for a while, did not start again by itself, and a person starts it:
 * timed from there to the first write that it accepts.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const controlPlaneRestored: Scenario = {
  name: 'control-plane-restored',
  title: 'The only control plane comes back',
  whatIf: 'What if somebody starts the only control plane again: how soon does it take changes?',
  needs: ['power'],
  topologies: ['cx-worker-ha'],
  faults: [{ id: 'control-plane-power', kind: 'power.kill', target: 'control-plane' }],
  observeUntil: ['api-lost', 'a-while'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
