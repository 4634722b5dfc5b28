/**
 * Air-gapped, the images of the workload come from a registry on the primary master. It loses its power,
 * and a while later so does a worker, whose pods must then be pulled where nobody holds their images.
 */
import type { Scenario } from '../harness/model/scenario.ts'

export const registryHostDown: Scenario = {
  name: 'registry-host-down',
  title: 'The host of the image registry dies',
  whatIf: 'What if the primary master with the image registry is lost, and then a worker?',
  needs: ['power'],
  topologies: ['embedded-external-lb'],
  faults: [
    // No node has run everything yet: what it has not run it must pull.
    {
      id: 'images-forgotten',
      kind: 'operator.forget-images',
      target: 'node:master-1',
      lasting: true,
    },
    { id: 'registry-power', kind: 'power.kill', target: 'node:master-1' },
    {
      id: 'worker-power',
      kind: 'power.kill',
      target: 'worker-with-database',
      after: ['lb-down', 'a-while'],
    },
  ],
  observeUntil: ['node-not-ready', 'watched'],
  settleUntil: ['node-ready', 'every-vantage-good'],
}
