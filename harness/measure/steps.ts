/**
 * The chain from the fault to the service being back, and to the nodes being back, as named steps
 * with the timer or the step that each one waited for. Only the slowest workload component is
 * followed: the others were through before it.
 */
import type { Plan } from '../model/plan.ts'
import type { Step } from '../model/record.ts'
import { formatMs } from '../model/units.ts'
import { addressSteps, faultSteps, leaderSteps, loadBalancerSteps } from './cluster-steps.ts'
import { type Found, stepNames } from './found-step.ts'
import type { History } from './history.ts'
import { type FaultMoments, hitsComponent, type Moments, type PrimaryMoments } from './moments.ts'
import { nodeSteps } from './node-steps.ts'
import { containerSteps, repairSteps } from './repair-steps.ts'
import { type ComponentRepair, slowestOf } from './replacements.ts'

export interface ServiceReturn {
  vantage: string
  /** When the first good request after its last outage was sent. */
  atMs: number
  /** When that request was answered. */
  answeredAtMs: number
}

/** Every step but the service's return, in order; the component followed is the one given. */
export function foundSteps(
  plan: Plan,
  history: History,
  moments: Moments,
  fault: PrimaryMoments,
  repair: ComponentRepair | null,
): Found[] {
  const { faults } = moments
  const nodes = nodesHit(faults)
  return inOrder([
    ...faultSteps(faults),
    ...leaderSteps(plan, history, faults, fault),
    ...addressSteps(plan, history, fault),
    ...loadBalancerSteps(plan, history, nodes),
    ...nodes.flatMap((node) => nodeSteps(plan, history, node, nodes.length > 1)),
    ...repairSteps(plan, history, faults, repair),
    ...containerSteps(history, faults),
  ])
}

/** In order of time; where two fall together, in the order of `stepNames`. */
export function stepsOf(
  plan: Plan,
  history: History,
  moments: Moments,
  fault: PrimaryMoments,
  repairs: readonly ComponentRepair[],
  service: ServiceReturn | null,
): Step[] {
  const found = foundSteps(plan, history, moments, fault, slowestOf(repairs))
  if (service !== null) found.push(serviceStep(service, found))
  return inOrder(found).map(({ name, atMs, cause }) => ({
    name,
    atMs,
    sinceFaultMs: atMs - fault.injectedAtMs,
    cause,
  }))
}

export function inOrder(found: readonly Found[]): Found[] {
  return found.toSorted(
    (a, b) => a.atMs - b.atMs || stepNames.indexOf(a.name) - stepNames.indexOf(b.name),
  )
}

/** One fault for each node that was hit; what a person did to a lost node is not its loss. */
function nodesHit(faults: readonly FaultMoments[]): FaultMoments[] {
  const byNode = new Map<string, FaultMoments>()
  const harmFirst = [
    ...faults.filter(({ intervention }) => !intervention),
    ...faults.filter(({ intervention }) => intervention),
  ]
  for (const fault of harmFirst) {
    const isNode = fault.role === 'worker' || fault.role === 'control-plane'
    if (isNode && !hitsComponent(fault) && !byNode.has(fault.node)) byNode.set(fault.node, fault)
  }
  return [...byNode.values()]
}

/** The last probe sent to a server that is then marked DOWN may have left just before. */
const ejectionWithinMs = 500

/** True when the request that was answered first had been sent before, and waited for, the heal. */
export function waitedFor(service: ServiceReturn, heal: Found): boolean {
  return service.atMs <= heal.atMs && service.answeredAtMs >= heal.atMs
}

/** True when the outage ended as the load balancer took the lost server out. */
export function endedByEjection(service: ServiceReturn, found: readonly Found[]): boolean {
  return found.some(
    ({ name, atMs }) => name === 'lb-down' && Math.abs(atMs - service.atMs) <= ejectionWithinMs,
  )
}

export function serviceStep(service: ServiceReturn, found: readonly Found[]): Found {
  const step = (why: string): Found => ({
    name: 'service-available',
    atMs: service.atMs,
    cause: `${service.vantage} answers again and stays good${why}`,
  })
  if (endedByEjection(service, found)) {
    return step(', as the load balancer sends nothing more to the lost server')
  }
  const heal = found.find((one) => one.name === 'healed' && waitedFor(service, one))
  if (heal !== undefined) {
    return step(
      `: the request was sent ${formatMs(heal.atMs - service.atMs)} before the heal, and waited for it`,
    )
  }
  const before = found
    .filter((one) => one.atMs <= service.atMs)
    .reduce<Found | null>(
      (latest, one) => (latest === null || one.atMs >= latest.atMs ? one : latest),
      null,
    )
  return step(
    before === null ? '' : `, ${formatMs(service.atMs - before.atMs)} after ${before.name}`,
  )
}
