/**
 * What document 004, kubeadm scaled out behind HAProxy, says of its failover test. The document
 * reboots the control plane; other drills cut its power, which is harder on clients, since a silent
 * address answers nothing where a rebooting kernel refuses. Each claim says what follows.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { lineOf } from './load-balancer-lines.ts'
import {
  countsOf,
  countText,
  darkestMs,
  fits,
  heldSpan,
  hit,
  invariantOf,
  readsThroughLoadBalancer,
  spanOf,
} from './reading.ts'

const onlyBehindLoadBalancer = ['kubeadm-stacked'] as const

const failover: Claim = {
  id: '004-failover',
  document: '004',
  says: 'When the active control plane goes, kubectl keeps answering.',
  condition:
    'One of three control planes behind HAProxy is rebooted, or its power is cut, which is harder. Read as: reads through the load balancer never all fail for as long as HAProxy waits for a connection, and none fails between DOWN and the heal; a reboot has no heal, and some may fail while its API server starts.',
  kubernetes: null,
  scenarios: ['control-plane-reboot', 'control-plane-down'],
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
    const reboot = hit(measurement)?.kind === 'power.reboot'
    if (sent.samples === 0 || (ejected.samples === 0 && !reboot)) return null
    const back = countsOf(healed, reads)
    const dark = darkestMs(reads, { ...before, toMs: healed.toMs })
    const answering = fits(dark, [0, patienceMs])
    const spilled = !reboot && ejected.failed > 0
    const verdict = spilled ? 'contradicted' : answering
    const because = {
      confirmed: `the load balancer sent every third connection to the lost server until its checks had failed, ${formatMs(before.toMs - before.fromMs)} after the fault, and the other two answered`,
      contradicted: spilled
        ? 'requests failed although HAProxy had taken the lost server out'
        : 'for a while every connection failed, not only those to the lost server',
      undetermined: `the stretch without an answer, ${formatInterval(dark)}, may or may not have lasted ${formatMs(patienceMs)}`,
    }[verdict]
    return {
      verdict,
      measured: `${countText(sent)} before DOWN, ${countText(ejected)} after it, ${countText(back)} after the heal; all failed together for ${formatInterval(dark)} at the worst`,
      expected: `never all for ${formatMs(patienceMs)} (timeout connect)${reboot ? '' : ', and none after DOWN'}`,
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
  scenarios: ['control-plane-reboot', 'control-plane-down'],
  topologies: onlyBehindLoadBalancer,
  accepted: [],
  judge(measurement) {
    const lost = hit(measurement)
    const fault = measurement.faults[0]
    const held = heldSpan(measurement)
    const check = measurement.plan.topology.loadBalancer?.check
    if (lost === null || fault === undefined || held === null || check === undefined) return null
    const reboot = lost.kind === 'power.reboot'
    const forever = Number.POSITIVE_INFINITY
    const down = lineOf(
      measurement,
      'lb-down',
      lost.node,
      fault.injectedAtMs,
      reboot ? forever : held.toMs,
    )
    // A reboot ends by itself, whenever the heal began.
    const upFromMs = reboot ? (down?.atMs ?? held.toMs) : held.toMs
    const up = lineOf(measurement, 'lb-up', lost.node, upFromMs, forever)
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
    const upText = (atMs: number) =>
      reboot
        ? `UP ${formatMs(atMs - fault.injectedAtMs)} after it`
        : `UP ${formatMs(atMs - held.toMs)} after the heal began`
    const refused = /refused/i.test(down.detail)
    const passed = /check passed/i.test(up.detail)
    const reasonAsked = lost.kind === 'power.reboot' || lost.kind === 'power.stop'
    return {
      verdict: passed && (refused || !reasonAsked) ? 'confirmed' : 'contradicted',
      measured: `DOWN ${formatMs(down.atMs - fault.injectedAtMs)} after the fault (${down.detail}), ${upText(up.atMs)} (${up.detail}), ${formatMs(up.atMs - down.atMs)} between them`,
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
    'One of three control planes is rebooted, or its power is cut. Read as: some request begun before HAProxy said DOWN took longer than a slow one may, whether it was answered or given up.',
  kubernetes: null,
  scenarios: ['control-plane-reboot', 'control-plane-down'],
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

/** A place where etcd was looked at, and did answer. */
const toldOfEtcd = (place: string): boolean =>
  place.startsWith('etcd') &&
  !/not looked at|could not be looked|no member answered|no answer/.test(place)

const etcd: Claim = {
  id: '004-etcd',
  document: '004',
  says: 'etcd holds the data on all three members, and one of them leads.',
  condition:
    'Before one of three control planes is rebooted, and when it is back. Read as: three voting members, no two truths afterwards, and no acknowledged write gone.',
  kubernetes: null,
  scenarios: ['control-plane-reboot'],
  topologies: onlyBehindLoadBalancer,
  accepted: [],
  judge(measurement) {
    const members = invariantOf(measurement, 'etcd-members')
    const { splitBrain, integrity } = measurement
    const told = splitBrain?.looked.some(toldOfEtcd) ?? false
    if (members === null || splitBrain === null || !told) return null
    const writes = integrity.apiWrites
    const lost = writes?.lost ?? 0
    const finding = {
      measured: `${members.seen}; afterwards looked at ${splitBrain.looked.join(', ')}: ${splitBrain.found.join('; ') || 'one truth'}; ${writes === null ? 'no API write was counted' : `${lost} of ${writes.acknowledged} acknowledged API writes are gone`}`,
      expected: `${members.expected}; one truth, and every acknowledged write`,
    }
    const wrong = [
      ...(members.holds ? [] : ['etcd had other members than it should before the reboot']),
      ...splitBrain.found,
      ...(lost > 0 ? ['writes were acknowledged and are gone'] : []),
    ]
    const leader = /lead/.test(measurement.faults[0]?.role ?? '')
    return wrong.length > 0
      ? { ...finding, verdict: 'contradicted', because: wrong.join('; ') }
      : {
          ...finding,
          verdict: 'confirmed',
          because: `${leader ? 'a leader that is shut down in order hands over' : 'the others are a majority without it'}, and the member that is back takes from the leader what it missed`,
        }
  },
}

export const claims004: readonly Claim[] = [failover, downAndUp, slow, etcd]
