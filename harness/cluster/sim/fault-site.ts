/** All that a fault has to do with in the model, and what can be seen of a machine from outside. */
import type { Clock } from '../../model/clock.ts'
import type { FaultPlan } from '../../model/scenario.ts'
import type { Evidence, Target } from '../port.ts'
import type { Cluster } from './cluster.ts'
import type { Machine } from './machines.ts'
import type { Pod } from './pods.ts'

export interface FaultSite {
  fault: FaultPlan
  target: Target
  cluster: Cluster
  clock: Clock
  /** Where its undo belongs. */
  at: { provider: 'sim'; cluster: string; node: string }
}

/** Throws a RangeError where no machine is hit. */
export const machineOf = ({ target, cluster }: FaultSite): Machine =>
  cluster.machines.get(target.node ?? target.name)

/** The pod of the fault's component on that machine. Throws a RangeError where there is none. */
export function podOf(site: FaultSite): Pod {
  const component = site.fault.component ?? 'database'
  const machine = machineOf(site)
  const pod = site.cluster.pods.on(machine).find(({ owner }) => owner.component === component)
  if (!pod) throw new RangeError(`no ${component} runs on ${machine.name}`)
  return pod
}

export const evidence = (state: Evidence['state'], text: string): Evidence => ({ state, text })

export function alive(machine: Machine): Evidence {
  return machine.power === 'on'
    ? evidence('well', `${machine.name} answers`)
    : evidence('broken', `${machine.name} is silent`)
}
