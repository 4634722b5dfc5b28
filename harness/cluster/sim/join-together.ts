/**
 * Two control planes are taken out and join again at the same time, as kubeadm does it: it asks etcd
 * to take a learner, again and again, starts it, and asks to let it vote. The API server waits for that.
 */
import type { Facts } from '../../model/record.ts'
import type { FaultHandle } from '../port.ts'
import { drawMs } from './calibration.ts'
import type { Refusal } from './etcd.ts'
import { type FaultSite, lasting, machineOf, work } from './fault-site.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'

/** kubeadm asks so often, for so long (cmd/kubeadm/app/util/etcd/etcd.go). */
const askEveryMs = 500
const askForMs = 120_000

const factNames: Readonly<Record<Refusal, string>> = {
  unhealthy: 'refusedUnhealthy',
  learner: 'refusedLearner',
  'no leader': 'refusedOther',
}

export function joinTogether(site: FaultSite): FaultHandle {
  const { cluster, clock } = site
  const { api, etcd, machines, pods, scene } = cluster
  const standing = machineOf(site)
  const pair = machines.controlPlanes.filter((machine) => machine !== standing).slice(0, 2)
  const idsBefore = pair.map((machine) => etcd.memberIdOf(machine))
  const isAnew = (machine: Machine, index: number) =>
    etcd.serves(machine) && etcd.memberIdOf(machine) !== idsBefore[index]
  const seen = () =>
    pair.every(isAnew)
      ? `${etcd.size} members of etcd, two of them new: ${pair.map(({ name }) => name).join(', ')}`
      : null
  return lasting(site, 'two control planes were joined anew', seen, async (facts) => {
    facts.standing = standing.name
    facts.membersBefore = etcd.size
    for (const machine of pair.toReversed()) {
      for (const pod of pods.on(machine)) pods.remove(pod)
      etcd.remove(machine)
      api.stop(machine)
      cluster.look()
      await work(site, scene.calibration.reset)
    }
    facts.membersBetween = etcd.size
    for (const name of Object.values(factNames)) facts[name] = 0
    Object.assign(facts, { refusedNotStarted: 0, promotionsRefused: 0, joined: 0 })
    facts.beganAtMs = Math.round(clock.nowMs())
    const draw = scene.chance(`join ${site.fault.id}`)
    await Promise.all(pair.map((machine) => join(site, machine, facts, draw)))
    cluster.look()
    facts.quorumKept = etcd.serves(standing)
    facts.membersAfter = etcd.size
    facts.learnersAfter = etcd.learners
  })
}

/** One that etcd does not take in time gives up, and is not a control plane any more. */
async function join(
  { cluster, clock }: FaultSite,
  machine: Machine,
  facts: Facts,
  draw: Draw,
): Promise<void> {
  const { api, etcd } = cluster
  const { calibration } = cluster.scene
  const beganMs = clock.nowMs()
  const sinceMs = () => Math.round(clock.nowMs() - beganMs)
  const pass = (ms: number) => clock.sleepUntil(clock.nowMs() + ms)
  const count = (name: string) => {
    facts[name] = Number(facts[name]) + 1
  }
  await pass(drawMs(draw, calibration.joinPrepare))
  // Its kubelet has the manifest by now, so that its API server listens before etcd has taken it.
  const listensAfterMs = drawMs(draw, calibration.memberStart)
  const settlesMs = drawMs(draw, calibration.apiSettle)
  cluster.scene.queue.after(listensAfterMs, () => {
    api.start(machine, settlesMs)
    cluster.look()
  })
  const taken = await ask(pass, () => {
    const refusal = etcd.add(machine)
    if (refusal) count(factNames[refusal])
    return refusal === null
  })
  if (!taken) {
    facts[`endedMs.${machine.name}`] = sinceMs()
    return
  }
  facts[`takenMs.${machine.name}`] = sinceMs()
  const startMs = drawMs(draw, calibration.memberStart)
  const inStepAtMs = clock.nowMs() + startMs + drawMs(draw, calibration.memberSync)
  await pass(startMs)
  etcd.start(machine)
  const votes = await ask(pass, () => {
    if (clock.nowMs() >= inStepAtMs && etcd.promote(machine)) return true
    count('promotionsRefused')
    return false
  })
  if (votes) cluster.look()
  await pass(drawMs(draw, calibration.joinEnd))
  facts[`endedMs.${machine.name}`] = sinceMs()
  if (!votes) return
  count('joined')
  facts[`joinedMs.${machine.name}`] = sinceMs()
}

/** Until the answer is yes; false when it never was. */
async function ask(pass: (ms: number) => Promise<void>, answer: () => boolean): Promise<boolean> {
  for (let askedMs = 0; askedMs < askForMs; askedMs += askEveryMs) {
    if (answer()) return true
    await pass(askEveryMs)
  }
  return false
}
