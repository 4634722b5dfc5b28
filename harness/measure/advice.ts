/**
 * Which setting would halve an outage, computed from how long each timer was waited for in it.
 * Each setting has a floor with its reason; where the floor is not low enough, that is said, and
 * the next one named. What no setting changes is said to be so.
 */
import type { Plan } from '../model/plan.ts'
import type { Outage } from '../model/record.ts'
import type { Timers } from '../model/timers.ts'
import { formatMs, secondMs } from '../model/units.ts'
import { type ChainLink, lengthOf, waitsOf } from './chain.ts'
import { checksFailedTimer, checksPassedTimer, masterDownTimer } from './cluster-steps.ts'
import type { Wait } from './found-step.ts'
import { backOffTimer } from './repair-steps.ts'

interface Setting {
  /** What to set, in words. */
  what: string
  floorMs: number
  /** Why no lower. */
  floorWhy: string
  wholeSeconds: boolean
  /** How to set it to that value, where that is not said by `what`. */
  how?: (ms: number) => string
}

/** Null for a wait that no setting shortens. */
function settingOf({ timer }: Wait, { timers, topology }: Plan): Setting | null {
  const check = topology.loadBalancer?.check
  switch (timer) {
    case 'unreachableTolerationMs':
      return {
        what: 'tolerationSeconds of node.kubernetes.io/unreachable in the pod template',
        floorMs: 0,
        floorWhy: 'pods move as soon as a node is silent, a short blip included',
        wholeSeconds: true,
      }
    case 'nodeMonitorGraceMs':
      return nodeGrace(timers)
    case 'leaderLeaseDurationMs':
      return {
        what: '--leader-elect-lease-duration',
        floorMs: timers.leaderRenewDeadlineMs,
        floorWhy: 'it must exceed the renew deadline, which would have to go down first',
        wholeSeconds: false,
      }
    case 'floatingIpLeaseDurationMs':
      return {
        what: 'the floating IP’s lease (vip_leaseduration)',
        floorMs: timers.floatingIpRenewDeadlineMs,
        floorWhy: 'it must exceed the renew deadline, which would have to go down first',
        wholeSeconds: true,
      }
    case masterDownTimer:
      return {
        what: 'keepalived’s silence before a takeover',
        floorMs: 0,
        floorWhy: 'three advertisements must be missed',
        wholeSeconds: false,
        how: (ms) => `advert_int ${formatMs(ms / 3)}`,
      }
    case checksFailedTimer:
    case checksPassedTimer:
      return check === undefined
        ? null
        : balancerChecks(timer === checksFailedTimer ? 'fall' : 'rise', check)
    default:
      return null
  }
}

/**
 * A kubelet renews its Lease at a quarter of its life (kubelet config v1beta1 defaults.go:151), so
 * that a grace of less than that life may be spent by a few late renewals.
 */
function nodeGrace({ nodeLeaseDurationMs }: Timers): Setting {
  return {
    what: '--node-monitor-grace-period of the controller manager',
    floorMs: nodeLeaseDurationMs,
    floorWhy: `a node’s Lease lives ${formatMs(nodeLeaseDurationMs)} and is renewed at a quarter of that`,
    wholeSeconds: false,
  }
}

/** One check that fails may be a hiccup, and a check more often than once a second mostly load. */
function balancerChecks(count: 'fall' | 'rise', check: { fall: number; rise: number }): Setting {
  const times = Math.min(2, check[count])
  return {
    what: `inter × ${count} of the load balancer’s check`,
    floorMs: times * secondMs,
    floorWhy: 'checks closer than a second are mostly load, and one alone may be a hiccup',
    wholeSeconds: false,
    how: (ms) => `inter ${formatMs(Math.floor(ms / times / 100) * 100)} with ${count} ${times}`,
  }
}

/** One or two sentences. `links` are those of the outage's chain. */
export function adviceOf(plan: Plan, links: readonly ChainLink[], outage: Outage): string {
  const outageMs = outage.endMs[1] - Math.max(outage.startMs[0], links[0]?.fromMs ?? 0)
  const halfMs = outageMs / 2
  const [first, second] = waitsOf(links)
  const byPersonMs = sum(links.filter(({ person }) => person))
  if (byPersonMs >= halfMs) {
    return `No setting halves it: for ${formatMs(byPersonMs)} it waited for a person; a restart that needs none would, or a second machine.`
  }
  if (first === undefined) return withoutTimer(links)
  if (first.wait.timer === backOffTimer) {
    return `No setting of the pod halves it: for ${formatMs(first.ms)} the kubelet backed off before the next restart; a second replica would hide it.`
  }
  const setting = settingOf(first.wait, plan)
  if (setting === null) return withoutTimer(links)
  const targetMs = rounded(first.wait.ms - halfMs, setting)
  const share = `${Math.round((100 * first.ms) / Math.max(1, outageMs))} %`
  if (targetMs > 0 && targetMs >= setting.floorMs && first.ms >= halfMs) {
    const value = setting.how?.(targetMs) ?? formatMs(targetMs)
    const floor = setting.floorMs > 0 ? `; no lower than ${formatMs(setting.floorMs)}, as` : '; but'
    return `To halve it, set ${setting.what} to ${value} in place of ${formatMs(first.wait.ms)}, which took ${share} of it${floor} ${setting.floorWhy}.`
  }
  const next = second === undefined ? null : settingOf(second.wait, plan)
  const nextWords =
    next === null || second === undefined
      ? 'the rest is work that no timer decides'
      : `next comes ${next.what}, ${formatMs(second.wait.ms)} now`
  return `No single setting halves it: ${setting.what}, ${formatMs(first.wait.ms)} now, took ${share} of it and goes no lower than ${formatMs(setting.floorMs)} (${setting.floorWhy}); ${nextWords}.`
}

function withoutTimer(links: readonly ChainLink[]): string {
  const longest = links.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0]
  return longest === undefined
    ? 'Nothing was waited for.'
    : `No setting halves it: no timer was waited for; most of it, ${formatMs(lengthOf(longest))}, went by until ${longest.name}.`
}

const sum = (links: readonly ChainLink[]): number =>
  links.reduce((total, link) => total + lengthOf(link), 0)

const rounded = (ms: number, { wholeSeconds }: Setting): number =>
  wholeSeconds ? Math.floor(ms / secondMs) * secondMs : Math.floor(ms / 100) * 100
