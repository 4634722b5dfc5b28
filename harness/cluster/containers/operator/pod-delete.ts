/**
 * `operator.pod-delete`: the component's ready pod on the target is deleted in order, as a roll-out
 * or a drain would. Refuses a target on which no ready pod of it runs.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import type { Facts } from '../../../model/record.ts'
import { namespaceOf } from '../../kubernetes/workload/namespaces.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { pathOf, podsIn, type SeenPod } from './pods.ts'
import { kubectl, nodeNamed, noUndo, type OperatorSite } from './site.ts'

export async function podDelete(site: OperatorSite): Promise<FaultHandle> {
  const { fault, target, topology, clock } = site
  const component = fault.component ?? 'database'
  const node = nodeNamed(site, target.node ?? target.name)
  const ofComponent = async (): Promise<SeenPod[] | null> =>
    (await podsIn(site, namespaceOf(topology.workload, component)))?.filter(
      (pod) => pod.component === component,
    ) ?? null

  const standing = await ofComponent()
  const victim = standing?.find(
    (pod) => pod.node === node.container && pod.ready && !pod.terminating,
  )
  if (!standing || !victim) {
    throw new InvalidRunError({
      what: standing
        ? `no ready pod of '${component}' runs on ${node.name}`
        : `the API does not say which pods of '${component}' there are`,
      changed: 'nothing was broken',
      next: 'Name a node that runs one with --target.',
    })
  }
  const before = new Set(standing.map(({ uid }) => uid))
  const named = `${pathOf(victim)} (uid ${victim.uid})`
  let deletedAtMs: number | null = null
  let replacement: SeenPod | null = null

  const look = async (moment: Moment): Promise<Evidence> => {
    const pods = await ofComponent()
    if (!pods) return { state: 'unclear', text: 'the API does not answer' }
    const same = pods.find(({ uid }) => uid === victim.uid)
    const there = same && !same.terminating
    const text = `${named} is ${!same ? 'gone' : same.terminating ? 'terminating' : same.ready ? 'ready' : 'not ready'}`
    replacement ??=
      pods.find(({ uid, ready, terminating }) => ready && !terminating && !before.has(uid)) ?? null
    if (moment === 'after') {
      if (!replacement) return { state: 'broken', text: `${text}; nobody replaces it yet` }
      const both = `${text}; ${pathOf(replacement)} (uid ${replacement.uid}) is ready`
      // One that is about to end still answers.
      return { state: same ? 'broken' : 'well', text: both }
    }
    if (moment === 'before' && !same?.ready) return { state: 'unclear', text }
    return { state: there ? 'well' : 'broken', text }
  }

  return {
    undo: noUndo(site, `whatever made the pod of ${component} makes another one`),
    inject: async () => {
      deletedAtMs = clock.nowMs()
      const words = ['--namespace', victim.namespace, 'delete', 'pod', victim.name, '--wait=false']
      await kubectl(site, words)
    },
    look,
    facts: async () => {
      const facts: Facts = { pod: pathOf(victim) }
      if (replacement === null) await look('after')
      if (replacement === null || deletedAtMs === null) return facts
      const { readySinceEpochMs } = replacement
      facts.replacement = pathOf(replacement)
      if (readySinceEpochMs === null) return facts
      // The API tells it in whole seconds, cut off, so the true figure lies up to one above.
      const seconds = (clock.fromEpochMs(readySinceEpochMs) - deletedAtMs) / 1_000
      facts.replacementSeconds = Math.max(0, Math.ceil(seconds))
      return facts
    },
  }
}
