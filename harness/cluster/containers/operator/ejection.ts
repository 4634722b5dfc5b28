/**
 * How a control plane is taken out of a cluster, step by step in the document's order: no new pods,
 * no pods, no node, no member of etcd, and nothing left of it on the machine. Between the last two
 * its API server still takes requests, without an etcd to answer them from: that is the document's
 * order, and what it costs is the drill's to measure.
 */
import { etcdctl, etcdMembers } from '../etcd.ts'
import type { OwnedNode } from '../ownership.ts'
import { insist } from './insist.ts'
import { resetNode } from './kubeadm.ts'
import { stopEverything } from './node-containers.ts'
import { kubectl, type OperatorSite } from './site.ts'

export type StepName = 'cordon' | 'drain' | 'delete' | 'remove' | 'uninstall'

export interface EjectionStep {
  name: StepName
  /** Session time. */
  fromMs: number
  toMs: number
}

/** kubectl's own limit for one drain. */
const drainSeconds = 120
/** Through a load balancer that has not yet noticed an earlier ejection, a request may fail. */
const askAgainWithinMs = 30_000

/** `through`: another control plane, whose etcd is asked to let the member go. */
export async function ejectNode(
  site: OperatorSite,
  node: OwnedNode,
  through: OwnedNode,
  done: (step: EjectionStep) => void = () => undefined,
): Promise<EjectionStep[]> {
  const { engine, clock, report } = site
  const { container, name } = node
  const asked = (...words: string[]) =>
    insist(clock, askAgainWithinMs, () => kubectl(site, words)).then(() => undefined)
  const work: [StepName, () => Promise<void>][] = [
    ['cordon', () => asked('cordon', container)],
    [
      'drain',
      () =>
        asked(
          ...['drain', container, '--ignore-daemonsets', '--delete-emptydir-data', '--force'],
          `--timeout=${drainSeconds}s`,
        ),
    ],
    ['delete', () => asked('delete', 'node', container, '--ignore-not-found', '--timeout=60s')],
    ['remove', () => removeMember(site, container, through)],
    [
      'uninstall',
      async () => {
        await stopEverything(engine, node)
        await resetNode(engine, node, clock)
      },
    ],
  ]
  const steps: EjectionStep[] = []
  for (const [step, act] of work) {
    report(`${name}: ${step}`)
    const fromMs = clock.nowMs()
    await act()
    const taken = { name: step, fromMs, toMs: clock.nowMs() }
    steps.push(taken)
    done(taken)
  }
  return steps
}

/**
 * Asked again while etcd refuses, as it does for the first seconds in which its members have not all
 * been connected; a member that is gone already is what was wanted.
 */
async function removeMember(site: OperatorSite, member: string, through: OwnedNode): Promise<void> {
  await insist(site.clock, askAgainWithinMs, async () => {
    const found = (await etcdMembers(site, through)).find(({ name }) => name === member)
    if (found) await etcdctl(site, through, ['member', 'remove', found.id])
  })
}

/** Of so many voting members the quorum is this many. */
export const quorumOf = (voting: number): number => Math.floor(voting / 2) + 1
