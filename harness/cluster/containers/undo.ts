/**
 * Undoes what is written down, with the engine alone, so that it works with the API down and after
 * a crash. Idempotent: what is undone already is said to be so. Nothing is touched that the state
 * of the cluster does not name as its own.
 */
import type { UndoAction } from '../../model/undo.ts'
import type { Engine } from './engine.ts'
import { restoreLink } from './links.ts'
import { type ClusterState, foldersOf, loadState, saveState } from './ownership.ts'
import { restoreRoute } from './routes.ts'

type UndoEngine = Pick<Engine, 'docker' | 'inspect'>
/** What is done in a container or to it. */
type ContainerUndo = Extract<UndoAction, { container: string }>

/** `home`: the folder in which what is owned is written down. */
export async function undoOn(
  engine: UndoEngine,
  home: string,
  action: UndoAction,
): Promise<string> {
  switch (action.kind) {
    case 'none':
      return action.why
    case 'cluster.spend':
      return await spend(home, action.cluster, action.why)
    case 'link.restore':
      return await restoreLink(engine, action)
    case 'route.restore':
      return await restoreRoute(engine, action)
    default:
      return await undoIn(engine, action)
  }
}

async function undoIn(
  engine: UndoEngine,
  action: Exclude<ContainerUndo, { kind: 'route.restore' }>,
): Promise<string> {
  const container = await engine.inspect(action.container)
  if (!container) return `${action.container} is gone, so there is nothing to undo`
  switch (action.kind) {
    case 'power.start':
      if (container.running) return `${action.node} was running already`
      await engine.docker(['start', action.container])
      return `${action.node} has power again`
    case 'power.unpause':
      if (!container.paused) return `${action.node} was not frozen any more`
      await engine.docker(['unpause', action.container])
      return `${action.node} runs on`
    case 'kubelet.start':
      await engine.docker(['exec', action.container, 'systemctl', 'start', 'kubelet'])
      return `kubelet of ${action.node} started`
  }
}

/** Nobody takes a cluster over that is marked so; it is made anew, or removed. */
async function spend(home: string, cluster: string, why: string): Promise<string> {
  const state = await loadState(home, cluster)
  if (!state) return `${cluster} is not there any more, so there is nothing to mark`
  if (state.phase !== 'creating') {
    await saveState(foldersOf(home, cluster), { ...state, phase: 'spent' })
  }
  return `${cluster} is marked as used up: ${why}`
}

/** As `undoOn`, for what a journal names: only what the cluster's state names too. */
export async function undoOwned(
  engine: UndoEngine,
  home: string,
  state: ClusterState,
  action: UndoAction,
): Promise<string> {
  if (action.kind === 'link.restore') {
    const ours = state.nodes.filter(({ container }) => action.containers.includes(container))
    return await undoOn(engine, home, { ...action, containers: ours.map((n) => n.container) })
  }
  if (!('container' in action)) return await undoOn(engine, home, action)
  const part = partNamed(state, action.node)
  if (!part) return `${action.node} is no node of ${state.name}, so there is nothing to undo`
  if (action.container !== part.container) return `${action.container} is not ours`
  const container = await engine.inspect(part.container)
  if (container && container.id !== part.id) {
    return `${part.container} is another container now, and was left alone`
  }
  return await undoOn(engine, home, action)
}

/** A node, or the load balancer, by its name in the topology. */
function partNamed(state: ClusterState, name: string): { container: string; id: string } | null {
  const node = state.nodes.find((candidate) => candidate.name === name)
  if (node) return node
  return state.topology.loadBalancer?.name === name ? state.loadBalancer : null
}
