/** All that a fault has to do with in the model, and what can be seen of a machine from outside. */
import type { Clock } from '../../model/clock.ts'
import type { Facts } from '../../model/record.ts'
import type { FaultPlan } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle, Target } from '../port.ts'
import { drawMs, type Spread } from './calibration.ts'
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

/** An undo that nobody need do. */
export const none = ({ at }: FaultSite, why: string): UndoAction => ({ kind: 'none', ...at, why })
/** It cannot be undone: the cluster is used up. */
const spend = ({ at }: FaultSite, why: string): UndoAction => ({
  kind: 'cluster.spend',
  ...at,
  why,
})

/** Somebody is at it for as long as that was measured to take. */
export async function work({ cluster, clock, fault }: FaultSite, spread: Spread): Promise<void> {
  const ms = drawMs(cluster.scene.chance(`person ${fault.id}`), spread)
  await clock.sleepUntil(clock.nowMs() + ms)
}

/** What lasts is seen by what it changed, which `seen` says in words; null while it is not so. */
export function lasting(
  site: FaultSite,
  why: string,
  seen: () => string | null,
  act: (facts: Facts) => Promise<void>,
): FaultHandle {
  const facts: Facts = {}
  return {
    undo: spend(site, why),
    facts: async () => facts,
    look: async (moment) => {
      if (moment === 'before') {
        return site.target.node === null
          ? evidence('well', `${site.target.name} is as it was`)
          : alive(machineOf(site))
      }
      const text = seen()
      if (text === null) return evidence('unclear', 'not done yet')
      return evidence(moment === 'after' ? 'well' : 'broken', text)
    },
    inject: async () => {
      facts.beganAtMs = Math.round(site.clock.nowMs())
      await act(facts)
    },
  }
}
