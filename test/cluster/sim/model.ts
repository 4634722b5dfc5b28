/**
 * A simulated cluster of any shape at the real timers, with the log of what it told, for tests that
 * break it by hand and let virtual time pass.
 */
import type { Cluster } from '../../../harness/cluster/sim/cluster.ts'
import { type SimOptions, SimSession } from '../../../harness/cluster/sim/session.ts'
import type { DrillEvent } from '../../../harness/model/event.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import type { Pace } from '../../../harness/model/timers.ts'
import type { Topology } from '../../../harness/model/topology.ts'
import { planOf } from '../../support/plan-of.ts'

export interface Model {
  session: SimSession
  cluster: Cluster
  events: DrillEvent[]
  /** Lets so much virtual time pass. */
  pass(ms: number): void
  nowMs(): number
  /** When that was first told since the model began; null: not yet. */
  toldAtMs(name: DrillEvent['name'], subject: string, detail?: RegExp): number | null
}

export interface Shape {
  /** Default: `cx-worker-ha`. */
  topology?: string
  change?(topology: Topology): Topology
  pace?: Pace
  kubernetes?: string
  seed?: number
  allocatable?: SimOptions['allocatable']
}

export function modelOf({
  topology = 'cx-worker-ha',
  change,
  pace,
  kubernetes,
  seed = 1,
  allocatable,
}: Shape = {}): Model {
  const usual = planOf(topology, pace, [], kubernetes)
  const plan: Plan = { ...usual, seed, topology: change?.(usual.topology) ?? usual.topology }
  const session = new SimSession(plan, new Date(0), { allocatable })
  const events: DrillEvent[] = []
  void session.watch((event) => events.push(event))
  const { cluster } = session
  const { queue } = cluster.scene
  return {
    session,
    cluster,
    events,
    pass: (ms) => queue.runUntil(queue.nowMs + ms),
    nowMs: () => queue.nowMs,
    toldAtMs: (name, subject, detail) =>
      events.find(
        (event) =>
          event.name === name && event.subject === subject && (detail?.test(event.detail) ?? true),
      )?.atMs ?? null,
  }
}

/** One control plane, and workers in one zone of their own, in the place of the documented nodes. */
export function withWorkers(count: number): (topology: Topology) => Topology {
  return (topology) => {
    const workers = Array.from({ length: count }, (_, index) => ({
      ...{ name: `worker-${index + 1}`, role: 'worker' as const, site: 'site-b' },
      schedulable: true,
    }))
    const { floatingIp: _, ...rest } = topology
    return { ...rest, nodes: [...topology.nodes.slice(0, 1), ...workers] }
  }
}

export const noExecute = /unreachable:NoExecute/
