/**
 * How each kind of fault is done, seen and undone in the model. Seen means: by what a client, a
 * neighbour or etcd would find, not by what was written down when it was done.
 */
import { InvalidRunError } from '../../model/errors.ts'
import { rebootEnds } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { FaultHandle } from '../port.ts'
import { type Calibration, drawMs, type Spread } from './calibration.ts'
import type { Cluster } from './cluster.ts'
import { alive, evidence, type FaultSite, machineOf, podOf } from './fault-site.ts'
import { interventionOf } from './interventions.ts'

/** Throws an InvalidRunError on a kind or a target that the model does not have. */
export function faultOf(site: FaultSite): FaultHandle {
  const handle = handleOf(site)
  const { fault, clock } = site
  const { calibration, chance } = site.cluster.scene
  const proof = proofOf(site, calibration)
  const take = (spread: Spread) =>
    clock.sleepUntil(clock.nowMs() + drawMs(chance(`look ${fault.id}`), spread))
  return {
    ...handle,
    look: (moment) =>
      moment === 'before'
        ? take(calibration.nextFault).then(() => handle.look(moment))
        : handle.look(moment),
    inject: async () => {
      await handle.inject()
      if (proof) await take(proof)
    },
  }
}

/** Null where doing it takes its time already. */
function proofOf({ fault, target, cluster }: FaultSite, calibration: Calibration): Spread | null {
  if (fault.kind.startsWith('network.')) return calibration.proofOfNetwork
  if (fault.kind.startsWith('process.')) return calibration.proofOfProcess
  if (!fault.kind.startsWith('power.')) return null
  return isBalancer(target.name, cluster) ? calibration.proofOfBalancer : calibration.proofOfPower
}

function handleOf(site: FaultSite): FaultHandle {
  const { fault, target, cluster, at } = site
  if (fault.kind.startsWith('operator.')) return interventionOf(site)
  if (fault.kind.startsWith('network.') && fault.kind !== 'network.route') return linkFault(site)
  if (isBalancer(target.name, cluster)) return balancerFault(site)
  const machine = machineOf(site)
  switch (fault.kind) {
    case 'power.kill':
    case 'power.stop':
      return powerFault(site, fault.kind === 'power.stop')
    case 'power.reboot':
      return rebootFault(site)
    case 'power.pause':
      return {
        undo: { kind: 'power.unpause', ...at, container: machine.name },
        inject: async () => cluster.machines.take(machine, 'paused'),
        look: async () => alive(machine),
      }
    case 'process.kubelet-stop':
      return {
        undo: { kind: 'kubelet.start', ...at, container: machine.name },
        inject: async () => cluster.stopKubelet(machine),
        look: async () =>
          evidence(
            machine.kubelet ? 'well' : 'broken',
            `the kubelet of ${machine.name} ${machine.kubelet ? 'answers' : 'does not answer'}`,
          ),
      }
    case 'process.container-kill':
      return containerFault(site)
    case 'network.route':
      return {
        undo: { kind: 'route.restore', ...at, container: machine.name, route: 'unreachable' },
        inject: async () => cluster.machines.lead(machine, true),
        look: async () =>
          evidence(
            cluster.machines.isReached(machine) ? 'well' : 'broken',
            `${machine.name} ${cluster.machines.isReached(machine) ? 'answers' : 'is silent'} to those outside`,
          ),
      }
    default:
      throw new InvalidRunError({
        what: `the model knows no ${fault.kind}`,
        changed: 'nothing was broken',
        next: 'Play it on a real cluster.',
      })
  }
}

/** Carries out what was planned when the fault was done; what was done, in words. */
export function undoOn(action: UndoAction, cluster: Cluster): string {
  switch (action.kind) {
    case 'power.start':
      if (isBalancer(action.node, cluster)) cluster.powerBalancer()
      else cluster.powerOn(cluster.machines.get(action.node))
      return `${action.node} has power`
    case 'power.unpause':
      if (cluster.balancer && isBalancer(action.node, cluster)) cluster.balancer.on = true
      else cluster.thaw(cluster.machines.get(action.node))
      return `${action.node} is thawed`
    case 'kubelet.start':
      cluster.startKubelet(cluster.machines.get(action.node))
      return `the kubelet of ${action.node} was started`
    case 'link.restore': {
      const [from, to] = sitesOf(action.node)
      cluster.machines.cut(from, to, false)
      cluster.machines.cut(to, from, false)
      return `${action.node} carries packets`
    }
    case 'route.restore':
      cluster.machines.lead(cluster.machines.get(action.node), false)
      return `${action.node} has its routes`
    case 'cluster.spend':
    case 'none':
      return action.why
  }
}

