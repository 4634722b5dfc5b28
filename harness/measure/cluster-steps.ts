/**
 * Steps that the cluster as a whole takes: faults and their undoing, elections, who answers for
 * the floating IP, and what the load balancer says of the control planes that were hit.
 */
import { floatingIpLease, ownersIn } from '../model/event.ts'
import { speakerDeadMs } from '../model/memberlist.ts'
import type { Plan } from '../model/plan.ts'
import { groupsOf } from '../model/scenario.ts'
import { formatMs } from '../model/units.ts'
import { type Found, whileHeld } from './found-step.ts'
import type { History } from './history.ts'
import { type FaultMoments, hitsComponent, type PrimaryMoments } from './moments.ts'

/** Each fault, named by its id where there are several, and each group's heal. */
export function faultSteps(faults: readonly FaultMoments[]): Found[] {
  const several = faults.length > 1
  const begun = faults.map(({ record, injectedAtMs }): Found => {
    const { id, kind, target, role } = record
    return {
      name: 'fault',
      atMs: injectedAtMs,
      cause: `${several ? `${id}: ` : ''}${kind} of ${target} (${role})`,
    }
  })
  return [...begun, ...healSteps(faults)]
}

/** A container and a deleted pod are seen to come back by themselves; a person's doing stays. */
function healSteps(faults: readonly FaultMoments[]): Found[] {
  const undone = faults.filter(
    (fault) =>
      fault.record.undoneAtMs !== null &&
      fault.record.lasting !== true &&
      !fault.intervention &&
      !hitsComponent(fault),
  )
  return undoneTogether(undone).flatMap((group): Found[] => {
    const [first] = group
    if (first === undefined) return []
    const { kind } = first.record
    const undoneMs = Math.max(...group.map(({ record }) => record.undoneAtMs ?? 0))
    const targets = group.map(({ node }) => node).join(' and ')
    if (kind === 'power.reboot') {
      return [{ name: 'healed', atMs: undoneMs, cause: `${kind} of ${targets} is over by itself` }]
    }
    const atMs = Math.min(...group.map(({ healFromMs }) => healFromMs))
    const provenMs = Math.max(0, undoneMs - atMs)
    const cause = `${kind} of ${targets} undone, proven within ${formatMs(provenMs)}`
    return [{ name: 'healed', atMs, cause }]
  })
}

/** By group; each alone where the group is undone one after another. */
function undoneTogether(faults: readonly FaultMoments[]): FaultMoments[][] {
  const named = faults.map((fault) => ({
    id: fault.record.id,
    group: fault.plan?.group,
    fault,
  }))
  return groupsOf(named).flatMap((members) => {
    const group = members.map(({ fault }) => fault)
    const inTurn = group.some(({ plan }) => plan?.afterUndo !== undefined)
    return inTurn ? group.map((fault) => [fault]) : [group]
  })
}

/** Elections from the fault on; with the last undo they are the business of the recovery no more. */
export function leaderSteps(
  { timers }: Plan,
  history: History,
  faults: readonly FaultMoments[],
  fault: PrimaryMoments,
): Found[] {
  const lease = formatMs(timers.leaderLeaseDurationMs)
  const retry = formatMs(timers.leaderRetryPeriodMs)
  const untilMs = Math.max(...faults.map(({ healFromMs }) => healFromMs))
  return history
    .firstOfEach('leader-changed', { afterMs: fault.injectedAtMs, untilMs })
    .filter(({ subject }) => subject !== floatingIpLease)
    .map((event) => ({
      name: 'leader-elected',
      atMs: event.atMs,
      cause: `${event.subject}, ${event.detail}: lease of ${lease} lapsed (leader-elect-lease-duration), tried for every ${retry}`,
      wait: { timer: 'leaderLeaseDurationMs', ms: timers.leaderLeaseDurationMs },
    }))
}

/**
 * keepalived misses three advertisements of a second before it takes over (keepalived's default
 * `advert_int`, VRRP's master-down interval without its skew).
 */
const masterDownMs = 3_000
export const masterDownTimer = 'VRRP master-down interval'

