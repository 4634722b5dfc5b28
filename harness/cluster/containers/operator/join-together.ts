/**
 * `operator.join-together`: two control planes beside the target are taken out one after the other,
 * and then join at the same instant, which document 003 warns of. With three of them that leaves a
 * cluster of one. Whatever becomes of it is a result: the receipt counts etcd's members and the
 * commands that ended. Figures in its facts count from that instant.
 */
import { InvalidRunError, messageOf } from '../../../model/errors.ts'
import type { Facts } from '../../../model/record.ts'
import { ask } from '../../kubernetes/api.ts'
import { until } from '../../monotonic-clock.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { commandsFor } from '../documented-nodes.ts'
import { etcdMembers } from '../etcd.ts'
import { serverStates } from '../load-balancer.ts'
import type { OwnedNode } from '../ownership.ts'
import { described } from './eject.ts'
import { ejectNode } from './ejection.ts'
import { insist } from './insist.ts'
import { lastWordsOf, refusalsIn, takenAtMs } from './join-output.ts'
import { admissionFrom, type Joined, join, prepareJoin } from './joining.ts'
import { needKubeadm } from './kubeadm.ts'
import { kubectl, nodesOf, type OperatorSite, spend } from './site.ts'

/** The load balancer's check, three times, and a little more. */
const downWithinMs = 20_000
/** Pods of a node that is gone are removed by the API's own collector within a minute. */
const forgottenWithinMs = 90_000
/** An election and a request. */
const answersWithinMs = 20_000
const askAgainWithinMs = 30_000

export async function joinTogether(site: OperatorSite): Promise<FaultHandle> {
  needKubeadm(site)
  const { clock, target, report } = site
  const controlPlanes = nodesOf(site, 'control-plane')
  const others = controlPlanes.filter(({ name }) => name !== target.node)
  const pair = others.slice(-2)
  const standing = controlPlanes.find((node) => !pair.includes(node))
  if (pair.length < 2 || !standing) {
    throw new InvalidRunError({
      what: 'two control planes can only join at once beside a third',
      changed: 'nothing was broken',
      next: 'Take a topology with three control planes.',
    })
  }
  const facts: Facts = { standing: standing.name, masters: namesOf(pair) }
  let joins: Joined[] = []

  return {
    undo: spend(site, `${namesOf(pair)} were taken out and joined again at the same time`),
    inject: async () => {
      facts.membersBefore = (await etcdMembers(site, standing)).length
      for (const node of pair.toReversed()) {
        await ejectNode(site, node, standing)
        await untilUnused(site, node)
      }
      await untilForgotten(site, pair)
      facts.membersBetween = (await etcdMembers(site, standing)).length
      const admission = await insist(clock, askAgainWithinMs, () => admissionFrom(site, standing))
      for (const node of pair) await prepareJoin(site, node, admission)
      report(`${namesOf(pair)}: join at the same time`)
      joins = await Promise.all(pair.map((node) => join(site, node)))
      await asDocumented(site, joins)
      Object.assign(facts, factsOf(joins))
      facts.quorumKept = await answers(site, standing)
      const members = await etcdMembers(site, standing).catch(() => null)
      if (members) {
        facts.membersAfter = members.length
        facts.learnersAfter = members.filter(({ learner }) => learner).length
      }
    },
    look: (moment) => look(site, standing, controlPlanes.length, joins, moment),
    facts: async () => facts,
  }
}

const namesOf = (nodes: readonly OwnedNode[]): string => nodes.map(({ name }) => name).join(', ')

/** New requests go elsewhere only when the load balancer has noticed. */
async function untilUnused({ state, topology, clock }: OperatorSite, node: OwnedNode) {
  const balancer = state.loadBalancer
  if (!balancer || !topology.loadBalancer) return
  const { backend } = topology.loadBalancer
  await until(clock, downWithinMs, 500, async () => {
    const seen = (await serverStates(balancer.address, backend)).get(node.name)
    return seen?.startsWith('DOWN') ?? false
  })
}

