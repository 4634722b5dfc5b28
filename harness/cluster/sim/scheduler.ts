/**
 * On which node a pod is placed, as kube-scheduler v1.34 does it with its default plugins: filters in
 * their order (pkg/scheduler/apis/config/v1/default_plugins.go), scores of what is left, and for a pod
 * that fits nowhere the words in which it says so (pkg/scheduler/framework/types.go, FitError). Pure.
 */
import type { Affinity, PodTerm, Resources } from '../../model/placement.ts'
import type { Component } from '../../model/topology.ts'
import { scoresOf } from './scheduler-scores.ts'
import {
  countIn,
  countsInSpread,
  nodeMatches,
  type Placements,
  type SchedulerNode,
  type Standing,
  spreadOf,
  untolerated,
  type WaitingPod,
} from './scheduler-view.ts'

/** `message`: why no node will do. */
export type Decision = { node: SchedulerNode; message: null } | { node: null; message: string }

/**
 * The node with the best score; of equal ones that with the fewest pods of the component, then of
 * all, then the first. kube-scheduler takes any of equal ones by chance.
 */
export function decide(pod: WaitingPod, standing: Standing): Decision {
  const filters = filtersOf(pod, standing)
  const refusals = new Map<string, number>()
  const feasible: SchedulerNode[] = []
  for (const node of standing.nodes) {
    const reasons = firstRefusal(filters, node)
    if (reasons.length === 0) feasible.push(node)
    for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  }
  if (feasible.length === 0) {
    return { node: null, message: messageOf(standing.nodes.length, refusals) }
  }
  const scores = scoresOf(pod, feasible, standing)
  const best = feasible
    .map((node, index): Scored => ({ node, score: scores[index] ?? 0 }))
    .reduce((best, one) => (compare(one, best, pod) < 0 ? one : best))
  return { node: best.node, message: null }
}

interface Scored {
  node: SchedulerNode
  score: number
}

/** Below zero: rather the first. */
function compare(a: Scored, b: Scored, { component }: WaitingPod): number {
  const own = ({ living }: SchedulerNode) => living[component] ?? 0
  return b.score - a.score || own(a.node) - own(b.node) || a.node.used.pods - b.node.used.pods
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
function messageOf(nodes: number, refusals: ReadonlyMap<string, number>): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const reasons = [...refusals].map(([reason, count]) => `${count} ${reason}`).toSorted()
  return `0/${nodes} nodes are available: ${reasons.join(', ')}.`
}

/** Why a pod may not run on a node; empty: it may. */
type Filter = (node: SchedulerNode) => readonly string[]

const none: readonly string[] = []

function firstRefusal(filters: readonly Filter[], node: SchedulerNode): readonly string[] {
  for (const filter of filters) {
    const reasons = filter(node)
    if (reasons.length > 0) return reasons
  }
  return none
}

function filtersOf(pod: WaitingPod, { nodes, placements }: Standing): Filter[] {
  const { podAffinity, podAntiAffinity } = pod.placement
  return [
    ({ unschedulable }) => (unschedulable ? ['node(s) were unschedulable'] : none),
    (node) => {
      const taint = untolerated(pod, node)
      return taint === null ? none : [`node(s) had untolerated taint ${taint}`]
    },
    (node) =>
      nodeMatches(pod, node) ? none : ["node(s) didn't match Pod's node affinity/selector"],
    (node) => missingRoom(pod, node),
    ({ name }) =>
      pod.volumeOn === null || pod.volumeOn === name
        ? none
        : ["node(s) didn't match PersistentVolume's node affinity"],
    ...hardSpread(pod, nodes),
    ...nearRequired(pod, podAffinity, nodes),
    ...awayFrom(
      podAntiAffinity?.required ?? [],
      nodes,
      "node(s) didn't match pod anti-affinity rules",
    ),
    ...awayFrom(
      avoiding(pod, placements),
      nodes,
      "node(s) didn't satisfy existing pods anti-affinity rules",
    ),
  ]
}

/** NodeResourcesFit (noderesources/fit.go, fitsRequest): all that is missing. */
function missingRoom({ requests }: WaitingPod, { allocatable, used }: SchedulerNode): string[] {
  const missing: string[] = []
  if (used.pods + 1 > allocatable.pods) missing.push('Too many pods')
  const lacks = (what: keyof Resources) =>
    requests[what] > 0 && requests[what] > allocatable[what] - used[what]
  if (lacks('cpuMillis')) missing.push('Insufficient cpu')
  if (lacks('memoryBytes')) missing.push('Insufficient memory')
  return missing
}

/** PodTopologySpread (podtopologyspread/filtering.go); pods that are ending do not count. */
function hardSpread(pod: WaitingPod, nodes: readonly SchedulerNode[]): Filter[] {
  const constraints = spreadOf(pod, 'DoNotSchedule')
  if (constraints.length === 0) return []
  const eligible = nodes.filter((node) => countsInSpread(pod, node))
  return constraints.map(({ topologyKey, maxSkew }): Filter => {
    const counts = countIn(eligible, topologyKey, ({ living }) => living[pod.component] ?? 0)
    const fewest = Math.min(...counts.values())
    return ({ labels }) =>
      (counts.get(labels[topologyKey]) ?? 0) + 1 - fewest > maxSkew
        ? ["node(s) didn't match pod topology spread constraints"]
        : none
  })
}

/**
 * InterPodAffinity (interpodaffinity/filtering.go): in the node's place there is a pod that fits all
 * terms, so terms of several components are met by none. Where no pod of the cluster does, one that
 * fits them itself may begin.
 */
function nearRequired(
  { component }: WaitingPod,
  affinity: Affinity<PodTerm> | undefined,
  nodes: readonly SchedulerNode[],
): Filter[] {
  const required = affinity?.required ?? []
  const same = new Set(required.map((term) => term.component)).size === 1
  const places = required.map(({ topologyKey, component: of }) => ({
    topologyKey,
    held: same ? boundIn({ topologyKey, component: of }, nodes) : new Set<string>(),
  }))
  const fits = required.every((term) => term.component === component)
  if (fits && places.every(({ held }) => held.size === 0)) return []
  return places.map(
    ({ topologyKey, held }): Filter =>
      ({ labels }) =>
        held.has(labels[topologyKey]) ? none : ["node(s) didn't match pod affinity rules"],
  )
}

/** Of a pod's own required anti-affinity, or of that of others against it. */
function awayFrom(
  terms: readonly PodTerm[],
  nodes: readonly SchedulerNode[],
  reason: string,
): Filter[] {
  return terms.map((term): Filter => {
    const held = boundIn(term, nodes)
    return ({ labels }) => (held.has(labels[term.topologyKey]) ? [reason] : none)
  })
}

/** Those whose required anti-affinity keeps this pod away, each as a term of its own. */
function avoiding({ component }: WaitingPod, placements: Placements): PodTerm[] {
  return Object.entries(placements).flatMap(([other, { podAntiAffinity }]) =>
    (podAntiAffinity?.required ?? [])
      .filter((term) => term.component === component)
      .map(({ topologyKey }) => ({ component: other as Component, topologyKey })),
  )
}

/** Places with a pod of the component, one that is ending included. */
function boundIn(
  { component, topologyKey }: PodTerm,
  nodes: readonly SchedulerNode[],
): ReadonlySet<string> {
  const held = new Set<string>()
  for (const { bound, labels } of nodes) {
    if ((bound[component] ?? 0) > 0) held.add(labels[topologyKey])
  }
  return held
}