/** Every change of who answers for the floating IP while the fault held. */
export function addressSteps(
  { topology, timers }: Plan,
  history: History,
  fault: FaultMoments,
): Found[] {
  const lease = formatMs(timers.floatingIpLeaseDurationMs)
  const deadline = formatMs(timers.floatingIpRenewDeadlineMs)
  const { documented, sharedBy } = topology.floatingIp ?? {}
  const byLease = documented === 'kube-vip'
  const byGossip = sharedBy === 'memberlist'
  const { afterMs = 0, untilMs = 0 } = whileHeld(fault)
  return history.events
    .filter(({ name, atMs }) => name === 'floating-ip-owner' && atMs > afterMs && atMs <= untilMs)
    .map(({ atMs, subject, detail }): Found => {
      const [owner, ...others] = ownersIn(detail)
      if (owner === undefined) {
        const gone = byLease ? ` (given up after ${deadline} without a renewal, if not lost)` : ''
        return { name: 'address-silent', atMs, cause: `nobody answers for ${subject}${gone}` }
      }
      if (others.length > 0) {
        return { name: 'address-doubled', atMs, cause: `${detail} all answer for ${subject}` }
      }
      const silence = byGossip
        ? ': memberlist took the last owner for dead'
        : ', after three silent seconds'
      const why = byLease ? `: the Lease of ${lease} had lapsed` : silence
      return {
        name: 'address-taken',
        atMs,
        cause: `${owner} answers for ${subject}${why}`,
        wait: byLease
          ? { timer: 'floatingIpLeaseDurationMs', ms: timers.floatingIpLeaseDurationMs }
          : byGossip
            ? { timer: 'memberlist probe and suspicion', ms: speakerDeadMs[0] }
            : { timer: masterDownTimer, ms: masterDownMs },
      }
    })
}

export const checksFailedTimer = 'load balancer inter × fall'
export const checksPassedTimer = 'load balancer inter × rise'

/** DOWN and UP of each control plane that was hit, and the moment in which none was left. */
export function loadBalancerSteps(
  plan: Plan,
  history: History,
  faults: readonly FaultMoments[],
): Found[] {
  const check = plan.topology.loadBalancer?.check
  if (check === undefined) return []
  const inter = formatMs(check.intervalMs)
  const hit = faults.filter(({ role }) => role === 'control-plane')
  const several = hit.length > 1
  const seen = hit.flatMap((fault): Found[] => {
    const server = several ? `${fault.node}: ` : ''
    const down = history.first('lb-down', { subject: fault.node, ...whileHeld(fault) })
    const upAfterMs = isOver(fault) ? (down?.atMs ?? fault.injectedAtMs) : fault.healFromMs
    const up = history.first('lb-up', { subject: fault.node, afterMs: upAfterMs })
    const found: Found[] = []
    if (down !== null) {
      found.push({
        name: 'lb-down',
        atMs: down.atMs,
        cause: `${server}${check.fall} checks failed in a row, one every ${inter} (fall × inter): ${down.detail}`,
        wait: { timer: checksFailedTimer, ms: check.fall * check.intervalMs },
      })
    }
    if (up !== null) {
      found.push({
        name: 'lb-up',
        atMs: up.atMs,
        cause: `${server}${check.rise} checks passed in a row, one every ${inter} (rise × inter): ${up.detail}`,
        wait: { timer: checksPassedTimer, ms: check.rise * check.intervalMs },
      })
    }
    return found
  })
  return [...seen, ...emptySteps(history, faults)]
}

function emptySteps(history: History, faults: readonly FaultMoments[]): Found[] {
  const fromMs = Math.min(...faults.map(({ injectedAtMs }) => injectedAtMs))
  const untilMs = Math.max(...faults.map(({ healFromMs }) => healFromMs))
  const empty = history.first('lb-empty', { afterMs: fromMs, untilMs })
  if (empty === null) return []
  return [
    {
      name: 'lb-empty',
      atMs: empty.atMs,
      cause: `the load balancer has no server left to send to: ${empty.detail}`,
    },
  ]
}

/** A reboot comes back while it is watched, before any heal. */
export const isOver = ({ record }: FaultMoments): boolean => record.kind === 'power.reboot'
