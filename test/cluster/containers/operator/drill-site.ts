/**
 * What an intervention on pods works with, by hand: a topology, an API server on loopback with pods
 * and nodes that the test puts there, and commands that are written down and answered by the test.
 */
import type { OperatorSite } from '../../../../harness/cluster/containers/operator/site.ts'
import type { FaultPlan } from '../../../../harness/model/scenario.ts'
import { timersOf } from '../../../../harness/model/timers.ts'
import { topologies } from '../../../../topologies/index.ts'
import { makeAuthority } from '../../../run/prober/certificates.ts'
import { serve } from '../../../run/prober/loopback-server.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const authority = makeAuthority()
const tls = { leaf: authority.issue('kubernetes'), ca: authority.ca }
const credentials = { ca: authority.ca, ...authority.issue('client'), serverName: 'kubernetes' }

export interface Pod {
  namespace: string
  name: string
  uid: string
  node: string
  component?: string
  ready?: boolean
  terminating?: boolean
  owner?: string
  static?: boolean
  readySince?: string
}

const asObject = (pod: Pod) => ({
  metadata: {
    ...{ name: pod.name, namespace: pod.namespace, uid: pod.uid },
    ...(pod.component ? { labels: { 'clusterdrill.dev/component': pod.component } } : {}),
    ...(pod.terminating ? { deletionTimestamp: '2026-11-21T12:00:00Z' } : {}),
    ...(pod.owner ? { ownerReferences: [{ kind: pod.owner }] } : {}),
    ...(pod.static ? { annotations: { 'kubernetes.io/config.mirror': 'x' } } : {}),
  },
  spec: { nodeName: pod.node },
  status: {
    conditions: [
      {
        ...{ type: 'Ready', status: pod.ready ? 'True' : 'False' },
        lastTransitionTime: pod.readySince ?? '1970-01-01T00:00:00Z',
      },
    ],
  },
})

export interface Stage extends AsyncDisposable {
  site: OperatorSite
  clock: FakeClock
  pods: Pod[]
  /** Kubernetes names of nodes that are Ready. */
  readyNodes: Set<string>
  /** False: the API answers 503. */
  apiAnswers: boolean
  /** What was asked of kubectl, without its kubeconfig, and what that did to the pods. */
  kubectl: string[]
  /** What was asked of containers: `exec c-worker-a ctr …`. */
  docker: string[]
  onKubectl(words: string): void
  onDocker(words: string): string
}

/** Containers and Kubernetes nodes are named `c-NODE`. */
export async function stageOf(
  fault: FaultPlan,
  options: { topology?: string; target: string; hit?: readonly string[] },
): Promise<Stage> {
  const named = options.topology ?? 'cx-worker-ha-metallb'
  const topology = topologies.find(({ name }) => name === named)
  if (!topology) throw new Error(`no topology ${named}`)
  const clock = new FakeClock()
  const api = await serve(
    (response, { url }) => {
      const [path = '', onNode] = url.split('?fieldSelector=spec.nodeName=')
      const [, , , , name = ''] = path.split('/')
      if (!stage.apiAnswers) response.writeHead(503).end('{}')
      else if (path.endsWith('/pods')) {
        const items = stage.pods.filter(({ namespace, node }) =>
          onNode === undefined ? namespace === name : node === onNode,
        )
        response.end(JSON.stringify({ items: items.map(asObject) }))
      } else {
        const status = stage.readyNodes.has(name) ? 'True' : 'Unknown'
        response.end(JSON.stringify({ status: { conditions: [{ type: 'Ready', status }] } }))
      }
    },
    { tls },
  )
  const stage: Stage = {
    clock,
    pods: [],
    readyNodes: new Set(),
    apiAnswers: true,
    kubectl: [],
    docker: [],
    onKubectl: () => undefined,
    onDocker: () => '',
    site: {
      ...{ fault, topology, clock, provider: 'kind', hit: options.hit ?? [] },
      target: { name: options.target, node: options.target, why: 'for the test' },
      access: { kubeconfig: 'kubeconfig', credentials },
      apiUrl: `https://127.0.0.1:${api.port}`,
      engine: {
        kubectl: async ([, , ...words]: readonly string[]) => {
          stage.kubectl.push(words.join(' '))
          stage.onKubectl(words.join(' '))
          return ''
        },
        docker: async (words: readonly string[]) => {
          stage.docker.push(words.join(' '))
          return stage.onDocker(words.join(' '))
        },
      },
      state: {
        ...{ name: 'drill', timers: timersOf('brisk'), topology },
        nodes: topology.nodes.map(({ name }, index) => ({
          ...{ name, container: `c-${name}`, id: name, address: `10.0.0.${index + 1}` },
        })),
      },
      report: () => undefined,
    } as unknown as OperatorSite,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
  return stage
}
