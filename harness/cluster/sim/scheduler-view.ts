/**
 * What kube-scheduler sees of a cluster: its nodes with their room, labels and taints, the pods on
 * them, and the pod that waits; with what both filters and scores ask of these. Pure.
 */
import {
  type Placement,
  type Resources,
  type SpreadConstraint,
  type TopologyKey,
  usualSpread,
} from '../../model/placement.ts'
import type { Component } from '../../model/topology.ts'
import { onlyKey } from '../kubernetes/labels.ts'

/** CPU in thousandths of a core, memory in bytes, and how many pods. */
export interface Room extends Resources {
  pods: number
}

/** The kubelet's `maxPods` (pkg/kubelet/apis/config/v1beta1/defaults.go). */
export const podsMax = 110

export const unboundedRoom: Room = {
  cpuMillis: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  pods: podsMax,
}

export type PodCounts = Partial<Record<Component, number>>

export interface SchedulerNode {
  readonly name: string
  readonly labels: Readonly<Record<TopologyKey, string>>
  /** What pods may ask of it in all (`status.allocatable`). */
  readonly allocatable: Room
  /** What those on it ask for, and how many they are, those included that are ending. */
  readonly used: Room
  /** By component: its pods, those included that are ending, and those that are not. */
  readonly bound: PodCounts
  readonly living: PodCounts
  /** It carries this component alone. */
  readonly only: Component | null
  /** Cordoned. */
  unschedulable: boolean
  /** Keys of its taints that no part of the workload tolerates, the first one first. */
  taints: readonly string[]
}

/** A pod that has no node yet. */
export interface WaitingPod {
  readonly component: Component
  readonly requests: Resources
  readonly placement: Placement
  /** There are nodes for this component alone. */
  readonly reserved: boolean
  /** The only node that has its volume; null: any may have it. */
  readonly volumeOn: string | null
}

export type Placements = Readonly<Partial<Record<Component, Placement>>>

export interface Standing {
  /** Without those that were deleted; where others are equal, the first is taken. */
  readonly nodes: readonly SchedulerNode[]
  readonly placements: Placements
}

/** The first taint that the pod does not tolerate, as Kubernetes writes it; null: it tolerates all. */
export function untolerated(
  { component }: WaitingPod,
  { taints, only }: SchedulerNode,
): string | null {
  const [first] = taints
  if (first !== undefined) return `{${first}: }`
  return only === null || only === component ? null : `{${onlyKey}: ${only}}`
}

/** NodeAffinity, and the selector of a component that has nodes of its own. */
export function nodeMatches(
  { component, placement, reserved }: WaitingPod,
  { labels, only }: SchedulerNode,
): boolean {
  if (reserved && only !== component) return false
  const required = placement.nodeAffinity?.required ?? []
  return required.every(({ key, values }) => values.includes(labels[key]))
}

/** By the value of that label: how many of what is counted on each node are in the place. */
export function countIn(
  nodes: readonly SchedulerNode[],
  key: TopologyKey,
  count: (node: SchedulerNode) => number,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const value = node.labels[key]
    counts.set(value, (counts.get(value) ?? 0) + count(node))
  }
  return counts
}

/** Nodes that count in a spread: those the pod selects and whose taints it tolerates (`Honor`). */
export const countsInSpread = (pod: WaitingPod, node: SchedulerNode): boolean =>
  !node.unschedulable && untolerated(pod, node) === null && nodeMatches(pod, node)

export const spreadOf = (
  { placement }: WaitingPod,
  whenUnsatisfiable: SpreadConstraint['whenUnsatisfiable'],
): SpreadConstraint[] =>
  (placement.spread ?? usualSpread).filter((each) => each.whenUnsatisfiable === whenUnsatisfiable)
