/**
 * What must be so by the document while nothing is broken, as far as the Kubernetes API shows it:
 * nodes, taints, a drained control plane, storage and namespaces. Pure judging of what was read;
 * says only what the topology has. What containers show is judged beside them.
 */
import type {
  V1Namespace,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
} from '@kubernetes/client-node'
import type { Invariant } from '../../model/record.ts'
import {
  commonNodes,
  componentsOf,
  type Topology,
  type TopologyNode,
  wantedReplicas,
} from '../../model/topology.ts'
import { componentLabel, readyOf } from './changes.ts'
import { controlPlaneTaint, onlyKey } from './labels.ts'
import { namespaceOf, storageNamespace } from './workload/namespaces.ts'

/** Topology name → Kubernetes name. */
export type NodeNames = ReadonlyMap<string, string>

export interface ClusterView {
  nodes: readonly V1Node[]
  namespaces: readonly V1Namespace[]
  /** Of every namespace. */
  pods: readonly V1Pod[]
  /** Of the database; null where it is not there. */
  claim: V1PersistentVolumeClaim | null
  /** Null where the claim is not bound. */
  volume: V1PersistentVolume | null
}

type Judgement = Omit<Invariant, 'id'>

const judges: readonly {
  id: Invariant['id']
  has(topology: Topology): boolean
  judge(topology: Topology, names: NodeNames, view: ClusterView): Judgement
}[] = [
  { id: 'nodes', has: () => true, judge: nodes },
  { id: 'taints', has: () => true, judge: taints },
  {
    id: 'drained-control-plane',
    has: (topology) => topology.nodes.some(({ drained }) => drained),
    judge: drainedControlPlane,
  },
  { id: 'storage', has: () => true, judge: storage },
  {
    id: 'namespaces',
    has: ({ workload, storage }) =>
      workload.namespaces !== undefined || storage.namespace !== undefined,
    judge: namespaces,
  },
]

const nothing: ClusterView = { nodes: [], namespaces: [], pods: [], claim: null, volume: null }

/** Those that the topology has, in one order. `view` null: the API did not answer, nothing holds. */
export function judgeView(
  topology: Topology,
  names: NodeNames,
  view: ClusterView | null,
): Invariant[] {
  return judges
    .filter(({ has }) => has(topology))
    .map(({ id, judge }) => {
      const judgement = judge(topology, names, view ?? nothing)
      return view
        ? { id, ...judgement }
        : { id, ...judgement, holds: false, seen: 'the API did not answer' }
    })
}

/** `seen` names what is wrong; where nothing is, it says what was found. */
const judged = (expected: string, wrong: readonly string[], well: string): Judgement => ({
  holds: wrong.length === 0,
  expected,
  seen: wrong.length === 0 ? well : wrong.join('; '),
})

function nodes(topology: Topology, names: NodeNames, view: ClusterView): Judgement {
  const sites = topology.sites.map(({ region, zone }) => `${zone} in ${region}`)
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane').length
  const wrong = topology.nodes.flatMap((node) => {
    const found = nodeIn(view, names, node)
    if (!found) return `${node.name} is not there`
    const labels = found.metadata?.labels ?? {}
    const site = topology.sites.find(({ name }) => name === node.site)
    const role = controlPlaneTaint in labels ? 'control-plane' : 'worker'
    const zone = labels['topology.kubernetes.io/zone'] ?? 'none'
    const region = labels['topology.kubernetes.io/region'] ?? 'none'
    return [
      ...(readyOf(found.status?.conditions) ? [] : [`${node.name} is not Ready`]),
      ...(role === node.role ? [] : [`${node.name} has the role ${role}`]),
      ...(zone === site?.zone ? [] : [`${node.name} lies in the zone ${zone}`]),
      ...(region === site?.region ? [] : [`${node.name} lies in the region ${region}`]),
    ]
  })
  const strangers = view.nodes.length - topology.nodes.length
  if (strangers > 0) wrong.push(`${strangers} more than documented`)
  return judged(
    `${topology.nodes.length} nodes Ready, ${controlPlanes} of them control planes; zones: ${sites.join(', ')}`,
    wrong,
    `${view.nodes.length} nodes Ready, each with its role, zone and region`,
  )
}

function taints(topology: Topology, names: NodeNames, view: ClusterView): Judgement {
  const wants = topology.nodes.map((node) => ({ node, wanted: wantedTaints(node) }))
  const kept = wants.filter(({ wanted }) => wanted.length > 0)
  const free = wants.filter(({ wanted }) => wanted.length === 0)
  const expected = [
    ...kept.map(({ node, wanted }) => `${node.name}: ${wanted.join(' and ')}`),
    ...(free.length > 0 ? [`${free.map(({ node }) => node.name).join(', ')}: none`] : []),
  ]
  const wrong = wants.flatMap(({ node, wanted }) => {
    const found = nodeIn(view, names, node)
    if (!found) return `${node.name} is not there`
    const has = taintsOf(found)
    const missing = wanted.filter((taint) => !has.includes(taint))
    const besides = has.filter((taint) => !wanted.includes(taint))
    return [
      ...(missing.length > 0 ? [`${node.name} lacks ${missing.join(' and ')}`] : []),
      ...(besides.length > 0 ? [`${node.name} has ${besides.join(' and ')}`] : []),
    ]
  })
  return judged(expected.join('; '), wrong, expected.join('; '))
}