/** kubeadm finds etcd by its pods: those of nodes that are gone would lead it astray. */
async function untilForgotten(site: OperatorSite, gone: readonly OwnedNode[]): Promise<void> {
  const names = new Set(gone.map(({ container }) => `etcd-${container}`))
  const words = ['--namespace', 'kube-system', 'get', 'pods', '--selector', 'component=etcd']
  await until(site.clock, forgottenWithinMs, 2_000, async () => {
    const listed = await kubectl(site, [...words, '--output', 'name']).catch(() => null)
    if (listed === null) return false
    return !listed.split('\n').some((line) => names.has(line.trim().replace(/^pod\//, '')))
  })
}

/** A node that joined anew lacks what the document did to it: taints and drains. */
async function asDocumented(site: OperatorSite, joins: readonly Joined[]): Promise<void> {
  for (const { node, exitCode } of joins) {
    const drawn = site.topology.nodes.find(({ name }) => name === node.name)
    if (exitCode !== 0 || !drawn) continue
    for (const words of commandsFor(drawn, node.container)) {
      await insist(site.clock, askAgainWithinMs, () => kubectl(site, words)).catch((error) =>
        site.report(`${node.name}: ${messageOf(error)}`),
      )
    }
  }
}

/** Of each node `joinedMs.NAME` where it joined, `endedMs.NAME`, and its last words where not. */
export function factsOf(joins: readonly Joined[]): Facts {
  const facts: Facts = {
    refusedUnhealthy: 0,
    refusedLearner: 0,
    refusedOther: 0,
    refusedNotStarted: 0,
    promotionsRefused: 0,
    joined: joins.filter(({ exitCode }) => exitCode === 0).length,
    exitCodes: joins.map(({ exitCode }) => exitCode ?? 'none').join(', '),
  }
  const add = (name: string, count: number) => {
    facts[name] = Number(facts[name]) + count
  }
  const beganAtMs = Math.min(...joins.map(({ fromMs }) => fromMs))
  facts.beganAtMs = Math.round(beganAtMs)
  for (const { node, exitCode, lines, toMs } of joins) {
    const refused = refusalsIn(lines)
    add('refusedUnhealthy', refused.unhealthy)
    add('refusedLearner', refused.learner)
    // The document's own words are counted among the others, and once more by themselves.
    add('refusedOther', refused.other + refused.notStarted)
    add('refusedNotStarted', refused.notStarted)
    add('promotionsRefused', refused.promotion)
    const taken = takenAtMs(lines)
    if (taken !== null) facts[`takenMs.${node.name}`] = Math.round(taken - beganAtMs)
    facts[`endedMs.${node.name}`] = Math.round(toMs - beganAtMs)
    if (exitCode === 0) facts[`joinedMs.${node.name}`] = Math.round(toMs - beganAtMs)
    else facts[`lastWords.${node.name}`] = lastWordsOf(lines)
  }
  return facts
}

/** A single object is read from etcd, which answers only with a quorum. */
async function answers({ access, clock }: OperatorSite, standing: OwnedNode): Promise<boolean> {
  const path = '/api/v1/namespaces/default'
  return await until(clock, answersWithinMs, 1_000, async () => {
    const url = `https://${standing.address}:6443`
    return (await ask(access, url, path, { timeoutMs: 5_000 })).status === 200
  })
}

async function look(
  site: OperatorSite,
  standing: OwnedNode,
  wanted: number,
  joins: readonly Joined[],
  moment: Moment,
): Promise<Evidence> {
  const members = await etcdMembers(site, standing).catch((error) => messageOf(error))
  const counted =
    typeof members === 'string' ? `etcd does not tell: ${members}` : described(members)
  if (moment === 'before') {
    const whole =
      typeof members !== 'string' &&
      members.length === wanted &&
      members.every(({ started, learner }) => started && !learner)
    return { state: whole ? 'well' : 'unclear', text: `as ${standing.name} tells: ${counted}` }
  }
  const joined = joins.filter(({ exitCode }) => exitCode === 0).length
  const text = `${joined} of ${joins.length} joined; as ${standing.name} tells: ${counted}`
  if (joins.length === 0) return { state: 'unclear', text }
  // It lasts, and its outcome is the result: afterwards nothing is to be put back.
  return { state: moment === 'after' ? 'well' : 'broken', text }
}
