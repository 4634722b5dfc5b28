/**
 * Where the parts of the workload lie, and under which names they find each other: the document's
 * namespaces where it has any, else one of ours. The counter of the API vantages is always in ours.
 */
import {
  type Component,
  componentsOf,
  type Topology,
  type Workload,
} from '../../../model/topology.ts'

/** Ours: it holds the write counter, and every part for which a document names no other. */
export const namespace = 'clusterdrill'
/** Document 001: deleting pods there by force may break storage or the way in. */
export const exceptedNamespaces: readonly string[] = ['nfs-client', 'ingress-nginx']
/** Where the image registry of a topology that has one runs. */
export const registryNamespace = 'image-registry'
export const counterName = 'counter'
/** Where the API serves the counter that the API vantages read and write. */
export const counterPath = `/api/v1/namespaces/${namespace}/configmaps/${counterName}`

export const namespaceOf = (workload: Workload, component: Component): string =>
  workload.namespaces?.[component] ?? namespace

/** Every namespace in which a part of the workload lies, each once, in the order of the parts. */
export const workloadNamespaces = (workload: Workload): string[] => [
  ...new Set(componentsOf(workload).map((component) => namespaceOf(workload, component))),
]

/** The namespace of what makes shared volumes. */
export const storageNamespace = ({ storage }: Topology): string => storage.namespace ?? namespace

/** Every namespace of the topology: ours, the workload's, the storage's and the registry's. */
export function allNamespaces(topology: Topology): string[] {
  return [
    ...new Set([
      namespace,
      ...workloadNamespaces(topology.workload),
      ...(topology.storage.kind === 'shared' ? [storageNamespace(topology)] : []),
      ...(topology.imageRegistry ? [registryNamespace] : []),
    ]),
  ]
}

/**
 * The whole name of a component's Service. Its last dot keeps the resolver from trying every suffix
 * of the pod first, so that one look-up is one question.
 */
export const hostOf = (workload: Workload, component: Component): string =>
  `${component}.${namespaceOf(workload, component)}.svc.cluster.local.`

/** The port of a component's Service and of its pods. */
export const portOf = (component: Component): number => (component === 'database' ? 6379 : 8080)

/** The port of every node at which clients reach a part; null where they do not. */
export function nodePortOf({ workload }: Topology, component: Component): number | null {
  if (component === 'page') return workload.nodePort
  return component === 'reporting' ? workload.nodePort + 1 : null
}