const isBalancer = (name: string, { balancer }: Cluster): boolean =>
  balancer?.settings.name === name

function powerFault(site: FaultSite, orderly: boolean): FaultHandle {
  const { cluster, at } = site
  const machine = machineOf(site)
  return {
    undo: { kind: 'power.start', ...at, container: machine.name, address: null, network: null },
    inject: async () => cluster.powerOff(machine, orderly),
    look: async (moment) => {
      const seen = alive(machine)
      // Well again is a kubelet that answers.
      if (moment !== 'before' && seen.state === 'well' && !machine.kubelet) {
        return evidence('unclear', `${machine.name} boots`)
      }
      return seen
    },
  }
}

function rebootFault(site: FaultSite): FaultHandle {
  const { cluster, clock, at } = site
  const machine = machineOf(site)
  return {
    undo: { kind: 'power.start', ...at, container: machine.name, address: null, network: null },
    inject: async () => {
      const { calibration, chance } = cluster.scene
      const draw = chance(`end ${machine.name}`)
      const pause = (ms: number) => clock.sleepUntil(clock.nowMs() + ms)
      await pause(drawMs(draw, calibration.endBegins))
      const endsAtMs = clock.nowMs() + drawMs(draw, calibration.endTakes)
      cluster.endServices(machine, endsAtMs)
      await clock.sleepUntil(endsAtMs)
      cluster.servicesEnded(machine)
      await pause(rebootEnds.refusesMs)
      cluster.powerOff(machine, false)
    },
    look: async () =>
      machine.kubelet
        ? alive(machine)
        : evidence(machine.power === 'off' ? 'broken' : 'unclear', `${machine.name} is on its way`),
  }
}

function balancerFault({ fault, cluster, at }: FaultSite): FaultHandle {
  const { balancer } = cluster
  if (!balancer) throw new RangeError('there is no load balancer')
  const container = balancer.settings.name
  return {
    undo:
      fault.kind === 'power.pause'
        ? { kind: 'power.unpause', ...at, container }
        : { kind: 'power.start', ...at, container, address: null, network: null },
    inject: async () => {
      balancer.on = false
    },
    look: async () =>
      evidence(
        balancer.on ? 'well' : 'broken',
        `${container} ${balancer.on ? 'answers' : 'is silent'}`,
      ),
  }
}

function containerFault(site: FaultSite): FaultHandle {
  const { cluster, at } = site
  const pod = podOf(site)
  const before = pod.restarts
  return {
    undo: { kind: 'none', ...at, why: 'the kubelet starts the container again' },
    inject: async () => cluster.kubelets.killContainer(pod),
    look: async (moment) => {
      const text = `${pod.name}: ${pod.restarts} restarts, ${pod.serves ? 'runs' : 'does not run'}`
      if (moment === 'during') return evidence(pod.restarts > before ? 'broken' : 'well', text)
      if (moment === 'after')
        return evidence(pod.serves && pod.restarts > before ? 'well' : 'broken', text)
      return evidence(pod.serves ? 'well' : 'broken', text)
    },
  }
}

function linkFault({ fault, target, cluster, at }: FaultSite): FaultHandle {
  const [from, to] = sitesOf(target.name)
  const { machines } = cluster
  const nodes = machines.all.filter(({ node }) => node.site === from || node.site === to)
  const one = nodes.find(({ node }) => node.site === from)
  const other = nodes.find(({ node }) => node.site === to)
  return {
    undo: { kind: 'link.restore', ...at, containers: nodes.map(({ name }) => name) },
    inject: async () => {
      machines.cut(from, to, true)
      if (fault.kind === 'network.cut') machines.cut(to, from, true)
    },
    look: async () => {
      const well = one !== undefined && other !== undefined && machines.reaches(one, other)
      return evidence(
        well ? 'well' : 'broken',
        `${one?.name} ${well ? 'reaches' : 'does not reach'} ${other?.name}`,
      )
    },
  }
}

function sitesOf(link: string): [string, string] {
  const [from = '', to = ''] = link.split('/')
  return [from, to]
}
