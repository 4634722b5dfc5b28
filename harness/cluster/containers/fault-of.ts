/**
 * From a planned fault and its target to the handle that does it: on a link, a route, the load
 * balancer, a node, or by a person's hand. Refuses what the tool's nodes cannot carry. A fault that
 * is to last has no undo of its own: the cluster is marked as used up.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import { type FaultPlan, isIntervention } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { MonotonicClock } from '../monotonic-clock.ts'
import type { FaultHandle, Target } from '../port.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import { balancerFault, faultOn } from './faults.ts'
import { linkFault } from './links.ts'
import { intervention } from './operator/index.ts'
import { controlPlanesOf, foldersOf } from './ownership.ts'
import { routeFault } from './routes.ts'

export interface FaultContext {
  workshop: Workshop
  plan: Plan
  cluster: StandingCluster
  clock: MonotonicClock
  /** Topology names of the nodes that faults of this session have hit, in that order. */
  hit: readonly string[]
}

const kubeletPort = 10_250
const apiPort = 6_443

export async function faultOf(
  fault: FaultPlan,
  target: Target,
  context: FaultContext,
): Promise<FaultHandle> {
  const refusals = context.workshop.distribution.refusals({ ...context.plan, faults: [fault] })
  if (refusals.length > 0) {
    throw new InvalidRunError({
      what: refusals.join('\n'),
      changed: 'nothing was broken',
      next: 'Give --provider kind for this one.',
    })
  }
  const handle = await handleOf(fault, target, context)
  if (fault.lasting !== true || handle.undo.kind === 'cluster.spend') return handle
  const { provider, cluster } = handle.undo
  const why = `${fault.kind} on ${target.name} is never undone`
  return handleWith(handle, {
    undo: { kind: 'cluster.spend', provider, cluster, node: target.name, why },
  })
}

/** The same handle with another undo, or with something done just before it is injected. */
export function handleWith(
  handle: FaultHandle,
  { undo = handle.undo, first }: { undo?: UndoAction; first?(): void },
): FaultHandle {
  return {
    undo,
    inject: async () => {
      first?.()
      await handle.inject()
    },
    look: (moment) => handle.look(moment),
    ...(handle.facts ? { facts: async () => (await handle.facts?.()) ?? {} } : {}),
  }
}

async function handleOf(
  fault: FaultPlan,
  target: Target,
  { workshop, cluster, clock, hit }: FaultContext,
): Promise<FaultHandle> {
  const { engine, distribution } = workshop
  const { state, access, apiUrl } = cluster
  const { topology, nodes } = state
  const common = { engine, provider: distribution.name, cluster: state.name }
  const { kind } = fault
  if (isIntervention(kind)) {
    return await intervention({
      ...{ engine, provider: distribution.name, distribution, fault, target, topology, clock },
      ...{ state, access, apiUrl, hit },
      folders: foldersOf(engine.tools.home, state.name),
      report: () => undefined,
    })
  }
  if (kind.startsWith('network.') && kind !== 'network.route') {
    return await linkFault(fault, { ...common, topology, nodes })
  }
  if (target.node === null && topology.loadBalancer && state.loadBalancer) {
    if (target.name === topology.loadBalancer.name) {
      const balancer = topology.loadBalancer
      return balancerFault(kind, { ...common, balancer, placed: state.loadBalancer })
    }
  }
  const node = nodes.find(({ name }) => name === target.node)
  if (!node) throw new Error(`no node ${target.node} in ${state.name}`)
  if (kind !== 'network.route') {
    const component = fault.component ?? 'database'
    return await faultOn(kind, { ...common, node, clock, component })
  }
  const isControlPlane = controlPlanesOf(state).some(({ name }) => name === node.name)
  return await routeFault({
    ...{ ...common, node },
    port: isControlPlane ? apiPort : kubeletPort,
    balancer: state.loadBalancer?.address ?? null,
  })
}
