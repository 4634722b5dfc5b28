/**
 * Why the longest outage of the judged vantage lasted as long as it did: a chain without a gap
 * from the fault to the service being back, made of the steps that lie on the way of this vantage.
 * Each link says what it waited for, and its share of the whole. A step that comes after the
 * outage had ended is no cause of it, and is left out.
 */
import type { Plan } from '../model/plan.ts'
import type { Explanation, Outage, Recovery, VantageMeasure } from '../model/record.ts'
import { formatMs } from '../model/units.ts'
import { adviceOf } from './advice.ts'
import { type ChainLink, joined, lengthOf, waitsOf } from './chain.ts'
import { type Found, type StepName, stepNames } from './found-step.ts'
import type { History } from './history.ts'
import { outagesWhileHeld } from './judged-vantage.ts'
import { type FaultMoments, groupWith, type Moments, type PrimaryMoments } from './moments.ts'
import { type AnsweredAt, workloadRepairs } from './recovery.ts'
import { fittedNowhere, lastRepairedBy, slowestOf } from './replacements.ts'
import {
  endedByEjection,
  foundSteps,
  inOrder,
  type ServiceReturn,
  serviceStep,
  waitedFor,
} from './steps.ts'

const onTheWayOf: Readonly<Record<'workload' | 'api', ReadonlySet<StepName>>> = {
  workload: new Set(
    stepNames.filter((name) => !name.startsWith('lb-') && name !== 'service-available'),
  ),
  api: new Set<StepName>(['fault', 'lb-down', 'lb-empty', 'healed', 'lb-up']),
}

/** Watches tell of a pod a little after clients have found it. */
const toldLateMs = 1_000

/** Null when nothing was away. */
export function explanationOf(
  plan: Plan,
  recovery: Recovery,
  moments: Moments,
  history: History,
  measured: readonly VantageMeasure[],
  answeredAt: AnsweredAt,
): Explanation | null {
  const { fault } = moments
  const vantage = measured.find(({ id }) => id === recovery.vantage)
  if (fault === null || vantage === undefined) return null
  const outage = longestOf(outagesWhileHeld(vantage, fault))
  if (outage === null) return null
  const links = chainOf(plan, moments, fault, history, vantage, outage, answeredAt)
  const totalMs = links.reduce((sum, link) => sum + lengthOf(link), 0)
  if (totalMs <= 0) return null
  return {
    vantage: vantage.id,
    outageMs: outage.durationMs,
    links: links.map((link) => ({
      name: link.name,
      fromMs: link.fromMs,
      toMs: link.toMs,
      share: lengthOf(link) / totalMs,
      cause: link.cause,
      timer: link.wait?.timer ?? null,
    })),
    dominating: dominatingOf(links, totalMs),
    advice: adviceOf(plan, links, outage),
  }
}

function longestOf(outages: readonly Outage[]): Outage | null {
  return outages.reduce<Outage | null>(
    (longest, one) =>
      longest === null || one.durationMs[1] > longest.durationMs[1] ? one : longest,
    null,
  )
}

function chainOf(
  plan: Plan,
  moments: Moments,
  primary: PrimaryMoments,
  history: History,
  vantage: VantageMeasure,
  outage: Outage,
  answeredAt: AnsweredAt,
): ChainLink[] {
  const failedAtMs = answeredAt(vantage.id, outage.startMs[1])
  const begun = groupBefore(outage, failedAtMs, moments, primary)
  const fromMs = Math.min(...begun.map(({ injectedAtMs }) => injectedAtMs))
  const toMs = outage.endMs[1]
  const repairs = workloadRepairs(history, moments)
  const repair =
    fittedNowhere(history, repairs, primary.injectedAtMs, toMs + toldLateMs) ??
    lastRepairedBy(repairs, toMs + toldLateMs) ??
    slowestOf(repairs)
  const all = foundSteps(plan, history, moments, primary, repair)
  const same = new Set(begun.map(({ injectedAtMs }) => injectedAtMs))
  const onTheWay = all.filter(
    (step) =>
      isOnTheWay(step, plan, vantage, moments) && !(step.name === 'fault' && same.has(step.atMs)),
  )
  const service = { vantage: vantage.id, atMs: toMs, answeredAtMs: answeredAt(vantage.id, toMs) }
  const ejected = endedByEjection(service, onTheWay)
  const between = onTheWay
    .map((step) => (ejected && step.name === 'lb-down' ? clipped(step, toMs) : step))
    .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
  const links = [
    ...inOrder(decisive(between, heal(service, onTheWay))).map((step) => linkTo(step, moments)),
    ...firstFailure(outage, fromMs),
    outage.ended ? lastLink(service, onTheWay, between) : notBack(toMs),
  ].toSorted((a, b) => a.toMs - b.toMs)
  return joined(links, fromMs)
}

