/**
 * What a plan asks of a provider: the needs of its scenario, and those of its faults and targets,
 * which `--target` may have changed. Pure.
 */
import type { Plan } from '../model/plan.ts'
import type { Capability, FaultPlan } from '../model/scenario.ts'

type Asking = Pick<Plan, 'scenario' | 'topology' | 'faults'>

/** Capabilities without which the plan cannot be played, each once; empty: it can. */
export function missingCapabilities(
  plan: Asking,
  available: ReadonlySet<Capability>,
): Capability[] {
  const wanted = [
    ...plan.scenario.needs,
    ...plan.faults.flatMap((fault) => needsOf(fault, plan.topology.loadBalancer?.name ?? null)),
  ]
  return [...new Set(wanted)].filter((capability) => !available.has(capability))
}

/** An intervention needs what its scenario says, for a person does more than one thing. */
function needsOf({ kind, target }: FaultPlan, balancer: string | null): Capability[] {
  const needs: Capability[] = []
  if (kind.startsWith('power.')) needs.push('power')
  if (kind.startsWith('process.')) needs.push('process')
  if (kind.startsWith('network.')) needs.push('network')
  if (target === 'load-balancer' || target === `node:${balancer}`) needs.push('loadBalancer')
  if (target === 'floating-ip-holder') needs.push('floatingIp')
  if (target === 'etcd-leader' || target === 'etcd-follower') needs.push('etcd')
  return needs
}
