/**
 * What document 003, embedded Kubernetes in high availability mode, says of its load balancer: what
 * it does for the API servers, and what happens without one.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { formatMs } from '../../harness/model/units.ts'
import {
  countsOf,
  countText,
  darkestMs,
  goneMs,
  heldSpan,
  hit,
  readsThroughLoadBalancer,
  spanOf,
} from './reading.ts'

const loadBalancer: Claim = {
  id: '003-lb',
  document: '003',
  says: 'A TCP load balancer with a TCP check spreads the API traffic over all healthy masters.',
  condition:
    'One of three masters loses its power and comes back. Read as: between DOWN and the heal no read through the load balancer fails, and after it they never all fail for a second.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: ['embedded-external-lb'],
  accepted: [],
  judge(measurement) {
    const before = spanOf(measurement, 'before-ejection')
    const after = spanOf(measurement, 'after-ejection')
    const healed = spanOf(measurement, 'healed')
    const reads = readsThroughLoadBalancer(measurement)
    if (before === null || after === null || healed === null) return null
    const ejected = countsOf(after, reads)
    const back = countsOf(healed, reads)
    if (ejected.samples === 0 || back.samples === 0) return null
    const finding = {
      measured: `${countText(countsOf(before, reads))} before DOWN, ${countText(ejected)} after it, ${countText(back)} after the heal`,
      expected: 'none fails once the lost master is DOWN, and not all when it is back',
    }
    const early =
      back.failed === 0
        ? ''
        : '; when it came back some failed, for a TCP check passes as soon as the port is open, which is before the API server is ready'
    if (ejected.failed === 0 && darkestMs(reads, healed)[1] <= goneMs) {
      return {
        ...finding,
        verdict: 'confirmed',
        because: `traffic went to the other masters ${formatMs(before.toMs - before.fromMs)} after the fault, and to all of them again when the check passed${early}`,
      }
    }
    return {
      ...finding,
      verdict: 'contradicted',
      because:
        ejected.failed > 0
          ? 'requests failed although the lost master was DOWN'
          : `none was answered for more than ${formatMs(goneMs)}${early}`,
    }
  },
}

const noLoadBalancer: Claim = {
  id: '003-no-lb',
  document: '003',
  says: 'Without a load balancer all traffic goes to the first master.',
  condition: 'The first of three masters loses its power, so that etcd keeps its quorum.',
  kubernetes: null,
  scenarios: ['first-master-down'],
  topologies: ['embedded-no-lb'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const lost = hit(measurement)
    if (held === null || lost?.role !== 'control-plane') return null
    const api = measurement.vantages.filter(({ kind }) => kind.startsWith('api-'))
    const first = countsOf(
      held,
      api.filter(({ throughNode }) => throughNode === lost.node),
    )
    const others = countsOf(
      held,
      api.filter(({ throughNode }) => throughNode !== null && throughNode !== lost.node),
    )
    if (first.samples === 0 || others.samples === 0) return null
    const answered = first.samples - first.failed
    const silentNodes = new Set(
      measurement.events.flatMap(({ name, subject, atMs }) =>
        name === 'node-not-ready' && atMs > held.fromMs && atMs < held.toMs ? [subject] : [],
      ),
    )
    return {
      verdict: answered === 0 && others.failed < others.samples ? 'confirmed' : 'contradicted',
      measured: `${answered} of ${first.samples} requests to the endpoint were answered, ${others.samples - others.failed} of ${others.samples} by the other masters; ${silentNodes.size} of ${measurement.plan.topology.nodes.length} nodes went NotReady`,
      expected: 'none by the endpoint, which is the first master',
      because:
        answered === 0
          ? `clients and kubelets know ${lost.node} alone, though etcd keeps its quorum without it`
          : 'the endpoint answered although its machine was lost',
    }
  },
}

export const claims003: readonly Claim[] = [loadBalancer, noLoadBalancer]
