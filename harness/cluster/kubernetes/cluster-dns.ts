/**
 * Where the cluster's own DNS runs. Nearly every request inside a cluster begins with a look-up,
 * so a drill has to know which node its servers are on; and a topology may ask that they stand on
 * different ones.
 */
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { type ApiAccess, ask } from './api.ts'

const pods = '/api/v1/namespaces/kube-system/pods'
const deployment = '/apis/apps/v1/namespaces/kube-system/deployments/coredns'

export interface DnsPod {
  name: string
  /** Kubernetes name of its node; empty before it has one. */
  node: string
}

/** The DNS pods that are not on their way out; null when the API does not answer. */
export async function dnsPods(access: ApiAccess, apiUrl: string): Promise<DnsPod[] | null> {
  const answer = await ask(access, apiUrl, `${pods}?labelSelector=k8s-app%3Dkube-dns`, {
    timeoutMs: 3_000,
  })
  if (answer.status !== 200) return null
  return (JSON.parse(answer.body) as { items: V1Pod[] }).items
    .filter((pod) => !pod.metadata?.deletionTimestamp)
    .map((pod) => ({ name: pod.metadata?.name ?? '', node: pod.spec?.nodeName ?? '' }))
}

/** Are all its replicas available? */
export async function dnsIsAvailable(access: ApiAccess, apiUrl: string): Promise<boolean> {
  const answer = await ask(access, apiUrl, deployment, { timeoutMs: 3_000 })
  if (answer.status !== 200) return false
  const { spec, status } = JSON.parse(answer.body) as V1Deployment
  return (status?.availableReplicas ?? 0) >= (spec?.replicas ?? 1)
}

/**
 * Where all of them share a node, takes one away: the Deployment prefers another node for the new
 * one. True when they already stood on different nodes.
 */
export async function spreadDns(access: ApiAccess, apiUrl: string): Promise<boolean> {
  const found = await dnsPods(access, apiUrl)
  const [first] = found ?? []
  if (!found || !first) return false
  if (found.length < 2 || new Set(found.map(({ node }) => node)).size > 1) return true
  await ask(access, apiUrl, `${pods}/${first.name}?gracePeriodSeconds=0`, {
    timeoutMs: 3_000,
    method: 'DELETE',
  })
  return false
}
