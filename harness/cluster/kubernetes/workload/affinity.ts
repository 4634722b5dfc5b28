/**
 * The affinity of a part's pods, as a topology has it: to nodes by their zone or region, to pods of
 * other parts and away from them. Pure.
 */
import type { Affinity, NodeTerm, PodTerm } from '../../../model/placement.ts'
import type { Component, Workload } from '../../../model/topology.ts'
import { componentLabel } from '../changes.ts'
import { namespaceOf } from './namespaces.ts'

/** The field `affinity` of a pod spec; nothing where the topology says nothing of it. */
export function affinityOf(component: Component, workload: Workload): { affinity?: object } {
  const { nodeAffinity, podAffinity, podAntiAffinity } = workload.placement?.[component] ?? {}
  const affinity = {
    ...(nodeAffinity ? { nodeAffinity: toNodes(nodeAffinity) } : {}),
    ...(podAffinity ? { podAffinity: toPods(podAffinity, workload) } : {}),
    ...(podAntiAffinity ? { podAntiAffinity: toPods(podAntiAffinity, workload) } : {}),
  }
  return Object.keys(affinity).length === 0 ? {} : { affinity }
}

function toNodes({ required, preferred }: Affinity<NodeTerm>): object {
  const matching = (terms: readonly NodeTerm[]) => ({
    matchExpressions: terms.map(({ key, values }) => ({ key, operator: 'In', values })),
  })
  return {
    ...(required?.length
      ? {
          requiredDuringSchedulingIgnoredDuringExecution: {
            // Of several such terms one is enough; within one, all expressions must hold.
            nodeSelectorTerms: [matching(required)],
          },
        }
      : {}),
    ...(preferred?.length
      ? {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map(({ weight, term }) => ({
            ...{ weight, preference: matching([term]) },
          })),
        }
      : {}),
  }
}

function toPods({ required, preferred }: Affinity<PodTerm>, workload: Workload): object {
  const near = ({ component, topologyKey }: PodTerm) => ({
    topologyKey,
    labelSelector: { matchLabels: { [componentLabel]: component } },
    namespaces: [namespaceOf(workload, component)],
  })
  return {
    ...(required?.length
      ? { requiredDuringSchedulingIgnoredDuringExecution: required.map(near) }
      : {}),
    ...(preferred?.length
      ? {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map(({ weight, term }) => ({
            ...{ weight, podAffinityTerm: near(term) },
          })),
        }
      : {}),
  }
}
