/**
 * One of three zones is lost, and with it a controller that is a worker too: the one that leads etcd,
 * or with `--target` one that follows.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const controllerZoneDown: Scenario = {
  name: 'controller-zone-down',
  title: 'A zone with a controller is lost',
  whatIf: 'What if the zone of the controller that leads etcd loses its power?',
  needs: ['power', 'etcd'],
  topologies: ['k0s-three-zones'],
  faults: [{ id: 'controller-power', kind: 'power.kill', target: 'etcd-leader' }],
  observeUntil: ['lb-down', 'node-not-ready', 'vantages-good'],
  settleUntil: ['lb-up', 'node-ready', 'every-vantage-good'],
  targets: { 'k0s-three-zones': ['etcd-follower'] },
}
