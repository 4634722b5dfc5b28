/**
 * What a part of the workload asks of a node, and on which nodes its pods may and should run, in the
 * words of Kubernetes' pod spec. Written into the manifests of a real cluster, and followed by the
 * model's scheduler. A node may be asked for by its zone or its region alone: its host name is given
 * when the cluster comes up.
 */
import type { Component } from './topology.ts'

/** CPU in thousandths of a core, memory in bytes. */
export interface Resources {
  cpuMillis: number
  memoryBytes: number
}

const mebibyte = 2 ** 20

/** What a part asks for that says nothing of it. */
export const usualRequests: Resources = { cpuMillis: 10, memoryBytes: 32 * mebibyte }

export const hostKey = 'kubernetes.io/hostname'
export const zoneKey = 'topology.kubernetes.io/zone'
export const regionKey = 'topology.kubernetes.io/region'

/** The label by whose value nodes are one place: each by itself, those of a zone, of a region. */
export type TopologyKey = typeof hostKey | typeof zoneKey | typeof regionKey

/** The pods of a component, in the place of the node in question. */
export interface PodTerm {
  component: Component
  topologyKey: TopologyKey
}

/** One of these values of a node's label. */
export interface NodeTerm {
  key: typeof zoneKey | typeof regionKey
  values: readonly string[]
}

/** `required`: all of them. `preferred`: each with its weight, from 1 to 100. */
export interface Affinity<Term> {
  required?: readonly Term[]
  preferred?: readonly { weight: number; term: Term }[]
}

export interface SpreadConstraint {
  /** So many more pods of the part may be in one place than in the place with the fewest. */
  maxSkew: number
  topologyKey: TopologyKey
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'
}

/** How every part is spread that says nothing of it. */
export const usualSpread: readonly SpreadConstraint[] = [
  { maxSkew: 1, topologyKey: hostKey, whenUnsatisfiable: 'ScheduleAnyway' },
]

export interface Placement {
  /** Absent: the usual ones. */
  requests?: Resources
  nodeAffinity?: Affinity<NodeTerm>
  podAffinity?: Affinity<PodTerm>
  podAntiAffinity?: Affinity<PodTerm>
  /** Absent: the usual one. */
  spread?: readonly SpreadConstraint[]
}

/** As Kubernetes writes it: `10m`, `32Mi`. */
export const cpuQuantity = (cpuMillis: number): string => `${cpuMillis}m`
export const memoryQuantity = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${bytes / mebibyte}Mi` : `${bytes}`