const unschedulable = 'node.kubernetes.io/unschedulable:NoSchedule'

function wantedTaints({ role, schedulable, only, drained }: TopologyNode): string[] {
  return [
    ...(role === 'control-plane' && !schedulable ? [`${controlPlaneTaint}:NoSchedule`] : []),
    ...(only === undefined ? [] : [`${onlyKey}=${only}:NoSchedule`]),
    ...(drained ? [unschedulable] : []),
  ]
}

const taintsOf = (node: V1Node): string[] =>
  (node.spec?.taints ?? []).map(
    ({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`,
  )

function drainedControlPlane(topology: Topology, names: NodeNames, view: ClusterView): Judgement {
  const drained = topology.nodes.filter((node) => node.drained)
  const wrong = drained.flatMap((node) => {
    const found = nodeIn(view, names, node)
    if (!found) return `${node.name} is not there`
    const left = view.pods.filter(
      (pod) => pod.spec?.nodeName === names.get(node.name) && isOrdinary(pod),
    )
    return [
      ...(found.spec?.unschedulable ? [] : [`${node.name} takes pods`]),
      ...left.map(
        ({ metadata }) => `${metadata?.namespace}/${metadata?.name} runs on ${node.name}`,
      ),
    ]
  })
  const named = drained.map(({ name }) => name).join(', ')
  const expected = `${named} takes no pods and runs none but its own static ones and those of DaemonSets`
  return judged(expected, wrong, `${named} takes no pods and runs no others`)
}

/** Neither static, nor of a DaemonSet, nor done already. */
function isOrdinary({ metadata, status }: V1Pod): boolean {
  const ofDaemonSet = metadata?.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false
  const isStatic = metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined
  return !ofDaemonSet && !isStatic && !['Succeeded', 'Failed'].includes(status?.phase ?? '')
}

function storage(topology: Topology, names: NodeNames, view: ClusterView): Judgement {
  const { claim, volume } = view
  const shared = topology.storage.kind === 'shared'
  const expected = shared
    ? 'the claim of the database is Bound to a volume that every node can mount'
    : 'the claim of the database is Bound to a volume on the disk of one node'
  const phase = claim?.status?.phase
  if (!claim || phase !== 'Bound') {
    return judged(expected, [`the claim of the database is ${phase ?? 'not there'}`], '')
  }
  if (!volume) return judged(expected, ['the claim of the database is Bound to nothing'], '')
  const bound = nodesOf(volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [])
  const where = bound.map((node) => nameOf(names, node))
  const carriers = commonNodes(topology).map(({ name }) => name)
  const modes = volume.spec?.accessModes ?? []
  const seen = `${volume.metadata?.name}: ${modes.join(', ')}, ${where.length === 0 ? 'any node' : `${where.join(', ')} alone`}`
  const holds = shared
    ? volume.spec?.nodeAffinity === undefined && modes.includes('ReadWriteMany')
    : where.length === 1 && where.every((name) => carriers.includes(name))
  return { holds, expected, seen }
}

function nodesOf(terms: readonly { matchExpressions?: { key: string; values?: string[] }[] }[]) {
  return terms.flatMap(({ matchExpressions }) =>
    (matchExpressions ?? []).flatMap(({ key, values }) =>
      key === 'kubernetes.io/hostname' ? (values ?? []) : [],
    ),
  )
}

function namespaces(topology: Topology, _names: NodeNames, view: ClusterView): Judgement {
  const { workload } = topology
  const wanted = wantedReplicas(workload)
  const parts = componentsOf(workload)
  const places = Map.groupBy(parts, (component) => namespaceOf(workload, component))
  const documented = new Set([
    ...places.keys(),
    ...(topology.storage.namespace === undefined ? [] : [storageNamespace(topology)]),
  ])
  const expected = [...documented].map((place) => {
    const inside = places.get(place)
    return inside ? `${place} with ${inside.join(', ')}` : place
  })
  const found = new Set(view.namespaces.map(({ metadata }) => metadata?.name))
  const missing = [...documented].filter((place) => !found.has(place))
  const wrong = [
    ...missing.map((place) => `${place} is not there`),
    ...parts.flatMap((component) => {
      const place = namespaceOf(workload, component)
      const ready = view.pods.filter(
        ({ metadata, status }) =>
          metadata?.namespace === place &&
          metadata.labels?.[componentLabel] === component &&
          !metadata.deletionTimestamp &&
          readyOf(status?.conditions),
      ).length
      const all = wanted[component] ?? 1
      return ready === all ? [] : `${ready} of ${all} ${component} Ready in ${place}`
    }),
  ]
  return judged(
    `${expected.join('; ')}; every pod of theirs Ready`,
    wrong,
    `all ${documented.size} are there, every pod of theirs Ready`,
  )
}

const nodeIn = (view: ClusterView, names: NodeNames, { name }: TopologyNode) =>
  view.nodes.find(({ metadata }) => metadata?.name === names.get(name))

const nameOf = (names: NodeNames, kubernetesName: string): string =>
  [...names].find(([, known]) => known === kubernetesName)?.[0] ?? kubernetesName
