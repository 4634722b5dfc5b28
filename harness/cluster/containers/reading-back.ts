/**
 * What is read of a cluster after a run: every acknowledged write, and whether two truths stand side
 * by side in it. Puts together the engine's ways and those through the API.
 */
import type { Clock } from '../../model/clock.ts'
import type { Plan } from '../../model/plan.ts'
import type { Integrity, SplitBrain } from '../../model/record.ts'
import { commonNodes } from '../../model/topology.ts'
import { readBack } from '../kubernetes/read-back.ts'
import { lookAtApi, lookAtDatabase, lookForTwoTruths } from '../kubernetes/split-brain.ts'
import type { Acknowledged } from '../port.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import { lookAtEtcd } from './etcd-truth.ts'
import type { OwnedNode } from './ownership.ts'
import { readHistory } from './write-history.ts'

/** What is read, and by what. */
export interface Ground {
  workshop: Workshop
  plan: Plan
  cluster: StandingCluster
  clock: Clock
}

export async function readWritesBack(
  ground: Ground,
  acknowledged: Acknowledged,
): Promise<Integrity & { problems: string[] }> {
  const { workshop, plan, cluster, clock } = ground
  return await readBack(acknowledged, {
    access: cluster.access,
    apiUrls: apiUrlsOf(ground),
    entries: entriesOf(ground).map(({ url }) => url),
    runId: plan.runId,
    clock,
    history: () => readHistory(workshop, nodesOf(ground)),
  })
}

export async function lookForSplitBrain(ground: Ground): Promise<SplitBrain> {
  const { workshop, plan, cluster, clock } = ground
  const { access } = cluster
  const nodes = nodesOf(ground)
  const expected = nodes.filter(isControlPlane(ground)).map(({ name }) => name)
  const servers = nodes.map((node) => ({
    ...{ name: node.name, baseUrl: serverOf(node), expected: expected.includes(node.name) },
  }))
  const database = {
    ...{ access, apiUrls: apiUrlsOf(ground), entries: entriesOf(ground) },
    ...{ workload: plan.topology.workload, runId: plan.runId },
  }
  return await lookForTwoTruths(
    [
      { name: 'etcd', look: () => lookAtEtcd(workshop, nodes, expected) },
      { name: 'API', look: () => lookAtApi(access, servers) },
      { name: 'database', look: () => lookAtDatabase(database) },
    ],
    clock,
  )
}

const serverOf = ({ address }: OwnedNode): string => `https://${address}:6443`

/** The usual way first, then the control planes by themselves. */
function apiUrlsOf(ground: Ground): string[] {
  const direct = ground.cluster.state.nodes.filter(isControlPlane(ground)).map(serverOf)
  return [...new Set([ground.cluster.apiUrl, ...direct])]
}

/** The ways to the workload: the page's NodePort of every node that may carry it. */
function entriesOf({ plan: { topology }, cluster }: Ground): { name: string; url: string }[] {
  const doors = new Set(commonNodes(topology).map(({ name }) => name))
  return cluster.state.nodes
    .filter(({ name }) => doors.has(name))
    .map(({ name, address }) => ({ name, url: `http://${address}:${topology.workload.nodePort}` }))
}

const isControlPlane =
  ({ plan: { topology } }: Ground) =>
  ({ name }: OwnedNode): boolean =>
    topology.nodes.find((node) => node.name === name)?.role === 'control-plane'

/** All, for a control plane may have been made anew on any; those of the topology first. */
function nodesOf(ground: Ground): OwnedNode[] {
  const { nodes } = ground.cluster.state
  const first = isControlPlane(ground)
  return [...nodes.filter(first), ...nodes.filter((node) => !first(node))]
}
