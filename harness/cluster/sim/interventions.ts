/**
 * What a person does, in the model: how long it takes, what comes of it, and what was found out. Each
 * step waits on the session's clock for as long as it was measured to take.
 */
import type { Clock } from '../../model/clock.ts'
import { InvalidRunError } from '../../model/errors.ts'
import type { Facts } from '../../model/record.ts'
import type { FaultPlan } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle, Moment, Target } from '../port.ts'
import { drawMs, type Spread } from './calibration.ts'
import type { Cluster } from './cluster.ts'
import type { Machine } from './machines.ts'
import type { Pod } from './pods.ts'

interface Where {
  provider: 'sim'
  cluster: string
  node: string
}

/** All that an intervention has to do with. */
interface Site {
  fault: FaultPlan
  target: Target
  cluster: Cluster
  clock: Clock
  at: Where
}

/** Namespaces in which nothing is deleted by force (document 001). */
const exceptedNamespaces = ['nfs-client', 'ingress-nginx']
/** Objects written before the backup, and after it. */
const sentinels = 20

const makers: Readonly<Record<string, (site: Site) => FaultHandle>> = {
  'operator.pod-delete': podDelete,
  'operator.force-delete': forceDelete,
  'operator.forget-images': forgetImages,
  'operator.eject': eject,
  'operator.join-together': joinTogether,
  'operator.backup': backup,
  'operator.restore': restore,
  'operator.move-load-balancer': moveLoadBalancer,
}

export function interventionOf(
  fault: FaultPlan,
  target: Target,
  cluster: Cluster,
  clock: Clock,
  at: Where,
): FaultHandle {
  const make = makers[fault.kind]
  if (make) return make({ fault, target, cluster, clock, at })
  throw new InvalidRunError({
    what: `the model knows no ${fault.kind}`,
    changed: 'nothing was broken',
    next: 'Play it on a real cluster.',
  })
}

const none = ({ at }: Site, why: string): UndoAction => ({ kind: 'none', ...at, why })
const spend = ({ at }: Site, why: string): UndoAction => ({ kind: 'cluster.spend', ...at, why })

async function work({ cluster, clock, fault }: Site, spread: Spread): Promise<void> {
  const ms = drawMs(cluster.scene.chance(`person ${fault.id}`), spread)
  await clock.sleepUntil(clock.nowMs() + ms)
}

/** What lasts is seen once it is done, and stays as it is. */
function lasting(site: Site, why: string, act: (facts: Facts) => Promise<void>): FaultHandle {
  const facts: Facts = {}
  let done = false
  const look = async (moment: Moment): Promise<Evidence> => {
    if (moment === 'before') return { state: 'well', text: 'the cluster is whole' }
    const state = moment === 'after' ? 'well' : 'broken'
    return { state: done ? state : 'unclear', text: done ? 'done' : 'not done yet' }
  }
  return {
    undo: spend(site, why),
    look,
    facts: async () => facts,
    inject: async () => {
      facts.beganAtMs = Math.round(site.clock.nowMs())
      await act(facts)
      done = true
    },
  }
}

function podDelete(site: Site): FaultHandle {
  const { cluster, fault, target } = site
  const component = fault.component ?? 'database'
  const machine = cluster.machines.get(target.node ?? target.name)
  const pod = cluster.pods.on(machine).find(({ owner }) => owner.component === component)
  if (!pod) throw new RangeError(`no ${component} runs on ${machine.name}`)
  return {
    undo: none(site, 'its controller makes another'),
    inject: async () => cluster.pods.markDeleting(pod, false),
    look: async (moment) => {
      const instead = [...pod.owner.pods].some((each) => each !== pod && each.ready)
      if (moment === 'during') {
        return { state: pod.deleting ? 'broken' : 'well', text: `${pod.name} is deleted` }
      }
      if (moment === 'after') {
        const text = `another ${component} is ${instead ? '' : 'not yet '}Ready`
        return { state: instead && pod.gone ? 'well' : 'broken', text }
      }
      return { state: pod.ready ? 'well' : 'broken', text: `${pod.name} is Ready` }
    },
  }
}

