/**
 * Scores of the nodes on which a pod may run, from kube-scheduler v1.34's default plugins and with
 * their weights (pkg/scheduler/apis/config/v1/default_plugins.go). Integers are cut off as there. Pure.
 *
 * TaintToleration adds the same to every node, for no taint here is a mere preference; the spread that
 * kube-scheduler gives to pods without one (PodTopologySpread `defaultingType: System`) meets none.
 */
import { hostKey, type PodTerm, type Resources } from '../../model/placement.ts'
import type { Component } from '../../model/topology.ts'
import {
  countIn,
  countsInSpread,
  type SchedulerNode,
  type Standing,
  spreadOf,
  type WaitingPod,
} from './scheduler-view.ts'

const weights = { nodeAffinity: 2, spread: 2, podAffinity: 2, leastAllocated: 1 } as const
const scoreMax = 100
/** `hardPodAffinityWeight`: a required affinity of another pod draws this one with so much. */
const hardAffinityWeight = 1

/** One for each of the nodes, in their order; the more, the better. */
export function scoresOf(
  pod: WaitingPod,
  feasible: readonly SchedulerNode[],
  standing: Standing,
): number[] {
  const affinity = byNodeAffinity(pod, feasible)
  const spread = bySpread(pod, feasible, standing)
  const near = byPods(pod, feasible, standing)
  return feasible.map(
    (node, index) =>
      weights.nodeAffinity * (affinity[index] ?? 0) +
      weights.spread * (spread[index] ?? 0) +
      weights.podAffinity * (near[index] ?? 0) +
      weights.leastAllocated * leastAllocated(pod.requests, node),
  )
}

/**
 * NodeResourcesFit with LeastAllocated (noderesources/least_allocated.go): the share of the node that
 * would be left, of CPU and memory alike, in percent. A node of which nothing is known is empty.
 */
export function leastAllocated(
  requests: Resources,
  { allocatable, used }: Pick<SchedulerNode, 'allocatable' | 'used'>,
): number {
  const left = (what: keyof Resources): number => {
    const room = allocatable[what]
    if (room === Number.POSITIVE_INFINITY) return scoreMax
    const asked = used[what] + requests[what]
    return asked > room || room === 0 ? 0 : Math.trunc(((room - asked) * scoreMax) / room)
  }
  return Math.trunc((left('cpuMillis') + left('memoryBytes')) / 2)
}

/** NodeAffinity: the weights of the preferences that the node meets. */
function byNodeAffinity({ placement }: WaitingPod, feasible: readonly SchedulerNode[]): number[] {
  const preferred = placement.nodeAffinity?.preferred ?? []
  if (preferred.length === 0) return []
  const sums = feasible.map(({ labels }) =>
    preferred.reduce(
      (sum, { weight, term }) => sum + (term.values.includes(labels[term.key]) ? weight : 0),
      0,
    ),
  )
  const most = Math.max(...sums)
  return sums.map((sum) => (most === 0 ? 0 : Math.trunc((sum * scoreMax) / most)))
}

/** PodTopologySpread (podtopologyspread/scoring.go), of constraints that may be broken. */
function bySpread(
  pod: WaitingPod,
  feasible: readonly SchedulerNode[],
  { nodes }: Standing,
): number[] {
  const constraints = spreadOf(pod, 'ScheduleAnyway')
  if (constraints.length === 0) return []
  const eligible = nodes.filter((node) => countsInSpread(pod, node))
  const crowds = constraints.map(({ topologyKey, maxSkew }) => {
    const counts = countIn(eligible, topologyKey, ({ living }) => living[pod.component] ?? 0)
    const places =
      topologyKey === hostKey
        ? feasible.length
        : new Set(feasible.map(({ labels }) => labels[topologyKey])).size
    // The more places there are, the more one pod weighs.
    const each = Math.log(places + 2)
    return ({ labels }: SchedulerNode) =>
      (counts.get(labels[topologyKey]) ?? 0) * each + maxSkew - 1
  })
  const crowded = feasible.map((node) =>
    Math.round(crowds.reduce((sum, crowd) => sum + crowd(node), 0)),
  )
  const [least, most] = [Math.min(...crowded), Math.max(...crowded)]
  return crowded.map((one) =>
    most === 0 ? scoreMax : Math.trunc((scoreMax * (most + least - one)) / most),
  )
}

/**
 * InterPodAffinity (interpodaffinity/scoring.go): what the pod prefers to be near to or away from, and
 * the pods that prefer the like of it.
 */
function byPods(
  pod: WaitingPod,
  feasible: readonly SchedulerNode[],
  { nodes, placements }: Standing,
): number[] {
  const pulls = [...pullsOf(pod.placement), ...pullsOfOthers(pod, placements)]
  if (pulls.length === 0) return []
  const fields = pulls.map(({ component, topologyKey, weight }) => {
    const counts = countIn(nodes, topologyKey, ({ bound }) => bound[component] ?? 0)
    return ({ labels }: SchedulerNode) => weight * (counts.get(labels[topologyKey]) ?? 0)
  })
  const sums = feasible.map((node) => fields.reduce((sum, field) => sum + field(node), 0))
  const [least, most] = [Math.min(...sums), Math.max(...sums)]
  return sums.map((sum) =>
    most === least ? 0 : Math.trunc((scoreMax * (sum - least)) / (most - least)),
  )
}

/** Pods of a component in a place, each with a weight for or against it. */
type Pull = PodTerm & { weight: number }

function pullsOf({ podAffinity, podAntiAffinity }: WaitingPod['placement']): Pull[] {
  return [
    ...(podAffinity?.preferred ?? []).map(({ weight, term }) => ({ ...term, weight })),
    ...(podAntiAffinity?.preferred ?? []).map(({ weight, term }) => ({ ...term, weight: -weight })),
  ]
}

/** The same from the other side: where others are that would have this pod near, or away. */
function pullsOfOthers({ component }: WaitingPod, placements: Standing['placements']): Pull[] {
  return Object.entries(placements).flatMap(([other, placement]) => {
    const required = (placement.podAffinity?.required ?? []).map((term) => ({
      ...{ ...term, weight: hardAffinityWeight },
    }))
    return [...pullsOf(placement), ...required]
      .filter((pull) => pull.component === component)
      .map((pull) => ({ ...pull, component: other as Component }))
  })
}
