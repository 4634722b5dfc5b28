/**
 * Which vantage recovery and outage speak of: the service that was hit, seen by a way that was
 * not. A worker, a pod or a component: the save that was away longest of those that do not lead
 * through a lost node; a worker that carries reports alone: the report. A control plane, the load balancer, and a control plane made anew: reading
 * the API through the load balancer, or directly where there is none. Where both a control plane
 * and a worker were hit, or the link between sites, whichever of the two was away longer, for
 * either may be what a person misses.
 */
import type { Plan } from '../model/plan.ts'
import type { Outage } from '../model/record.ts'
import type { Interval } from '../model/units.ts'
import type { Vantage, VantageKind } from '../model/vantage.ts'
import {
  type FaultMoments,
  harmOf,
  hitsComponent,
  type Moments,
  type PrimaryMoments,
} from './moments.ts'
import type { VantageOutages } from './vantages.ts'

const judgedKinds: readonly VantageKind[] = ['save', 'report', 'api-read']

/** Whether any fault at all could be judged by it. */
export const isJudgeable = ({ kind, connection }: Pick<Vantage, 'kind' | 'connection'>): boolean =>
  connection === 'new' && judgedKinds.includes(kind)

/** Null when the run has none of that kind, or it was never probed. */
export function judgedVantage(
  plan: Plan,
  measured: readonly VantageOutages[],
  moments: Moments,
): VantageOutages | null {
  const { fault } = moments
  if (fault === null) return null
  const harm = harmOf(moments)
  const kinds = kindsHit(plan, moments, harm)
  const lost = new Set(harm.filter((one) => !hitsComponent(one)).map(({ node }) => node))
  const fresh = measured.filter((vantage) => isJudgeable(vantage) && vantage.samples > 0)
  const candidates = fresh.filter(({ kind, throughNode }) => {
    if (!kinds.includes(kind)) return false
    if (kind === 'api-read') return plan.topology.loadBalancer === null || throughNode === null
    return throughNode === null || !lost.has(throughNode)
  })
  return candidates.reduce<VantageOutages | null>(
    (longest, vantage) =>
      longest === null || awayMs(vantage, fault) > awayMs(longest, fault) ? vantage : longest,
    null,
  )
}

function kindsHit(
  { topology }: Plan,
  { faults }: Moments,
  harm: readonly FaultMoments[],
): VantageKind[] {
  if (faults.some(({ record }) => record.kind === 'operator.restore')) return ['api-read']
  if (harm.some(hitsComponent)) return ['save']
  const roles = new Set(harm.map(({ role }) => role))
  const reporting = topology.nodes.filter(({ only }) => only === 'reporting')
  if (harm.every(({ node }) => reporting.some(({ name }) => name === node))) return ['report']
  const workload = roles.has('worker') || roles.has('link')
  const api = roles.has('control-plane') || roles.has('load-balancer') || roles.has('link')
  return [...(workload ? (['save'] as const) : []), ...(api ? (['api-read'] as const) : [])]
}

const awayMs = (vantage: VantageOutages, fault: PrimaryMoments): number =>
  totalOf(outagesWhileHeld(vantage, fault), 0)[1]

/** Outages that the fault can have caused: over after the injection, begun before the heal. */
export function outagesWhileHeld(vantage: VantageOutages, fault: PrimaryMoments): Outage[] {
  return vantage.outages.filter(
    (outage) => outage.endMs[1] > fault.injectedAtMs && outage.startMs[0] < fault.healFromMs,
  )
}

/** None seen: none longer than the time between two probes. */
export function totalOf(outages: readonly Outage[], intervalMs: number): Interval {
  if (outages.length === 0) return [0, intervalMs]
  return outages.reduce<Interval>(
    (sum, { durationMs }) => [sum[0] + durationMs[0], sum[1] + durationMs[1]],
    [0, 0],
  )
}