function forceDelete(site: Site): FaultHandle {
  const { cluster, clock, target } = site
  const { calibration, topology, timers } = cluster.scene
  const machine = cluster.machines.get(target.node ?? target.name)
  const namespaceOf = ({ owner }: Pod) => topology.workload.namespaces?.[owner.component] ?? ''
  const stuck = () => cluster.pods.on(machine).filter(({ deleting }) => deleting)
  const excepted = (pod: Pod) => exceptedNamespaces.includes(namespaceOf(pod))
  let deleted: Pod[] = []
  let refused: Pod[] = []
  const listed = (pods: readonly Pod[]) =>
    pods
      .map((pod) => `${namespaceOf(pod)}/${pod.name}`)
      .toSorted()
      .join(', ')
  return {
    undo: none(site, 'pods that were deleted by force do not come back'),
    inject: async () => {
      const { nodeMonitorGraceMs, nodeMonitorPeriodMs, unreachableTolerationMs } = timers
      const untilMs =
        clock.nowMs() + nodeMonitorGraceMs + nodeMonitorPeriodMs + unreachableTolerationMs + 60_000
      while (stuck().every(excepted)) {
        if (clock.nowMs() > untilMs) {
          throw new InvalidRunError({
            what: `nothing of the workload was stuck Terminating on ${machine.name}`,
            changed: 'nothing was deleted by force',
            next: 'Look at the steps of the run.',
          })
        }
        await clock.sleepUntil(clock.nowMs() + 200)
      }
      await work(site, calibration.forceDelete)
      refused = stuck().filter(excepted)
      deleted = stuck().filter((pod) => !excepted(pod))
      for (const pod of deleted) cluster.pods.remove(pod)
    },
    look: async (moment) => {
      if (moment === 'before') {
        return machine.power === 'on'
          ? { state: 'unclear', text: `${machine.name} is not lost` }
          : { state: 'well', text: `${machine.name} is lost` }
      }
      const text = `gone from the API: ${listed(deleted)}`
      if (moment === 'after') return { state: 'well', text }
      return { state: deleted.length > 0 ? 'broken' : 'well', text }
    },
    facts: async () => ({
      ...{ deleted: deleted.length, deletedPods: listed(deleted) },
      ...{ refused: refused.length, refusedPods: listed(refused) },
    }),
  }
}

/** Every node but the target must pull what it has not run yet. */
function forgetImages(site: Site): FaultHandle {
  const { cluster, target } = site
  return lasting(site, 'images must be pulled', async (facts) => {
    await work(site, cluster.scene.calibration.forgetImages)
    const registry = cluster.machines.get(target.node ?? target.name)
    cluster.kubelets.pullFrom(registry)
    facts.nodes = cluster.machines.all.length - 1
  })
}

function eject(site: Site): FaultHandle {
  const { cluster, target, clock } = site
  const { calibration, queue } = cluster.scene
  const machine = cluster.machines.get(target.node ?? target.name)
  return lasting(site, `${machine.name} was ejected`, async (facts) => {
    const beganMs = clock.nowMs()
    facts.membersBefore = cluster.etcd.size
    for (const pod of cluster.pods.on(machine)) cluster.pods.markDeleting(pod, false)
    machine.cordoned = true
    await work(site, calibration.drain)
    facts.drainedMs = Math.round(clock.nowMs() - beganMs)
    cluster.nodes.remove(machine)
    cluster.controllers.nodeDeleted(machine)
    await work(site, calibration.memberChange)
    cluster.etcd.remove(machine)
    facts.removedMs = Math.round(queue.nowMs - beganMs)
    await work(site, calibration.memberChange)
    cluster.machines.remove(machine)
    facts.uninstalledMs = Math.round(queue.nowMs - beganMs)
    const { size, majority } = cluster.etcd
    Object.assign(facts, { membersAfter: size, votingAfter: size, quorumAfter: majority })
  })
}

/**
 * Both ask to be added at once. etcd takes one learner at a time, and none while a member is not well
 * connected for five seconds, so the other is refused until the first votes; kubeadm asks again every
 * half second (facts of etcd's server.go and kubeadm's etcd.go).
 */