/** The heal for which the request that was answered first had waited; null: it had not. */
function heal(service: ServiceReturn, onTheWay: readonly Found[]): Found | null {
  if (endedByEjection(service, onTheWay)) return null
  return onTheWay.find((step) => step.name === 'healed' && waitedFor(service, step)) ?? null
}

/** What the load balancer did before the heal did not end what the heal ended. */
function decisive(between: readonly Found[], last: Found | null): Found[] {
  const healedMs = Math.max(
    last?.atMs ?? Number.NEGATIVE_INFINITY,
    ...between.filter(({ name }) => name === 'healed').map(({ atMs }) => atMs),
  )
  return between.filter(({ name, atMs }) => !name.startsWith('lb-') || atMs > healedMs)
}

/** A request that was on its way when the fault came fails too, and soon. */
const onItsWayMs = 1_000

/** The faults, injected at once, after which the outage began; its first failure came then. */
function groupBefore(
  outage: Outage,
  failedAtMs: number,
  { faults }: Moments,
  primary: PrimaryMoments,
): readonly FaultMoments[] {
  const latestMs = Math.min(failedAtMs, outage.startMs[1] + onItsWayMs)
  const before = faults.filter(
    ({ injectedAtMs }) => injectedAtMs >= primary.injectedAtMs && injectedAtMs <= latestMs,
  )
  const last = before.at(-1)
  return last === undefined ? primary.group : groupWith(last, faults)
}

function isOnTheWay(
  { name }: Found,
  { topology }: Plan,
  { kind, throughNode }: VantageMeasure,
  { faults }: Moments,
): boolean {
  const api = kind === 'api-read' || kind === 'api-write'
  if (!onTheWayOf[api ? 'api' : 'workload'].has(name)) return false
  if (name.startsWith('address-')) return topology.floatingIp !== undefined && throughNode === null
  if (name === 'leader-elected') return faults.some(({ role }) => role === 'control-plane')
  return true
}

const clipped = (step: Found, toMs: number): Found => ({
  ...step,
  atMs: Math.min(step.atMs, toMs),
})

function linkTo({ name, atMs, cause, wait }: Found, { faults }: Moments): ChainLink {
  const done = faults.find((fault) => name === 'fault' && fault.injectedAtMs === atMs)
  const ending = name === 'healed' && !cause.endsWith('by itself')
  const until = ending ? 'until it was healed: ' : done?.intervention ? 'until it was done: ' : ''
  return {
    name,
    fromMs: atMs,
    toMs: atMs,
    cause: `${until}${cause}`,
    wait: wait ?? null,
    person: until !== '',
  }
}

/** Where requests went on being answered for a while after the fault. */
function firstFailure({ startMs }: Outage, faultMs: number): ChainLink[] {
  if (startMs[0] <= faultMs) return []
  const toMs = startMs[1]
  const cause = `requests were still answered for ${formatMs(toMs - faultMs)} after the fault`
  return [{ name: 'first-failure', fromMs: toMs, toMs, cause, wait: null, person: false }]
}

function lastLink(
  service: ServiceReturn,
  onTheWay: readonly Found[],
  between: readonly Found[],
): ChainLink {
  const healed = heal(service, onTheWay)
  const waited = healed !== null
  const { cause } = serviceStep(service, waited ? [healed] : between)
  return {
    name: 'service-available',
    fromMs: service.atMs,
    toMs: service.atMs,
    cause: waited ? `until it was healed: ${cause}` : cause,
    wait: null,
    person: waited,
  }
}

const notBack = (toMs: number): ChainLink => ({
  name: 'run-ended',
  fromMs: toMs,
  toMs,
  cause: 'no request was answered again before the run ended',
  wait: null,
  person: false,
})

/** The timer that was waited for longest, unless something that is no timer took longer. */
function dominatingOf(links: readonly ChainLink[], totalMs: number): Explanation['dominating'] {
  const [first] = waitsOf(links)
  if (first === undefined) return null
  const other = Math.max(0, ...links.filter(({ wait }) => wait === null).map(lengthOf))
  if (other > first.ms) return null
  return { timer: first.wait.timer, ms: first.ms, share: first.ms / totalMs }
}
