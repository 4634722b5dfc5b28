/**
 * What document 004, kubeadm scaled out behind HAProxy, says of its failover test. The document
 * reboots the control plane; these drills cut its power, which is harder on clients, since a
 * silent address answers nothing where a rebooting kernel refuses. Each claim says what follows.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { DrillEvent, EventName } from '../../harness/model/event.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import {
  countsOf,
  countText,
  darkestMs,
  fits,
  heldSpan,
  hit,
  outagesIn,
  readsThroughLoadBalancer,
  spanOf,
} from './reading.ts'

const onlyBehindLoadBalancer = ['kubeadm-stacked'] as const

const failover: Claim = {
  id: '004-failover',
  document: '004',
  says: 'When the active control plane goes, kubectl keeps answering.',
  condition:
    'One of three control planes behind HAProxy is rebooted; here its power is cut, which is harder. Read as: reads through the load balancer never all fail for as long as HAProxy waits for a connection, and none fails between DOWN and the heal.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: onlyBehindLoadBalancer,
  accepted: [],
  judge(measurement) {
    const before = spanOf(measurement, 'before-ejection')
    const after = spanOf(measurement, 'after-ejection')
    const reads = readsThroughLoadBalancer(measurement)
    const healed = spanOf(measurement, 'healed')
    const patienceMs = measurement.plan.topology.loadBalancer?.timeouts.connectMs
    if (before === null || after === null || healed === null || patienceMs === undefined)
      return null
    const sent = countsOf(before, reads)
    const ejected = countsOf(after, reads)
    if (sent.samples === 0 || ejected.samples === 0) return null
    const back = countsOf(healed, reads)
    const dark = darkestMs(reads, { ...before, toMs: healed.toMs })
    const answering = fits(dark, [0, patienceMs])
    const verdict = ejected.failed > 0 ? 'contradicted' : answering
    const because = {
      confirmed: `HAProxy sent every third connection to the lost server until its checks had failed, ${formatMs(before.toMs - before.fromMs)} after the fault, and the other two answered`,
      contradicted:
        ejected.failed > 0
          ? 'requests failed although HAProxy had taken the lost server out'
          : 'for a while every connection failed, not only those to the lost server',
      undetermined: `the stretch without an answer, ${formatInterval(dark)}, may or may not have lasted ${formatMs(patienceMs)}`,
    }[verdict]
    return {
      verdict,
      measured: `${countText(sent)} before DOWN, ${countText(ejected)} after it, ${countText(back)} after the heal; all failed together for ${formatInterval(dark)} at the worst`,
      expected: `never all for ${formatMs(patienceMs)} (timeout connect), and none after DOWN`,
      because,
    }
  },
}

const downAndUp: Claim = {
  id: '004-down-up',
  document: '004',
  says: 'HAProxy logs the lost server DOWN, and later UP because its check passed.',
  condition:
    'One of three control planes is rebooted. The reason given with DOWN, connection refused, belongs to a reboot and is judged only there: after a power cut the address goes silent.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: onlyBehindLoadBalancer,
  accepted: [],
  judge(measurement) {
    const lost = hit(measurement)
    const fault = measurement.faults[0]
    const held = heldSpan(measurement)
    const check = measurement.plan.topology.loadBalancer?.check
    if (lost === null || fault === undefined || held === null || check === undefined) return null
    const down = lineOf(measurement, 'lb-down', lost.node, fault.injectedAtMs, held.toMs)
    const up = lineOf(measurement, 'lb-up', lost.node, held.toMs, Number.POSITIVE_INFINITY)
    const expected = `DOWN after ${check.fall} failed checks, one every ${formatMs(check.intervalMs)}; UP with 'check passed' after the heal`
    if (down === null || up === null) {
      // A check that is never answered takes as long as the pause between two of them.
      const enoughMs = 2 * check.fall * check.intervalMs
      const waitedMs =
        down === null
          ? held.toMs - fault.injectedAtMs
          : (spanOf(measurement, 'healed')?.toMs ?? held.toMs) - held.toMs
      return {
        verdict: waitedMs >= enoughMs && down === null ? 'contradicted' : 'undetermined',
        measured: `no ${down === null ? 'DOWN' : 'UP'} line of ${lost.node} in ${formatMs(waitedMs)}`,
        expected,
        because:
          down === null && waitedMs >= enoughMs
            ? `its checks had ${formatMs(waitedMs)} to fail`
            : 'the run ended too early to tell',
      }
    }
    const refused = /refused/i.test(down.detail)
    const passed = /check passed/i.test(up.detail)
    const reasonAsked = lost.kind === 'power.reboot' || lost.kind === 'power.stop'
    return {
      verdict: passed && (refused || !reasonAsked) ? 'confirmed' : 'contradicted',
      measured: `DOWN ${formatMs(down.atMs - fault.injectedAtMs)} after the fault (${down.detail}), UP ${formatMs(up.atMs - held.toMs)} after the heal began (${up.detail}), ${formatMs(up.atMs - down.atMs)} between them`,
      expected,
      because: reasonAsked
        ? `the kernel of a machine that shuts down in order ${refused ? 'refused' : 'did not refuse'} the check`
        : 'after a power cut nothing refuses a connection, so the reason of DOWN is not held against the document',
    }
  },
}

const slow: Claim = {
  id: '004-slow',
  document: '004',
  says: 'A request during the failover took seconds.',
  condition:
    'One of three control planes is rebooted; here its power is cut. Read as: some request begun before HAProxy said DOWN took longer than a slow one may, whether it was answered or given up.',
  kubernetes: null,
  scenarios: ['control-plane-down'],
  topologies: onlyBehindLoadBalancer,
  accepted: [],
  judge(measurement) {
    const before = spanOf(measurement, 'before-ejection')
    const loadBalancer = measurement.plan.topology.loadBalancer
    const reads = readsThroughLoadBalancer(measurement)
    if (before === null || loadBalancer === null || reads.length === 0) return null
    const count = countsOf(before, reads)
    if (count.worstMs === null) return null
    const { slowMs, timeoutMs } = measurement.plan.probe
    return {
      verdict: count.worstMs > slowMs ? 'confirmed' : 'contradicted',
      measured: `the longest request took ${formatMs(count.worstMs)}; ${countText(count)}`,
      expected: `longer than ${formatMs(slowMs)}`,
      because: `a connection to the lost server is tried for ${formatMs(loadBalancer.timeouts.connectMs)} (timeout connect), up to ${loadBalancer.retries} times more; a probe gives up after ${formatMs(timeoutMs.api)}`,
    }
  },
}

const anyNode: Claim = {
  id: '004-any-node',
  document: '004',
  says: 'The cluster tolerates the outage of any one node and goes on.',
  condition: 'One node is lost. A run speaks of the node that it hit, and of no other.',
  kubernetes: 'for a worker, after detection and toleration',
  scenarios: ['control-plane-down', 'worker-down'],
  topologies: onlyBehindLoadBalancer,
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
    if (last === undefined || (last.ended && last.endMs[1] <= held.toMs)) {
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

function lineOf(
  measurement: Measurement,
  name: EventName,
  subject: string,
  afterMs: number,
  untilMs: number,
): DrillEvent | null {
  const lines = measurement.events.filter(
    (event) =>
      event.name === name &&
      event.subject === subject &&
      event.atMs > afterMs &&
      event.atMs <= untilMs,
  )
  return lines.sort((a, b) => a.atMs - b.atMs)[0] ?? null
}

export const claims004: readonly Claim[] = [failover, downAndUp, slow, anyNode]
