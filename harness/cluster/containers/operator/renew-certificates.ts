/**
 * The certificates of the API servers, made anew for another endpoint: first the cluster's own
 * record of it, then one control plane after another, each with its own configuration. The endpoint
 * of before stays in them, for nodes use it until they are told.
 */
import { type Document, parseDocument } from 'yaml'
import { InvalidRunError } from '../../../model/errors.ts'
import { ask } from '../../kubernetes/api.ts'
import { until } from '../../monotonic-clock.ts'
import type { OwnedNode } from '../ownership.ts'
import { type Endpoint, verifiedHandshake } from './endpoint.ts'
import { insist } from './insist.ts'
import {
  changedConfig,
  nodeConfig,
  pki,
  readInNode,
  setAt,
  textsAt,
  writeInNode,
} from './kubeadm.ts'
import { killContainer, runningContainer } from './node-containers.ts'
import { inNode, kubectl, type OperatorSite } from './site.ts'

const apiServer = 'kube-apiserver'
/** It is started at once, waits for its own hooks, and may meet a busy machine. */
const backWithinMs = 120_000
const askAgainWithinMs = 30_000

const record = ['--namespace', 'kube-system', 'configmap', 'kubeadm-config']

/** `host:port`, as the cluster's record has it; null where it has none. */
export async function endpointOnRecord(site: OperatorSite): Promise<string | null> {
  const endpoint = parseDocument(await configOnRecord(site)).get('controlPlaneEndpoint')
  return typeof endpoint === 'string' && endpoint !== '' ? endpoint : null
}

async function configOnRecord(site: OperatorSite): Promise<string> {
  const text = await insist(site.clock, askAgainWithinMs, () =>
    kubectl(site, ['get', ...record, '--output', 'json']),
  )
  return (JSON.parse(text) as { data: { ClusterConfiguration: string } }).data.ClusterConfiguration
}

/** Another endpoint, and both hosts among the names of the certificate. */
function moveEndpoint(document: Document, from: string, to: string): void {
  const names = textsAt(document, ['apiServer', 'certSANs'])
  const wanted = [...new Set([...names, hostOf(from), hostOf(to)])]
  setAt(document, ['apiServer', 'certSANs'], wanted)
  setAt(document, ['controlPlaneEndpoint'], to)
}

export const hostOf = (endpoint: string): string => endpoint.replace(/:\d+$/, '')

/** A ClusterConfiguration, or a node's whole configuration, that names the endpoint `to`. */
export function movedConfig(text: string, from: string, to: string): string {
  return changedConfig(text, {
    ClusterConfiguration: (document) => moveEndpoint(document, from, to),
    JoinConfiguration: (document) =>
      setAt(document, ['discovery', 'bootstrapToken', 'apiServerEndpoint'], to),
  })
}

export async function changeRecord(site: OperatorSite, from: string, to: string): Promise<void> {
  const moved = movedConfig(await configOnRecord(site), from, to)
  const patch = JSON.stringify({ data: { ClusterConfiguration: moved } })
  await insist(site.clock, askAgainWithinMs, () =>
    kubectl(site, ['patch', ...record, '--type', 'merge', '--patch', patch]),
  )
}

/** So that whatever kubeadm does in this node later has the new endpoint in it. */
export async function changeNodeConfig(
  { engine }: OperatorSite,
  node: OwnedNode,
  from: string,
  to: string,
): Promise<void> {
  const text = await readInNode(engine, node, nodeConfig)
  await writeInNode(engine, node, nodeConfig, movedConfig(text, from, to))
}

/**
 * A new certificate for one API server, which is then ended and started again by its kubelet. Throws
 * an `InvalidRunError` where it does not come back ready and with the new name.
 */
export async function renewServer(
  site: OperatorSite,
  node: OwnedNode,
  endpoint: Endpoint,
): Promise<void> {
  const { engine, clock, access } = site
  const files = [`${pki}/apiserver.crt`, `${pki}/apiserver.key`]
  await inNode(engine, node, ['rm', '--force', ...files])
  const phase = ['init', 'phase', 'certs', 'apiserver', '--config', nodeConfig]
  await inNode(engine, node, ['kubeadm', ...phase])
  const ended = await killContainer(engine, node, apiServer)
  const own = { host: node.address, port: 6443 }
  let seen = 'it was not started again'
  const back = await until(clock, backWithinMs, 1_000, async () => {
    const running = await runningContainer(engine, node, apiServer)
    if (running === '' || running === ended) return false
    const { verified, error } = await verifiedHandshake(own, access.credentials.ca, endpoint.host)
    if (!verified) {
      seen = error
      return false
    }
    const ready = await ask(access, `https://${own.host}:${own.port}`, '/readyz', {
      timeoutMs: 3_000,
    })
    seen = ready.error ?? `readyz: HTTP ${ready.status}`
    return ready.status === 200
  })
  if (back) return
  throw new InvalidRunError({
    what: `the API server of ${node.name} did not come back with a certificate for ${endpoint.host}: ${seen}`,
    changed: `the certificate of ${node.name} was made anew, and its API server ended`,
    next: 'This is no result. The cluster is made anew by the next run; run it again.',
  })
}
