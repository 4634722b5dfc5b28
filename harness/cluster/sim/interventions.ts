/**
 * What a person does, in the model: how long it takes, what comes of it, and what was found out. Each
 * step waits on the session's clock for as long as it was measured to take.
 */
import { InvalidRunError } from '../../model/errors.ts'
import { exceptedNamespaces, namespaceOf } from '../kubernetes/workload/namespaces.ts'
import type { FaultHandle } from '../port.ts'
import { drawMs } from './calibration.ts'
import { evidence, type FaultSite, lasting, machineOf, none, podOf, work } from './fault-site.ts'
import { joinTogether } from './join-together.ts'
import type { Pod } from './pods.ts'

/** Objects written before the backup, and after it. */
const sentinels = Array.from({ length: 20 }, (_, index) => `sentinel ${index + 1}`)
const later = sentinels.map((name) => `${name}, later`)

const makers: Readonly<Record<string, (site: FaultSite) => FaultHandle>> = {
  'operator.pod-delete': podDelete,
  'operator.force-delete': forceDelete,
  'operator.forget-images': forgetImages,
  'operator.eject': eject,
  'operator.join-together': joinTogether,
  'operator.backup': backup,
  'operator.restore': restore,
  'operator.move-load-balancer': moveLoadBalancer,
}

export function interventionOf(site: FaultSite): FaultHandle {
  const { kind } = site.fault
  const make = makers[kind]
  if (make) return make(site)
  throw new InvalidRunError({
    what: `the model knows no ${kind}`,
    changed: 'nothing was broken',
    next: 'Play it on a real cluster.',
  })
}

