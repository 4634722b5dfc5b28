/**
 * `operator.force-delete`: the clean-up that document 001 asks for after a node is lost. Every pod
 * of the workload that is stuck Terminating there is deleted by force, but none in the namespaces
 * that the document excepts. Refuses those, pods of a DaemonSet or from a file, namespaces that are
 * not the workload's, and a node that is Ready.
 */
import type { V1Node } from '@kubernetes/client-node'
import { InvalidRunError } from '../../../model/errors.ts'
import type { Topology } from '../../../model/topology.ts'
import { formatMs } from '../../../model/units.ts'
import { ask } from '../../kubernetes/api.ts'
import { readyOf } from '../../kubernetes/changes.ts'
import { exceptedNamespaces, workloadNamespaces } from '../../kubernetes/workload/namespaces.ts'
import { until } from '../../monotonic-clock.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { pathOf, podsOn, type SeenPod } from './pods.ts'
import { kubectl, nodeNamed, noUndo, type OperatorSite } from './site.ts'

/** The pods of a node are evicted together, but not in the same instant. */
const lagMs = 1_000
const lookEveryMs = 1_000
/** On top of the timers by which pods are Terminating. */
const graceMs = 30_000

/** Why this pod must not be deleted by force; null when it may be. */
export function refusalOf(
  pod: SeenPod,
  { topology, lostNode }: { topology: Topology; lostNode: string },
): string | null {
  const { namespace } = pod
  if (exceptedNamespaces.includes(namespace)) return `the document excepts ${namespace}`
  if (!workloadNamespaces(topology.workload).includes(namespace)) {
    return `${namespace} holds none of the workload`
  }
  if (pod.owner === 'DaemonSet') return 'it belongs to a DaemonSet'
  if (pod.static) return 'the kubelet runs it from a file'
  if (pod.node !== lostNode) return 'it is not on the lost node'
  return pod.terminating ? null : 'nobody asked for its deletion'
}

/** Deletes one by force. Throws an InvalidRunError, and deletes nothing, where it is refused. */
export async function deleteByForce(site: OperatorSite, pod: SeenPod): Promise<void> {
  const { topology } = site
  const refusal = refusalOf(pod, { topology, lostNode: lostNodeOf(site) })
  if (refusal !== null) {
    throw new InvalidRunError({
      what: `${pathOf(pod)} is not deleted by force: ${refusal}`,
      changed: 'that pod was left as it is',
      next: 'Let it end by itself when its node is back.',
    })
  }
  await kubectl(site, [
    ...['--namespace', pod.namespace, 'delete', 'pod', pod.name],
    ...['--force', '--grace-period=0', '--wait=false'],
  ])
}

const lostNodeOf = (site: OperatorSite): string =>
  nodeNamed(site, site.target.node ?? site.target.name).container

/** On the lost node. Others that are not deleted, such as those of a DaemonSet, are in neither. */
interface Stuck {
  chosen: SeenPod[]
  /** Those in excepted namespaces. */
  refused: SeenPod[]
}

export async function forceDelete(site: OperatorSite): Promise<FaultHandle> {
  const { target, topology, hit, clock } = site
  const lostNode = lostNodeOf(site)

  const stuckNow = async (): Promise<Stuck | null> => {
    const stuck = (await podsOn(site, lostNode))?.filter(({ terminating }) => terminating)
    if (!stuck) return null
    return {
      chosen: stuck.filter((pod) => refusalOf(pod, { topology, lostNode }) === null),
      refused: stuck.filter(({ namespace }) => exceptedNamespaces.includes(namespace)),
    }
  }
  let done: Stuck = { chosen: [], refused: [] }
  const deleted: SeenPod[] = []

  const look = async (moment: Moment): Promise<Evidence> => {
    const pods = await podsOn(site, lostNode)
    if (!pods) return { state: 'unclear', text: 'the API does not answer' }
    if (moment === 'before') {
      const stuck = (await stuckNow())?.chosen.length ?? 0
      const lost = target.node !== null && hit.includes(target.node)
      const text = `${stuck} pods are stuck Terminating on ${target.name}${lost ? ', which was lost' : ''}`
      return { state: lost || stuck > 0 ? 'well' : 'unclear', text }
    }
    const uids = new Set(pods.map(({ uid }) => uid))
    const left = done.chosen.filter(({ uid }) => uids.has(uid))
    const kept = done.refused.length === 0 ? '' : `; left alone: ${listed(done.refused)}`
    if (done.chosen.length === 0) return { state: 'well', text: 'nothing was deleted' }
    if (left.length > 0) {
      return { state: moment === 'after' ? 'broken' : 'well', text: `still there: ${listed(left)}` }
    }
    const text = `gone from the API: ${listed(done.chosen)}${kept}`
    return { state: moment === 'after' ? 'well' : 'broken', text }
  }

  const inject = async (): Promise<void> => {
    const { timers } = site.state
    const withinMs =
      timers.nodeMonitorGraceMs +
      timers.nodeMonitorPeriodMs +
      timers.unreachableTolerationMs +
      graceMs
    const found = await until(clock, withinMs, lookEveryMs, async () => {
      done = (await stuckNow()) ?? done
      return done.chosen.length > 0 && (await isLost(site, lostNode))
    })
    if (!found) {
      throw new InvalidRunError({
        what: `nothing of the workload was stuck Terminating on ${target.name}, with that node not Ready, within ${formatMs(withinMs)}`,
        changed: 'nothing was deleted by force',
        next: 'See with kubectl get pods --all-namespaces where its pods are.',
      })
    }
    await clock.sleepUntil(clock.nowMs() + lagMs)
    done = (await stuckNow()) ?? done
    for (const pod of done.chosen) {
      await deleteByForce(site, pod)
      deleted.push(pod)
    }
  }

  return {
    undo: noUndo(site, 'pods that were deleted by force do not come back'),
    inject,
    look,
    facts: async () => ({
      deleted: deleted.length,
      deletedPods: listed(deleted),
      refused: done.refused.length,
      refusedPods: listed(done.refused),
    }),
  }
}

const listed = (pods: readonly SeenPod[]): string => pods.map(pathOf).toSorted().join(', ')

/** Only a node that the API itself holds for lost is cleaned up by force. */
async function isLost({ access, apiUrl }: OperatorSite, node: string): Promise<boolean> {
  const answer = await ask(access, apiUrl, `/api/v1/nodes/${node}`, { timeoutMs: 3_000 })
  if (answer.status === 404) return true
  if (answer.status !== 200) return false
  return !readyOf((JSON.parse(answer.body) as V1Node).status?.conditions)
}
