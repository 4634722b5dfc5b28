/**
 * `operator.eject`: one control plane is taken out of the cluster, as document 002 tells it. The
 * receipt is asked of another control plane, which has no part in it. Figures in its facts count
 * from the moment it began, which is told in session time.
 */
import { InvalidRunError, messageOf } from '../../../model/errors.ts'
import type { Facts } from '../../../model/record.ts'
import { ask } from '../../kubernetes/api.ts'
import { readyOf } from '../../kubernetes/changes.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { type EtcdMember, etcdMembers } from '../etcd.ts'
import type { OwnedNode } from '../ownership.ts'
import { type EjectionStep, ejectNode, quorumOf, type StepName } from './ejection.ts'
import { needKubeadm } from './kubeadm.ts'
import { nodeNamed, nodesOf, type OperatorSite, spend } from './site.ts'

const endOf: Readonly<Record<StepName, string>> = {
  cordon: 'cordonedMs',
  drain: 'drainedMs',
  delete: 'deletedMs',
  remove: 'removedMs',
  uninstall: 'uninstalledMs',
}

export async function eject(site: OperatorSite): Promise<FaultHandle> {
  needKubeadm(site)
  const { clock, target } = site
  const node = nodeNamed(site, target.node ?? target.name)
  const controlPlanes = nodesOf(site, 'control-plane')
  const through = controlPlanes.find(({ name }) => name !== node.name)
  if (!controlPlanes.some(({ name }) => name === node.name) || !through) {
    throw new InvalidRunError({
      what: `${node.name} is no control plane beside others, so it cannot be ejected`,
      changed: 'nothing was broken',
      next: 'Name one of several control planes with --target.',
    })
  }
  const facts: Facts = { ejected: node.name, askedOf: through.name }

  return {
    undo: spend(site, `${node.name} was ejected: one control plane is missing`),
    inject: async () => {
      const beganAtMs = clock.nowMs()
      facts.beganAtMs = Math.round(beganAtMs)
      facts.membersBefore = (await etcdMembers(site, through)).length
      await ejectNode(site, node, through, (step) => {
        Object.assign(facts, timesOf(step, beganAtMs))
      })
      Object.assign(facts, membersAfter(await etcdMembers(site, through)))
    },
    look: (moment) => look(site, node, through, controlPlanes.length, moment),
    facts: async () => facts,
  }
}

/** `drainBeganMs` and `drainedMs`, from the beginning of the whole. */
export function timesOf({ name, fromMs, toMs }: EjectionStep, beganAtMs: number): Facts {
  return {
    [`${name}BeganMs`]: Math.round(fromMs - beganAtMs),
    [endOf[name]]: Math.round(toMs - beganAtMs),
  }
}

export function membersAfter(members: readonly EtcdMember[]): Facts {
  const voting = members.filter(({ learner }) => !learner).length
  return { membersAfter: members.length, votingAfter: voting, quorumAfter: quorumOf(voting) }
}

async function look(
  site: OperatorSite,
  node: OwnedNode,
  through: OwnedNode,
  wanted: number,
  moment: Moment,
): Promise<Evidence> {
  const members = await etcdMembers(site, through).catch((error) => messageOf(error))
  if (typeof members === 'string') return { state: 'unclear', text: members }
  const here = await nodeAsSeen(site, node, through)
  const text = `as ${through.name} tells: ${described(members)}; ${node.name} is ${here}`
  if (moment === 'before') {
    const whole =
      members.length === wanted && members.every(({ started, learner }) => started && !learner)
    return { state: whole && here === 'Ready' ? 'well' : 'unclear', text }
  }
  const out =
    here === 'not in the API' &&
    members.length === wanted - 1 &&
    !members.some(({ name }) => name === node.container)
  // It lasts: afterwards the cluster is well when it is still as it was left.
  if (moment === 'after') return { state: out ? 'well' : 'broken', text }
  return { state: out ? 'broken' : 'unclear', text }
}

/** `3 members of etcd, 3 started and voting`. */
export function described(members: readonly EtcdMember[]): string {
  const able = members.filter(({ started, learner }) => started && !learner)
  const noun = members.length === 1 ? 'member' : 'members'
  return `${members.length} ${noun} of etcd, ${able.length} started and voting`
}

async function nodeAsSeen(
  { access }: OperatorSite,
  node: OwnedNode,
  through: OwnedNode,
): Promise<string> {
  const answer = await ask(
    access,
    `https://${through.address}:6443`,
    `/api/v1/nodes/${node.container}`,
    {
      timeoutMs: 3_000,
    },
  )
  if (answer.status === 404) return 'not in the API'
  if (answer.status !== 200) return `unknown: no answer (${answer.error ?? answer.status})`
  const { status } = JSON.parse(answer.body) as {
    status: { conditions?: { type: string; status: string }[] }
  }
  return readyOf(status.conditions) ? 'Ready' : 'NotReady'
}
