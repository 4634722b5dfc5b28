/**
 * `kubectl` as far as the harness uses it on the stand-in: what is applied is kept, Deployments get
 * pods that are ready at once, and claims get volumes. Refuses every command that it does not know.
 */
import { text } from 'node:stream/consumers'
import { type ApiObject, change, fail, newId, record, type State } from './state.ts'

const words = process.argv.slice(2)
record('kubectl', words)
const flags = ['--kubeconfig', '--namespace', '--server', '--tls-server-name', '--field-manager']
const verb = words.find((word, at) => !word.startsWith('-') && !flags.includes(words[at - 1] ?? ''))

if (verb === 'apply') {
  const { items } = JSON.parse(await text(process.stdin)) as { items: ApiObject[] }
  change((state) => {
    for (const item of items) apply(state, item)
  })
} else if (verb === 'scale' && words.includes('coredns')) {
  const replicas = Number(words.at(-1)?.replace('--replicas=', ''))
  change((state) => scaleDns(state, replicas))
} else fail(`error: unknown command "${verb}" for "kubectl"`)

function apply(state: State, item: ApiObject): void {
  const path = pathOf(item)
  const { annotations, ...metadata } = item.metadata
  const known = state.objects[path]?.metadata.annotations
  const whole = { ...item, metadata: { ...metadata, annotations: { ...known, ...annotations } } }
  state.objects[path] = whole
  if (item.kind === 'Deployment') placePods(state, item)
  if (item.kind === 'PersistentVolumeClaim') bind(state, whole)
}

interface DeploymentSpec {
  replicas: number
  template: { metadata: object; spec: { containers: { name: string }[] } }
}

function placePods(state: State, { metadata, spec }: ApiObject): void {
  const { replicas, template } = spec as DeploymentSpec
  const nodes = Object.values(state.containers).filter(({ role }) => role === 'agent')
  for (let number = 0; number < replicas; number += 1) {
    const node = nodes[number % nodes.length]?.name ?? ''
    put(state, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        name: `${metadata.name}-7d9f5c6b8-${number}`,
        namespace: metadata.namespace ?? 'default',
      },
      spec: { nodeName: node },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      standIn: {
        containers: template.spec.containers.map(({ name }) => ({
          ...{ name, id: newId(state), startsAtMs: 0 },
        })),
      },
    })
  }
}

function bind(state: State, claim: ApiObject): void {
  const { accessModes } = claim.spec as { accessModes: string[] }
  const volumeName = `pvc-${claim.metadata.name}`
  put(state, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName },
    spec: { accessModes },
  })
  claim.spec = { ...(claim.spec as object), volumeName }
  claim.status = { phase: 'Bound' }
}

/** k3s installs one replica, and spreads them over the nodes. */
function scaleDns(state: State, replicas: number): void {
  const metadata = { name: 'coredns', namespace: 'kube-system' }
  const labels = { 'k8s-app': 'kube-dns' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'coredns' }] } }
  apply(state, {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: { replicas, template },
    status: { availableReplicas: replicas },
  })
}

function put(state: State, object: ApiObject): void {
  state.objects[pathOf(object)] = object
}

function pathOf({ apiVersion = 'v1', kind = '', metadata }: ApiObject): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  const plural = kind.toLowerCase().replace(/s$/, 'se')
  return `${group}${place}/${plural}s/${metadata.name}`
}
