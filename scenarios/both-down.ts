/**
 * The only control plane and the worker that runs the database lose their power at once. Nobody is left
 * to act on it, so it is watched for as long as a lost worker would be acted upon; then the control
 * plane comes back alone, and all its clocks begin anew before the worker does.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const bothDown: Scenario = {
  name: 'both-down',
  title: 'A worker and the only control plane die',
  whatIf: 'What if the worker that runs the database is lost together with the only control plane?',
  needs: ['power'],
  topologies: ['cx-worker-ha'],
  faults: [
    { id: 'worker-power', kind: 'power.kill', target: 'worker-with-database', group: 'both' },
    {
      id: 'control-plane-power',
      kind: 'power.kill',
      target: 'control-plane',
      group: 'both',
      afterUndo: ['node-not-ready', 'workload-repaired'],
    },
  ],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
