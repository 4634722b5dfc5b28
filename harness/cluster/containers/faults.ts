/**
 * Power and process faults on containers, each with its undo and with a way to look at the result
 * from outside: the engine's word, and an answer from the machine itself in which the engine has no
 * part. A machine whose power is cut keeps its address reserved meanwhile. Refuses faults that are
 * not of one machine; those of links are in `links.ts`, those of routes in `routes.ts`.
 */
import type { Clock } from '../../model/clock.ts'
import { InvalidRunError } from '../../model/errors.ts'
import { type FaultKind, rebootEnds } from '../../model/scenario.ts'
import type { LoadBalancer } from '../../model/topology.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle, Moment } from '../port.ts'
import { type ContainerState, type Engine, networkOf } from './engine.ts'
import { handshake, tcpAnswer } from './handshake.ts'
import { type PlacedBalancer, serverStates } from './load-balancer.ts'
import type { OwnedNode } from './ownership.ts'

const kubeletPort = 10_250
/** As long as a document's machines may take to shut down in order. */
const nodeStopsWithinS = 60
/** HAProxy closes its connections at once when it is told to end. */
const balancerStopsWithinS = 5

type FaultEngine = Pick<Engine, 'docker' | 'inspect'>

interface Place {
  engine: FaultEngine
  provider: 'kind' | 'k3d'
  cluster: string
}

export interface FaultSite extends Place {
  node: OwnedNode
  clock: Clock
  /** For `process.container-kill`: which container of the workload. */
  component: string
}

export interface BalancerSite extends Place {
  balancer: LoadBalancer
  placed: PlacedBalancer
}

export async function faultOn(kind: FaultKind, site: FaultSite): Promise<FaultHandle> {
  const { engine, provider, cluster, node } = site
  switch (kind) {
    case 'process.kubelet-stop':
      return {
        undo: {
          kind: 'kubelet.start',
          ...{ provider, cluster, node: node.name, container: node.container },
        },
        inject: async () => {
          await inNode(engine, node, ['systemctl', 'stop', 'kubelet'])
        },
        look: () => lookAtKubelet(site),
      }
    case 'process.container-kill':
      return await containerKill(site)
    default: {
      const machine = { ...node, stopsWithinS: nodeStopsWithinS }
      const handle = powerFault(kind, site, machine, () => lookAtPower(site))
      if (!handle) throw new Error(`${kind} is no fault of a node`)
      return kind === 'power.reboot' ? withServicesFirst(site, handle) : handle
    }
  }
}

/** The load balancer is a machine too, but no node: it has power, and nothing else to be taken. */
export function balancerFault(kind: FaultKind, site: BalancerSite): FaultHandle {
  const { balancer, placed } = site
  const machine = { ...placed, name: balancer.name, stopsWithinS: balancerStopsWithinS }
  const handle = powerFault(kind, site, machine, () => lookAtBalancer(site))
  if (handle) return handle
  throw new InvalidRunError({
    what: `${kind} cannot be done to the load balancer ${balancer.name}, which is no node`,
    changed: 'nothing was broken',
    next: 'Name a node with --target.',
  })
}

/** What a handle does, once the services of its node have ended and the kernel has refused for long. */
function withServicesFirst({ engine, node, clock }: FaultSite, handle: FaultHandle): FaultHandle {
  return {
    ...handle,
    inject: async () => {
      await inNode(engine, node, ['systemctl', 'stop', 'kubelet'])
      await inNode(engine, node, ['sh', '-c', endContainers('SIGTERM')])
      await clock.sleepUntil(clock.nowMs() + rebootEnds.servicesMs)
      await inNode(engine, node, ['sh', '-c', endContainers('SIGKILL')])
      await clock.sleepUntil(clock.nowMs() + rebootEnds.refusesMs)
      await handle.inject()
    },
  }
}

/** A command for a node's shell; a container that has ended already is no failure. */
export const endContainers = (signal: string): string =>
  `for task in $(ctr --namespace k8s.io tasks ls -q); do
  ctr --namespace k8s.io tasks kill --signal ${signal} "$task" || true
done`

interface Machine {
  /** Of the topology. */
  name: string
  container: string
  address: string
  stopsWithinS: number
}

/** Null for what is not about power. */
function powerFault(
  kind: FaultKind,
  place: Place,
  machine: Machine,
  look: () => Promise<Evidence>,
): FaultHandle | null {
  const { engine, provider, cluster } = place
  const { name, container, address } = machine
  const common = { provider, cluster, node: name, container } as const
  const start: UndoAction = { kind: 'power.start', ...common, address, network: networkOf(cluster) }
  switch (kind) {
    case 'power.kill':
      return {
        undo: start,
        inject: async () => {
          await engine.docker(['kill', container])
          await reserveAddress(place, machine)
        },
        look,
      }
    case 'power.stop':
    case 'power.reboot':
      return {
        undo: start,
        inject: async () => {
          await engine.docker(['stop', '--time', String(machine.stopsWithinS), container])
          await reserveAddress(place, machine)
        },
        look,
      }
    case 'power.pause':
      return {
        undo: { kind: 'power.unpause', ...common },
        inject: async () => {
          await engine.docker(['pause', container])
        },
        look,
      }
    default:
      return null
  }
}

/** A stopped container that is connected with a fixed address asks for that one when it starts. */
async function reserveAddress({ engine, cluster }: Place, machine: Machine): Promise<void> {
  const network = networkOf(cluster)
  const { container, address } = machine
  await engine.docker(['network', 'disconnect', '--force', network, container])
  await engine.docker(['network', 'connect', '--ip', address, network, container])
}

async function inNode(engine: FaultEngine, node: OwnedNode, command: readonly string[]) {
  return await engine.docker(['exec', node.container, ...command])
}

async function lookAtPower({ engine, node }: FaultSite): Promise<Evidence> {
  const [container, kubelet] = await Promise.all([
    engine.inspect(node.container),
    handshake(node.address, kubeletPort),
  ])
  const runs = container?.running === true && !container.paused
  return {
    state: runs && kubelet.answered ? 'well' : runs || kubelet.answered ? 'unclear' : 'broken',
    text: `${stateText(container)}; kubelet at ${node.address} ${kubelet.text}`,
  }
}

/** A frozen one still has a kernel that takes connections, so HAProxy itself is asked as well. */
async function lookAtBalancer({ engine, balancer, placed }: BalancerSite): Promise<Evidence> {
  const { container: name, address } = placed
  const [container, port, servers] = await Promise.all([
    engine.inspect(name),
    tcpAnswer(address, balancer.port),
    serverStates(address, balancer.backend),
  ])
  const runs = container?.running === true && !container.paused
  const tells = servers.size > 0
  return {
    state: runs && port.answered && tells ? 'well' : runs || tells ? 'unclear' : 'broken',
    text: `${stateText(container)}; ${address}:${balancer.port} ${port.text}; HAProxy ${tells ? `tells of ${servers.size} servers` : 'tells nothing'}`,
  }
}

function stateText(container: ContainerState | null): string {
  if (!container) return 'container gone'
  if (!container.running) return 'container stopped'
  return `container ${container.paused ? 'frozen' : 'running'} since ${container.startedAt}`
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
