/**
 * Where the cluster's own DNS runs. Nearly every request inside a cluster begins with a look-up,
 * so a drill has to know which node its servers are on; and a topology may ask that they stand on
 * different ones.
 */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { type ApiAccess, ask } from './api.ts'
import { readyOf } from './changes.ts'

const pods = '/api/v1/namespaces/kube-system/pods'
const deployment = '/apis/apps/v1/namespaces/kube-system/deployments/coredns'

export interface DnsPod {
  name: string
  /** Kubernetes name of its node; empty before it has one. */
  node: string
  ready: boolean
}

/** The DNS pods that are not on their way out; null when the API does not answer. */
export async function dnsPods(access: ApiAccess, apiUrl: string): Promise<DnsPod[] | null> {
  const answer = await ask(access, apiUrl, `${pods}?labelSelector=k8s-app%3Dkube-dns`, {
    timeoutMs: 3_000,
  })
  if (answer.status !== 200) return null
  return (JSON.parse(answer.body) as { items: V1Pod[] }).items
    .filter((pod) => !pod.metadata?.deletionTimestamp)
    .map((pod) => ({
      name: pod.metadata?.name ?? '',
      node: pod.spec?.nodeName ?? '',
      ready: readyOf(pod.status?.conditions),
    }))
}

/** How many of its replicas are available; none when the API does not answer. */
export async function availableDns(access: ApiAccess, apiUrl: string): Promise<number> {
  return (await readDeployment(access, apiUrl))?.status?.availableReplicas ?? 0
}

/** Are all its replicas available? A cluster may be used before, but not drilled. */
export async function dnsIsWhole(access: ApiAccess, apiUrl: string): Promise<boolean> {
  const found = await readDeployment(access, apiUrl)
  return (found?.status?.availableReplicas ?? 0) >= (found?.spec?.replicas ?? 1)
}

async function readDeployment(access: ApiAccess, apiUrl: string): Promise<V1Deployment | null> {
  const answer = await ask(access, apiUrl, deployment, { timeoutMs: 3_000 })
  return answer.status === 200 ? (JSON.parse(answer.body) as V1Deployment) : null
}

/**
 * Where all of them share a node, takes one away: the Deployment prefers another node for the new
 * one. True when they already stand on different nodes.
 */
export async function spreadDns(access: ApiAccess, apiUrl: string): Promise<boolean> {
  const found = await dnsPods(access, apiUrl)
  // Its readiness is asked for every ten seconds only, so the one that has it is kept.
  const spare = found?.find(({ ready }) => !ready) ?? found?.[0]
  if (!found || !spare) return false
  if (found.length < 2 || new Set(found.map(({ node }) => node)).size > 1) {
    return found.every(({ node }) => node !== '')
  }
  await ask(access, apiUrl, `${pods}/${spare.name}?gracePeriodSeconds=0`, {
    timeoutMs: 3_000,
    method: 'DELETE',
  })
  return false
}
