/**
 * Power and process faults on node containers, each with its undo and with a way to look at the
 * result from outside: the engine's word and a TLS handshake with the node's kubelet, which the
 * engine has no part in. A node whose power is cut keeps its address reserved meanwhile. Refuses
 * faults that are not of one node; those of links are in `links.ts`.
 */
import { connect } from 'node:tls'
import { InvalidRunError } from '../../model/errors.ts'
import type { FaultKind } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle, Moment } from '../port.ts'
import { type Engine, networkOf } from './engine.ts'
import { restoreLink } from './links.ts'
import type { OwnedNode } from './ownership.ts'

const kubeletPort = 10_250
const handshakeTimeoutMs = 1_000

export interface FaultSite {
  engine: Engine
  provider: 'kind' | 'k3d'
  cluster: string
  node: OwnedNode
  /** For `process.container-kill`: which container of the workload. */
  component: string
}

export async function faultOn(kind: FaultKind, site: FaultSite): Promise<FaultHandle> {
  const { engine, provider, cluster, node } = site
  const common = { provider, cluster, node: node.name, container: node.container } as const
  const powerUndo: UndoAction = {
    kind: 'power.start',
    ...common,
    address: node.address,
    network: networkOf(cluster),
  }
  switch (kind) {
    case 'power.kill':
      return {
        undo: powerUndo,
        inject: async () => {
          await engine.docker(['kill', node.container])
          await reserveAddress(site)
        },
        look: () => lookAtPower(site),
      }
    case 'power.stop':
    case 'power.reboot':
      return {
        undo: powerUndo,
        inject: async () => {
          await engine.docker(['stop', '--time', '60', node.container])
          await reserveAddress(site)
        },
        look: () => lookAtPower(site),
      }
    case 'power.pause':
      return {
        undo: { kind: 'power.unpause', ...common },
        inject: async () => {
          await engine.docker(['pause', node.container])
        },
        look: () => lookAtPower(site),
      }
    case 'process.kubelet-stop':
      return {
        undo: { kind: 'kubelet.start', ...common },
        inject: async () => {
          await inNode(engine, node, ['systemctl', 'stop', 'kubelet'])
        },
        look: () => lookAtKubelet(site),
      }
    case 'process.container-kill':
      return containerKill(site)
    default:
      throw new Error(`${kind} is no fault of a node`)
  }
}

/** Carries out an undo with the engine alone, so that it works with the API down. Idempotent. */
export async function undoOn(
  engine: Pick<Engine, 'docker' | 'inspect'>,
  action: UndoAction,
): Promise<string> {
  if (action.kind === 'none') return action.why
  if (action.kind === 'cluster.spend') throw new Error('not there yet')
  if (action.kind === 'link.restore') return await restoreLink(engine, action)
  const container = await engine.inspect(action.container)
  if (!container) {
    return `${action.container} is gone, so there is nothing to undo`
  }
  switch (action.kind) {
    case 'route.restore':
      throw new Error('not there yet')
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

/** A stopped container that is connected with a fixed address asks for that one when it starts. */
async function reserveAddress({ engine, cluster, node }: FaultSite): Promise<void> {
  const network = networkOf(cluster)
  await engine.docker(['network', 'disconnect', '--force', network, node.container])
  await engine.docker(['network', 'connect', '--ip', node.address, network, node.container])
}

async function inNode(engine: Engine, node: OwnedNode, command: readonly string[]) {
  return await engine.docker(['exec', node.container, ...command])
}

async function lookAtPower({ engine, node }: FaultSite): Promise<Evidence> {
  const [container, kubelet] = await Promise.all([
    engine.inspect(node.container),
    handshake(node.address, kubeletPort),
  ])
  const runs = container?.running === true && !container.paused
  const state = !container ? 'gone' : container.paused ? 'frozen' : runs ? 'running' : 'stopped'
  return {
    state: runs && kubelet.answered ? 'well' : runs || kubelet.answered ? 'unclear' : 'broken',
    text: `container ${state}${container?.running ? ` since ${container.startedAt}` : ''}; kubelet at ${node.address} ${kubelet.text}`,
  }
}

async function lookAtKubelet({ engine, node }: FaultSite): Promise<Evidence> {
  const [unit, kubelet] = await Promise.all([
    inNode(engine, node, ['sh', '-c', 'systemctl is-active kubelet || true']),
    handshake(node.address, kubeletPort),
  ])
  const active = unit.trim() === 'active'
  return {
    state: active && kubelet.answered ? 'well' : active || kubelet.answered ? 'unclear' : 'broken',
    text: `kubelet unit ${unit.trim()}; port ${kubeletPort} at ${node.address} ${kubelet.text}`,
  }
}

async function containerKill(site: FaultSite): Promise<FaultHandle> {
  const { engine, provider, cluster, node, component } = site
  const running = async () => {
    const filter = `labels."io.kubernetes.container.name"==${component}`
    const known = await inNode(engine, node, [...ctr, 'containers', 'ls', '-q', filter])
    const tasks = await inNode(engine, node, [...ctr, 'tasks', 'ls'])
    return runningAmong(known.split('\n'), tasks)
  }
  const original = await running()
  if (!original) {
    throw new InvalidRunError({
      what: `no container '${component}' runs on ${node.name}`,
      changed: 'nothing was broken',
      next: `Name a node that runs it with --target.`,
    })
  }
  return {
    undo: {
      kind: 'none',
      provider,
      cluster,
      node: node.name,
      why: `the kubelet of ${node.name} restarts the container by itself`,
    },
    inject: async () => {
      await inNode(engine, node, [...ctr, 'tasks', 'kill', '--signal', 'SIGKILL', original])
    },
    look: async (moment: Moment) => {
      const now = await running()
      const text = now ? `container ${component} is ${now.slice(0, 12)}` : `no ${component} runs`
      const well = moment === 'after' ? now !== '' && now !== original : now === original
      return { state: well ? 'well' : 'broken', text }
    },
  }
}

/** containerd's own client is in every kind node; a CRI client may not be. */
const ctr = ['ctr', '--namespace', 'k8s.io']

/** The first of the containers whose task runs; the empty text when none does. */
export function runningAmong(containers: readonly string[], taskTable: string): string {
  const running = new Set(
    taskTable
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , status]) => status === 'RUNNING')
      .map(([id]) => id),
  )
  return containers.map((id) => id.trim()).find((id) => id !== '' && running.has(id)) ?? ''
}

/** Nothing is trusted and nothing sent: only whether somebody speaks TLS there. */
function handshake(host: string, port: number): Promise<{ answered: boolean; text: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: handshakeTimeoutMs })
    const end = (answered: boolean, text: string) => {
      socket.destroy()
      resolve({ answered, text })
    }
    socket.once('secureConnect', () => end(true, 'answers'))
    socket.once('timeout', () => end(false, `is silent for ${handshakeTimeoutMs} ms`))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(false, `does not answer (${error.code ?? error.message})`),
    )
  })
}
