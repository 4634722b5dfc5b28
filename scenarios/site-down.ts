/**
 * One of two sites is lost as a whole: that of the control plane, with a worker beside it, or with
 * `--target` the other. Watched for as long as a lost node would be acted upon, since one of the two
 * leaves nobody to do so.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const siteDown: Scenario = {
  name: 'site-down',
  title: 'A site is lost',
  whatIf: 'What if the site with the control plane and a worker loses its power?',
  needs: ['power'],
  topologies: ['cx-worker-ha'],
  faults: [{ id: 'site-power', kind: 'power.kill', target: 'site:site-a' }],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
  targets: { 'cx-worker-ha': ['site-b'] },
}
