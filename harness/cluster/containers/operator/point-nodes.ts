/**
 * Aims a cluster at another endpoint: the kubeconfigs in its nodes, what those who join are told,
 * and the programs that run on every node. Only what names the endpoint of before is changed: with
 * kubeadm of 1.33 and later, a control plane's own kubelet asks the API server beside it.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import { ask } from '../../kubernetes/api.ts'
import { until } from '../../monotonic-clock.ts'
import type { OwnedNode } from '../ownership.ts'
import type { Endpoint } from './endpoint.ts'
import { insist } from './insist.ts'
import { killContainer } from './node-containers.ts'
import { inNode, kubectl, type OperatorSite } from './site.ts'

const kubeconfigs = '/etc/kubernetes/*.conf'
const kubeletConfig = '/etc/kubernetes/kubelet.conf'
/** Components that read a kubeconfig once, when they start. */
const readers: Readonly<Record<string, string>> = {
  '/etc/kubernetes/controller-manager.conf': 'kube-controller-manager',
  '/etc/kubernetes/scheduler.conf': 'kube-scheduler',
}

const askAgainWithinMs = 60_000
const rolloutSeconds = 120
/** A kubelet renews its Lease every quarter of its 40 seconds, and at its start. */
const renewedWithinMs = 60_000

export interface PointedNode {
  node: OwnedNode
  /** Files in the node that named the endpoint of before. */
  files: string[]
  /** Whether its kubelet asks through the endpoint; else it asks its own API server. */
  kubelet: boolean
  /** Session time at which its kubelet was started again, or the files were changed. */
  atMs: number
}

/** Endpoints are `host:port`. Nothing is restarted that did not use the one of before. */
export async function pointNode(
  { engine, clock }: OperatorSite,
  node: OwnedNode,
  from: string,
  to: string,
): Promise<PointedNode> {
  const find = `grep --files-with-matches --fixed-strings -- "$1" ${kubeconfigs} || true`
  const found = await inNode(engine, node, ['sh', '-c', find, 'sh', `server: https://${from}`])
  const files = found.split('\n').filter((line) => line !== '')
  if (files.length > 0) {
    const exact = from.replaceAll('.', '\\.')
    const change = `s|server: https://${exact}$|server: https://${to}|`
    await inNode(engine, node, ['sed', '--in-place', change, ...files])
  }
  for (const file of files) {
    const component = readers[file]
    if (component) await killContainer(engine, node, component)
  }
  const kubelet = files.includes(kubeletConfig)
  const atMs = clock.nowMs()
  if (kubelet) await inNode(engine, node, ['systemctl', 'restart', 'kubelet'])
  return { node, files, kubelet, atMs }
}

/** What those who join are told, and every node's proxy and pod network. */
export async function pointCluster(site: OperatorSite, from: string, to: string): Promise<void> {
  await changeKubeconfig(site, 'kube-public', 'cluster-info', 'kubeconfig', from, to)
  const proxied = await changeKubeconfig(
    ...[site, 'kube-system', 'kube-proxy', 'kubeconfig.conf', from, to],
  )
  const asked = (...words: string[]) =>
    insist(site.clock, askAgainWithinMs, () =>
      kubectl(site, ['--namespace', 'kube-system', ...words]),
    )
  const rolled: string[] = []
  const sets = await daemonSets(asked)
  for (const { name, variables } of sets) {
    const named = variables.filter(({ value }) => value === from)
    if (named.length > 0) {
      const words = named.map((variable) => `${variable.name}=${to}`)
      await asked('set', 'env', `daemonset/${name}`, ...words)
    } else if (name === 'kube-proxy' && proxied) {
      await asked('rollout', 'restart', `daemonset/${name}`)
    } else continue
    rolled.push(name)
  }
  for (const name of rolled) {
    await asked('rollout', 'status', `daemonset/${name}`, `--timeout=${rolloutSeconds}s`)
  }
}

interface DaemonSet {
  name: string
  variables: { name: string; value?: string }[]
}

async function daemonSets(asked: (...words: string[]) => Promise<string>): Promise<DaemonSet[]> {
  const { items } = JSON.parse(await asked('get', 'daemonsets', '--output', 'json')) as {
    items: {
      metadata: { name: string }
      spec: { template: { spec: { containers: { env?: DaemonSet['variables'] }[] } } }
    }[]
  }
  return items.map(({ metadata, spec }) => ({
    name: metadata.name,
    variables: spec.template.spec.containers.flatMap(({ env }) => env ?? []),
  }))
}

/** False where there is no such ConfigMap, or it does not name the endpoint. */
async function changeKubeconfig(
  site: OperatorSite,
  namespace: string,
  name: string,
  key: string,
  from: string,
  to: string,
): Promise<boolean> {
  const where = ['--namespace', namespace]
  const asked = (...words: string[]) =>
    insist(site.clock, askAgainWithinMs, () => kubectl(site, [...where, ...words]))
  const text = await asked('get', 'configmap', name, '--ignore-not-found', '--output', 'json')
  if (text.trim() === '') return false
  const before = (JSON.parse(text) as { data?: Record<string, string> }).data?.[key]
  const after = before?.replaceAll(`https://${from}`, `https://${to}`)
  if (before === undefined || after === before) return false
  const patch = JSON.stringify({ data: { [key]: after } })
  await asked('patch', 'configmap', name, '--type', 'merge', '--patch', patch)
  return true
}

/**
 * How many nodes have renewed their Lease since they were aimed at the endpoint, as the endpoint
 * itself tells; waits for all of them, but not for ever. A kubelet that asks its own API server
 * renews there, and is seen here.
 */
export async function leasesRenewed(
  site: OperatorSite,
  { host, port }: Endpoint,
  pointed: readonly PointedNode[],
): Promise<number> {
  let renewed = 0
  await until(site.clock, renewedWithinMs, 1_000, async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    const answer = await ask(site.access, `https://${host}:${port}`, path, { timeoutMs: 5_000 })
    if (answer.status !== 200) return false
    const at = renewalsIn(answer.body)
    renewed = pointed.filter(({ node, atMs }) => {
      const epochMs = at.get(node.container)
      return epochMs !== undefined && site.clock.fromEpochMs(epochMs) > atMs
    }).length
    return renewed === pointed.length
  })
  return renewed
}

/** Kubernetes name of the node → the last renewal, in epoch milliseconds. */
export function renewalsIn(body: string): Map<string, number> {
  const { items } = JSON.parse(body) as {
    items: { metadata: { name: string }; spec: { renewTime?: string } }[]
  }
  return new Map(
    items.flatMap(({ metadata, spec }) =>
      spec.renewTime === undefined ? [] : [[metadata.name, Date.parse(spec.renewTime)] as const],
    ),
  )
}

/** Throws where nothing named the endpoint: then nothing was moved, and nothing was shown. */
export function refuseUnmoved(pointed: readonly PointedNode[], from: string): void {
  if (pointed.some(({ files }) => files.length > 0)) return
  throw new InvalidRunError({
    what: `no kubeconfig in any node names ${from}`,
    changed: 'the certificates of the API servers were made anew for one more address',
    next: 'This is no result; a bug report with the version of kubeadm would help.',
  })
}