function joinTogether(site: Site): FaultHandle {
  const { cluster, target, clock } = site
  const { calibration } = cluster.scene
  const standing = cluster.machines.get(target.node ?? target.name)
  return lasting(site, 'two control planes were joined anew', async (facts) => {
    const pair = cluster.machines.controlPlanes
      .filter((machine) => machine !== standing)
      .slice(0, 2)
    facts.standing = standing.name
    facts.membersBefore = cluster.etcd.size
    for (const machine of pair) {
      for (const pod of cluster.pods.on(machine)) cluster.pods.remove(pod)
      cluster.etcd.remove(machine)
      cluster.api.stop(machine)
    }
    facts.membersBetween = cluster.etcd.size
    await work(site, calibration.reset)
    const joinedFromMs = clock.nowMs()
    const draw = cluster.scene.chance(`join ${site.fault.id}`)
    const endsMs = pair.map(() => drawMs(draw, calibration.join)).toSorted((a, b) => a - b)
    for (const [index, machine] of pair.entries()) {
      await clock.sleepUntil(joinedFromMs + (endsMs[index] ?? 0))
      cluster.etcd.add(machine)
      cluster.etcd.start(machine)
      cluster.api.start(machine)
      facts[`joinedMs.${machine.name}`] = Math.round(clock.nowMs() - joinedFromMs)
    }
    // The one that waits for its turn asks every half second, and is told one or the other.
    const refused = Math.floor((endsMs[0] ?? 0) / 1_000)
    cluster.look()
    Object.assign(facts, {
      ...{ joined: pair.length, exitCodes: pair.map(() => 0).join(', '), quorumKept: true },
      ...{ refusedUnhealthy: Math.ceil(refused / 2), refusedLearner: Math.floor(refused / 2) },
      ...{ refusedOther: 0, refusedNotStarted: 0 },
      ...{ membersAfter: cluster.etcd.size, learnersAfter: 0 },
    })
  })
}

function backup(site: Site): FaultHandle {
  const { cluster } = site
  let taken = false
  return {
    undo: none(site, 'a backup changes nothing'),
    inject: async () => {
      await work(site, cluster.scene.calibration.backup)
      cluster.backUp()
      taken = true
    },
    look: async (moment) => {
      if (!taken) return { state: 'well', text: 'etcd is healthy' }
      return { state: moment === 'after' ? 'well' : 'broken', text: 'the store has the backup' }
    },
    facts: async () => ({ sentinels, later: sentinels, etcdClusterId: 'before' }),
  }
}

function restore(site: Site): FaultHandle {
  const { cluster, target, clock } = site
  const worker = cluster.machines.get(target.node ?? target.name)
  const [lost] = cluster.machines.controlPlanes
  return lasting(site, `the control plane was made anew on ${worker.name}`, async (facts) => {
    const beganMs = clock.nowMs()
    await work(site, cluster.scene.calibration.restore)
    cluster.restoreOn(worker)
    Object.assign(facts, {
      ...{ restoredOn: worker.name, restoredSite: worker.node.site, lostSite: siteOf(lost) },
      ...{ sentinels, later: sentinels, sentinelsFound: sentinels, laterLost: sentinels },
      ...{ etcdClusterIdBefore: 'before', etcdClusterIdAfter: 'after' },
      apiBackMs: Math.round(clock.nowMs() - beganMs),
    })
  })
}

const siteOf = (machine: Machine | undefined): string => machine?.node.site ?? ''

/** One API server after another gets a certificate for the new address; then every node is told. */
function moveLoadBalancer(site: Site): FaultHandle {
  const { cluster, clock } = site
  const { calibration } = cluster.scene
  return lasting(site, 'the API is reached at another address', async (facts) => {
    const beganMs = clock.nowMs()
    const servers = cluster.machines.controlPlanes
    const to = 'the new load balancer'
    for (const machine of servers) {
      cluster.api.stop(machine)
      cluster.look()
      await work(site, calibration.apiRestart)
      cluster.api.start(machine)
      cluster.look()
    }
    for (const _ of cluster.machines.all) await work(site, calibration.pointNode)
    Object.assign(facts, {
      ...{ servers: servers.length, serversRenewed: servers.length },
      ...{ nodes: cluster.machines.all.length, nodesMoved: cluster.machines.all.length },
      ...{ leasesRenewed: cluster.machines.all.length, oldLeftRunning: true },
      ...{ fromAddress: 'the old address', toAddress: to, namesMissing: to },
      certificateErrorNode: `${to} is not among the names of the certificate`,
      certificateErrorKubectl: `x509: the certificate is not valid for ${to}`,
      movedMs: Math.round(clock.nowMs() - beganMs),
    })
  })
}