function podDelete(site: FaultSite): FaultHandle {
  const { cluster } = site
  const pod = podOf(site)
  const { component } = pod.owner
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

function forceDelete(site: FaultSite): FaultHandle {
  const { cluster, clock } = site
  const { calibration, topology, timers } = cluster.scene
  const machine = machineOf(site)
  const namespaceOfPod = ({ owner }: Pod) => namespaceOf(topology.workload, owner.component)
  const stuck = () => cluster.pods.on(machine).filter(({ deleting }) => deleting)
  const excepted = (pod: Pod) => exceptedNamespaces.includes(namespaceOfPod(pod))
  let deleted: Pod[] = []
  let refused: Pod[] = []
  const listed = (pods: readonly Pod[]) =>
    pods
      .map((pod) => `${namespaceOfPod(pod)}/${pod.name}`)
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
          ? evidence('unclear', `${machine.name} is not lost`)
          : evidence('well', `${machine.name} is lost`)
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
function forgetImages(site: FaultSite): FaultHandle {
  const { cluster } = site
  const { kubelets, machines } = cluster
  const registry = machineOf(site)
  const seen = () =>
    kubelets.registry === registry ? `images are pulled from ${registry.name}` : null
  return lasting(site, 'images must be pulled', seen, async (facts) => {
    await work(site, cluster.scene.calibration.forgetImages)
    kubelets.pullFrom(registry)
    facts.nodes = machines.all.length - 1
  })
}

function eject(site: FaultSite): FaultHandle {
  const { cluster, clock } = site
  const { etcd, pods, scene } = cluster
  const { calibration } = scene
  const machine = machineOf(site)
  const seen = () =>
    machine.gone && etcd.memberIdOf(machine) === null
      ? `${etcd.size} members of etcd, none of them on ${machine.name}`
      : null
  return lasting(site, `${machine.name} was ejected`, seen, async (facts) => {
    const beganMs = clock.nowMs()
    const sinceMs = () => Math.round(clock.nowMs() - beganMs)
    facts.membersBefore = etcd.size
    for (const pod of pods.on(machine)) pods.markDeleting(pod, false)
    machine.cordoned = true
    await work(site, calibration.drain)
    facts.drainedMs = sinceMs()
    cluster.nodes.remove(machine)
    cluster.controllers.nodeDeleted(machine)
    await work(site, calibration.memberChange)
    etcd.remove(machine)
    // What is open there is closed as it comes: how long it takes to end was not looked at.
    cluster.api.end(machine, clock.nowMs())
    facts.removedMs = sinceMs()
    await work(site, calibration.memberChange)
    cluster.machines.remove(machine)
    facts.uninstalledMs = sinceMs()
    const { size, majority } = etcd
    Object.assign(facts, { membersAfter: size, votingAfter: size, quorumAfter: majority })
  })
}

const clusterIdOf = (etcd: FaultSite['cluster']['etcd']): string => `cluster ${etcd.clusterId}`

function backup(site: FaultSite): FaultHandle {
  const { cluster } = site
  const { etcd } = cluster
  return {
    undo: none(site, 'a backup changes nothing'),
    inject: async () => {
      for (const name of sentinels) etcd.write(name)
      await work(site, cluster.scene.calibration.backup)
      cluster.backUp()
      for (const name of later) etcd.write(name)
    },
    look: async (moment) => {
      if (cluster.snapshot === null) return evidence('well', `etcd is ${clusterIdOf(etcd)}`)
      const held = sentinels.filter((name) => cluster.snapshot?.objects.has(name)).length
      const text = `the snapshot has ${held} of ${sentinels.length} objects`
      return evidence(moment === 'after' ? 'well' : 'broken', text)
    },
    facts: async () => ({ sentinels: sentinels.length, later: later.length }),
  }
}

function restore(site: FaultSite): FaultHandle {
  const { cluster, clock } = site
  const { api, etcd, machines } = cluster
  const worker = machineOf(site)
  const [lost] = machines.controlPlanes
  const idBefore = clusterIdOf(etcd)
  const isHeld = (name: string) => etcd.holds(name)
  const seen = () =>
    api.isReady(worker) && clusterIdOf(etcd) !== idBefore
      ? `an API server answers on ${worker.name}, from etcd ${clusterIdOf(etcd)}`
      : null
  return lasting(site, `the control plane was made anew on ${worker.name}`, seen, async (facts) => {
    const { snapshot } = cluster
    if (snapshot === null) throw new RangeError('nothing was backed up')
    const beganMs = clock.nowMs()
    await work(site, cluster.scene.calibration.restore)
    cluster.restoreOn(worker, snapshot)
    Object.assign(facts, {
      ...{
        restoredOn: worker.name,
        restoredSite: worker.node.site,
        lostSite: lost?.node.site ?? '',
      },
      ...{ sentinels: sentinels.length, sentinelsFound: sentinels.filter(isHeld).length },
      ...{ later: later.length, laterLost: later.filter((name) => !isHeld(name)).length },
      ...{ etcdClusterIdBefore: idBefore, etcdClusterIdAfter: clusterIdOf(etcd) },
      apiBackMs: Math.round(clock.nowMs() - beganMs),
    })
  })
}

/**
 * One API server after another is stopped and started; then every node is told. Certificates, and
 * whom they keep away, are not in the model.
 */
function moveLoadBalancer(site: FaultSite): FaultHandle {
  const { cluster, clock } = site
  const { api, machines, scene } = cluster
  const { calibration } = scene
  const servers = machines.controlPlanes
  const startsBefore = servers.map((machine) => api.startsOf(machine))
  const isStartedAnew = (machine: (typeof servers)[number], index: number) =>
    api.isReady(machine) && api.startsOf(machine) > (startsBefore[index] ?? 0)
  const seen = () =>
    servers.every(isStartedAnew) ? `${servers.length} API servers were started anew` : null
  return lasting(site, 'the API is reached at another address', seen, async (facts) => {
    const beganMs = clock.nowMs()
    for (const machine of servers) {
      await work(site, calibration.renewCertificate)
      api.stop(machine)
      cluster.look()
      await work(site, calibration.apiRestart)
      const settlesMs = drawMs(scene.chance('restarts'), calibration.apiRestartSettle)
      api.start(machine, settlesMs)
      cluster.look()
      await clock.sleepUntil(clock.nowMs() + settlesMs)
    }
    for (const _ of machines.all) await work(site, calibration.pointNode)
    facts.movedMs = Math.round(clock.nowMs() - beganMs)
  })
}
