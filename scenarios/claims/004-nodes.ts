/**
 * What document 004, kubeadm scaled out behind HAProxy, says of losing any of its machines: a node,
 * the load balancer, and a control plane whose routes lead astray.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { lineOf } from './load-balancer-lines.ts'
import {
  answeredIn,
  answeredText,
  countsOf,
  countText,
  heldSpan,
  hit,
  outagesIn,
  readsThroughLoadBalancer,
  spanOf,
  throughLoadBalancer,
  workloadVantages,
} from './reading.ts'

const anyNode: Claim = {
  id: '004-any-node',
  document: '004',
  says: 'The cluster tolerates the outage of any one node and goes on.',
  condition: 'One node is lost. A run speaks of the node that it hit, and of no other.',
  kubernetes: 'for a worker, after detection and toleration',
  scenarios: ['control-plane-reboot', 'control-plane-down', 'worker-down'],
  topologies: ['kubeadm-stacked'],
  accepted: [],
  judge(measurement) {
    const lost = hit(measurement)
    const held = heldSpan(measurement)
    const { vantage: id, recoveryMs } = measurement.recovery
    const vantage = measurement.vantages.find((one) => one.id === id)
    if (lost === null || held === null || vantage === undefined) return null
    const last = outagesIn(vantage, held).at(-1)
    const finding = {
      expected: 'the service is back while the node is still away',
      measured:
        last === undefined
          ? `${vantage.id} had no outage`
          : recoveryMs === null
            ? `${vantage.id} had not come back by the end of the run`
            : `${vantage.id} was good again ${formatInterval(recoveryMs)} after the fault`,
    }
    // A reboot ends by itself: there the service has only to be back.
    const untilMs = lost.kind === 'power.reboot' ? Number.POSITIVE_INFINITY : held.toMs
    if (last === undefined || (last.ended && last.endMs[1] <= untilMs)) {
      return {
        ...finding,
        verdict: 'confirmed',
        because:
          lost.role === 'worker'
            ? `without ${lost.node} its pods were started elsewhere, after detection and toleration`
            : `without ${lost.node} the other control planes kept quorum and answered`,
      }
    }
    return {
      ...finding,
      verdict: last.endMs[0] >= held.toMs ? 'contradicted' : 'undetermined',
      because: `${lost.node} was away for ${formatMs(held.toMs - held.fromMs)}, and the service was away until it was started again`,
    }
  },
}

const dataPlane: Claim = {
  id: '004-data-plane',
  document: '004',
  says: 'The load balancer carries no traffic of the workload.',
  condition:
    'The load balancer loses its power. Read as: no request to the workload fails, while none to the API through it is answered.',
  kubernetes: null,
  scenarios: ['load-balancer-down'],
  topologies: ['kubeadm-stacked'],
  accepted: [],
  judge(measurement) {
    const held = heldSpan(measurement)
    const away = spanOf(measurement, 'away')
    if (held === null || away === null) return null
    const workload = countsOf(away, workloadVantages(measurement))
    const api = countsOf(held, throughLoadBalancer(measurement))
    if (workload.samples === 0 || api.samples === 0) return null
    const healed = spanOf(measurement, 'healed')
    const later = healed === null ? 0 : countsOf(healed, workloadVantages(measurement)).failed
    const aftermath =
      later === 0
        ? ''
        : `; when it was back ${later} of the workload failed, for kubelets that could not report through it had left their nodes NotReady`
    const finding = {
      measured: `workload: ${countText(workload)}; API through the load balancer: ${answeredText(api)}`,
      expected: 'none of the workload fails, none of the API is answered',
    }
    if (answeredIn(api) > 0) {
      return {
        ...finding,
        verdict: 'undetermined',
        because: 'API requests were answered through it, so it was not wholly away',
      }
    }
    return workload.failed === 0
      ? {
          ...finding,
          verdict: 'confirmed',
          because: `clients of the workload go to the workers themselves; for the API it is a single point of failure${aftermath}`,
        }
      : {
          ...finding,
          verdict: 'contradicted',
          because: 'requests to the workload failed while the load balancer was away',
        }
  },
}

const subnetMask: Claim = {
  id: '004-subnet-mask',
  document: '004',
  says: 'A mistyped subnet mask makes a control plane send astray what it should answer: the load balancer loses it, until the mask is put right.',
  condition:
    'One control plane gets the route that a mask of /25 in place of /24 brings. Read as: DOWN while it is there, UP when it is gone.',
  kubernetes: null,
  scenarios: ['subnet-mask-typo'],
  topologies: ['kubeadm-stacked'],
  accepted: [],
  judge(measurement) {
    const lost = hit(measurement)
    const fault = measurement.faults[0]
    const held = heldSpan(measurement)
    const healed = spanOf(measurement, 'healed')
    const check = measurement.plan.topology.loadBalancer?.check
    if (lost === null || fault === undefined || held === null || healed === null) return null
    if (check === undefined) return null
    const down = lineOf(measurement, 'lb-down', lost.node, fault.injectedAtMs, held.toMs)
    const up = lineOf(measurement, 'lb-up', lost.node, held.toMs, Number.POSITIVE_INFINITY)
    const after = spanOf(measurement, 'after-ejection')
    const reads = readsThroughLoadBalancer(measurement)
    const kept =
      after === null ? '' : `, ${countText(countsOf(after, reads))} between DOWN and the heal`
    // A check that is never answered takes as long as the pause between two of them.
    const enoughMs = 2 * Math.max(check.fall, check.rise) * check.intervalMs
    const finding = {
      measured: `${down === null ? 'no DOWN line' : `DOWN ${formatMs(down.atMs - fault.injectedAtMs)} after the route`}, ${up === null ? 'no UP line' : `UP ${formatMs(up.atMs - held.toMs)} after it was gone`}${kept}`,
      expected: 'DOWN while the route is there, UP when it is gone',
    }
    if (down !== null && up !== null) {
      return {
        ...finding,
        verdict: 'confirmed',
        because: `${lost.node} sends its answers where nobody is, so checks and clients find it silent; the other two answer`,
      }
    }
    const span = down === null ? held : healed
    return span.toMs - span.fromMs < enoughMs
      ? { ...finding, verdict: 'undetermined', because: 'the run ended too early to tell' }
      : {
          ...finding,
          verdict: 'contradicted',
          because:
            down === null
              ? 'the load balancer reached it all the same'
              : 'it was not UP again although the route was gone',
        }
  },
}

export const claimsOfNodes: readonly Claim[] = [anyNode, dataPlane, subnetMask]
