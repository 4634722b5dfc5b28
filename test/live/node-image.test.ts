/**
 * The node image by itself: plain `kind create cluster --image …`, nothing of the harness, gives
 * Ready nodes, running CoreDNS, DNS and pod traffic across nodes, NodePorts on every node and a
 * default StorageClass that binds; and a node's volume stays lean.
 */

import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from 'zx'
import { type LiveMachine, liveMachine, newFolder } from './support.ts'

const cluster = 'plain-kind-on-our-image'
const nodes = [`${cluster}-control-plane`, `${cluster}-worker`, `${cluster}-worker2`]
const gigabyte = 1_000_000_000
let machine: LiveMachine
let kubeconfig: string

beforeAll(async () => {
  machine = await liveMachine()
  const folder = await newFolder()
  kubeconfig = `${folder}/kubeconfig`
  const config = `${folder}/kind.yaml`
  await writeFile(
    config,
    'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}, {role: worker}, {role: worker}]\n',
  )
  await machine.kind('delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig)
  await machine.kind(
    ...['create', 'cluster', '--name', cluster, '--image', machine.toolchain.images.node],
    ...['--config', config, '--kubeconfig', kubeconfig, '--wait', '120s'],
  )
  await kubectl(['apply', '-f', '-'], objects())
})

afterAll(async () => {
  await machine.kind('delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig)
})

async function kubectl(words: string[], input = ''): Promise<string> {
  const command = $({ input })`${machine.toolchain.kubectl} --kubeconfig ${kubeconfig} ${words}`
  return (await command).stdout.trim()
}

/** A page server pinned to the first worker, a client on the second, a Service and a claim. */
function objects(): string {
  const { runtime } = machine.toolchain.images
  const serve = "require('http').createServer((q,s)=>s.end('here\\n')).listen(8080)"
  const pod = (name: string, node: string, command: string[], extra: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      containers: [{ name, image: runtime, imagePullPolicy: 'Never', command, ...extra }],
      ...('volumeMounts' in extra
        ? { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
        : {}),
    },
  })
  const client = pod('client', `${cluster}-worker2`, ['sleep', '3600'], {
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  })
  // A claim that waits for its first consumer binds only through the scheduler.
  const { nodeName, ...schedulable } = client.spec
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      pod('server', `${cluster}-worker`, ['node', '-e', serve]),
      {
        ...client,
        spec: { ...schedulable, nodeSelector: { 'kubernetes.io/hostname': nodeName } },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'server' },
        spec: {
          type: 'NodePort',
          selector: { app: 'server' },
          ports: [{ port: 8080, nodePort: 30081 }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      },
    ],
  })
}

test('all nodes are Ready and CoreDNS runs', async () => {
  await kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s'])
  await kubectl([
    ...['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s'],
  ])
  const ready = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])
  expect(ready.split(' ').toSorted()).toEqual(nodes.toSorted())
})

test('a pod on one worker finds a pod on the other by name', async () => {
  await kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=90s'])
  const fetched = await kubectl([
    ...['exec', 'client', '--', 'node', '-e'],
    "fetch('http://server.default.svc.cluster.local:8080').then(r=>r.text()).then(console.log)",
  ])
  expect(fetched.trim()).toBe('here')
})

test('the NodePort answers on every node', async () => {
  for (const node of nodes) {
    const address = await machine.docker(
      ...['container', 'inspect', '--format'],
      '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
      node,
    )
    const answer = await fetch(`http://${address}:30081`, { signal: AbortSignal.timeout(5_000) })
    expect(await answer.text()).toBe('here\n')
  }
})

test('the default StorageClass binds a claim', async () => {
  expect(await kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.status.phase}'])).toBe('Bound')
  const name = await kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.spec.storageClassName}'])
  expect(name).toBe('standard')
})

test("no node's volume is larger than a gigabyte", async () => {
  for (const node of nodes) {
    const used = await machine.docker('exec', node, 'du', '-sxB1', '/var')
    expect(Number(used.split('\t')[0])).toBeLessThan(gigabyte)
  }
})
