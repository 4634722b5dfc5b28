/**
 * Several masters without a load balancer, and the first of them loses its power: etcd keeps its
 * quorum, but every client and every node is sent to the master that is gone. Watched for as long as
 * a lost node would be acted upon.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const firstMasterDown: Scenario = {
  name: 'first-master-down',
  title: 'The first master dies, and there is no load balancer',
  whatIf: 'What if the master to which all traffic goes loses its power?',
  needs: ['power'],
  topologies: ['embedded-no-lb'],
  faults: [{ id: 'first-master-power', kind: 'power.kill', target: 'control-plane' }],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
