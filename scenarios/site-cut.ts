/**
 * The link between the two sites is cut, and every machine lives on. Each side may believe that the
 * other is gone: two could then answer for one floating IP.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const siteCut: Scenario = {
  name: 'site-cut',
  title: 'Two sites lose sight of each other',
  whatIf: 'What if the link between the two sites is cut, and both live on?',
  needs: ['network', 'floatingIp'],
  topologies: ['cx-worker-ha'],
  faults: [{ id: 'link-cut', kind: 'network.cut', target: 'link:site-a/site-b' }],
  observeUntil: ['watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
