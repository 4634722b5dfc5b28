/**
 * Document 003 without a load balancer: several masters, and all traffic to the first of them.
 */
import type { Topology } from '../harness/model/topology.ts'
import { embeddedExternalLb } from './embedded-external-lb.ts'

export const embeddedNoLb: Topology = {
  ...embeddedExternalLb,
  name: 'embedded-no-lb',
  title: 'Embedded Kubernetes, air-gapped: three masters, all traffic to the first',
  loadBalancer: null,
  differences: embeddedExternalLb.differences.filter(
    (sentence) => !sentence.includes('load balancer'),
  ),
}
