/** Placing the workload: what is applied, in which order, and what is left alone. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlaceOptions } from '../../../../harness/cluster/kubernetes/workload/place.ts'
import type { PlacedPod } from '../../../../harness/cluster/kubernetes/workload/pods.ts'
import { componentsOf, type Topology } from '../../../../harness/model/topology.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { type Manifest, topologyNamed } from './input.ts'

const { ask } = vi.hoisted(() => ({ ask: vi.fn() }))
vi.mock('../../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))
const { placeWorkload } = await import('../../../../harness/cluster/kubernetes/workload/place.ts')

const images = {
  ...{ runtime: 'clusterdrill/runtime:1', database: 'clusterdrill/redis:1' },
  ...{ toolbox: 'clusterdrill/toolbox:1', node: 'clusterdrill/node:1' },
}

/** As much of a cluster as placing sees: what was applied stands at once, on nodes in turn. */
class Cluster {
  applied: Manifest[][] = []
  deleted: string[] = []
  /** Paths of Deployments that were taken away. */
  removed: string[] = []
  filled: string[][] = []
  pods: (Omit<PlacedPod, 'ready' | 'madeFrom'> & { madeFrom: string })[] = []
  annotation: string | null = null
  provisioner = true
  /** Do new pods get Ready? */
  works = true
  order: string[] = []
  /** As many times it is asked in vain through a node. */
  deaf = 0
  said: string[] = []
  readonly topology: Topology

  constructor(topology: Topology) {
    this.topology = topology
    ask.mockImplementation(
      async (_access, _url, path: string, options: { method?: string; body?: string } = {}) => {
        const body = this.#answer(path, options)
        return { status: body === null ? 404 : 200, body: JSON.stringify(body), error: null }
      },
    )
    vi.stubGlobal('fetch', async (url: string) => {
      if (!url.includes('172.28.0.4') || this.deaf === 0) return new Response('{}')
      this.deaf -= 1
      throw new TypeError('fetch failed')
    })
  }

  place(change: Partial<PlaceOptions> = {}) {
    return placeWorkload({
      access: { kubeconfig: 'kc', credentials: { ca: '', cert: '', key: '', serverName: '' } },
      baseUrl: 'https://api',
      clock: new FakeClock(),
      topology: this.topology,
      images,
      sharedFolder: '/var/shared',
      nodes: this.topology.nodes.map(({ name }, index) => ({
        ...{ name, kubernetesName: `drill-${name}`, address: `172.28.0.${index + 2}` },
      })),
      apply: async (manifest) => this.#apply((JSON.parse(manifest) as { items: Manifest[] }).items),
      fillRegistry: async (_place, wanted) => {
        this.order.push('fill')
        this.filled.push([...wanted])
      },
      report: (line) => this.said.push(line),
      ...change,
    })
  }

  #apply(items: Manifest[]): void {
    this.order.push('apply')
    this.applied.push(items)
    const parts: readonly string[] = componentsOf(this.topology.workload)
    for (const { kind, metadata, spec } of items) {
      if (!/^(Deployment|StatefulSet)$/.test(kind) || !parts.includes(metadata.name)) continue
      const madeFrom = Object.values(spec.template.metadata.annotations)[0] ?? ''
      const standing = this.pods.filter(({ component }) => component === metadata.name)
      for (const pod of standing) pod.madeFrom = madeFrom
      for (let index = standing.length; index < spec.replicas; index += 1) {
        this.pods.push({
          name: `${metadata.name}-${index}`,
          namespace: metadata.namespace ?? '',
          component: metadata.name as PlacedPod['component'],
          ...{ node: `drill-${index}`, madeFrom },
        })
      }
    }
  }

  #answer(path: string, { method, body }: { method?: string; body?: string }): object | null {
    if (method === 'DELETE' && path.includes('/deployments/')) {
      this.removed.push(path)
      return {}
    }
    if (method === 'DELETE') {
      const name = path.split('/').at(-1) ?? ''
      this.deleted.push(name)
      const moved = this.pods.find((pod) => pod.name === name)
      if (moved) moved.node = 'drill-elsewhere'
      return {}
    }
    if (path.endsWith('/pods')) {
      const namespace = path.split('/').at(-2)
      return { items: this.pods.filter((pod) => pod.namespace === namespace).map(this.#asPod) }
    }
    if (path.endsWith('/deployments/coredns')) {
      return { spec: { replicas: 2 }, status: { availableReplicas: 2 } }
    }
    if (path.endsWith('/local-path-storage/deployments/local-path-provisioner')) {
      const containers = [{ name: 'p', image: 'provisioner:1' }]
      return this.provisioner ? { spec: { template: { spec: { containers } } } } : null
    }
    if (path === '/api/v1/namespaces/clusterdrill') {
      if (method === 'PATCH') {
        const { metadata } = JSON.parse(body ?? '{}') as {
          metadata: { annotations: Record<string, string> }
        }
        this.annotation = metadata.annotations['clusterdrill.dev/placed'] ?? null
      }
      const annotations = this.annotation ? { 'clusterdrill.dev/placed': this.annotation } : {}
      return { metadata: { annotations } }
    }
    if (path.endsWith('/persistentvolumeclaims/database')) return { status: { phase: 'Pending' } }
    return null
  }

  #asPod = ({ name, namespace, component, node, madeFrom }: Cluster['pods'][number]) => ({
    metadata: {
      ...{ name, namespace, labels: { 'clusterdrill.dev/component': component } },
      annotations: { 'clusterdrill.dev/made-from': madeFrom },
    },
    spec: { nodeName: node },
    status: { conditions: [{ type: 'Ready', status: this.works ? 'True' : 'False' }] },
  })
}

let cluster: Cluster
beforeEach(() => {
  cluster = new Cluster(topologyNamed('cx-worker-ha'))
})
afterEach(() => {
  vi.unstubAllGlobals()
  ask.mockReset()
})

describe('on an empty cluster', () => {
  it('applies everything once and says on our namespace what it was', async () => {
    await cluster.place()
    expect(cluster.applied).toHaveLength(1)
    expect(cluster.pods.map(({ name }) => name)).toEqual([
      ...['page-0', 'page-1', 'api-0', 'api-1', 'database-0'],
    ])
    expect(cluster.annotation).toMatch(/^[0-9a-f]{12}$/)
  })

  it('waits until the workload answers through every node', async () => {
    const asked: string[] = []
    let refused = 3
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url)
      refused -= 1
      if (refused === 1) throw new Error('refused')
      return new Response('{}', { status: refused >= 0 ? 503 : 200 })
    })
    await cluster.place()
    expect(new Set(asked)).toEqual(
      new Set([
        'http://172.28.0.3:30080/saves?run=placing',
        'http://172.28.0.4:30080/saves?run=placing',
      ]),
    )
    expect(asked.length).toBeGreaterThan(2)
  })

  it('says once for which node it waits', async () => {
    cluster.deaf = 3
    await cluster.place()
    expect(cluster.said).toEqual([
      'workload: applying',
      'workload: Ready; waiting for an answer through worker-b',
    ])
  })

  it('gives up after three minutes, with what it saw', async () => {
    cluster.works = false
    await expect(cluster.place()).rejects.toThrow(
      /within 3 min: page-0 on drill-0 \(not ready\).*the claim of the database is Pending/,
    )
    expect(cluster.annotation).toBeNull()
  })
})

describe('where it stands already', () => {
  beforeEach(async () => {
    await cluster.place()
    cluster.applied = []
  })

  it('is left alone', async () => {
    await cluster.place()
    expect(cluster.applied).toEqual([])
    expect(cluster.deleted).toEqual([])
  })

  it('is applied again when it was made from something else', async () => {
    await cluster.place({ images: { ...images, database: 'clusterdrill/redis:2' } })
    expect(cluster.applied).toHaveLength(1)
    const before = cluster.annotation
    await cluster.place()
    expect(cluster.applied).toHaveLength(2)
    expect(cluster.annotation).not.toBe(before)
  })

  it('loses a pod of two that stand on one node, and no other', async () => {
    for (const pod of cluster.pods) pod.node = pod.component === 'api' ? pod.node : 'drill-0'
    await cluster.place()
    expect(cluster.deleted).toEqual(['page-1'])
  })
})

describe('where a part is a StatefulSet', () => {
  it('takes the Deployment away that an earlier version made of it, and no other', async () => {
    cluster = new Cluster(topologyNamed('cx-worker-ha-metallb'))
    await cluster.place()
    expect(cluster.removed).toEqual(['/apis/apps/v1/namespaces/ef-external/deployments/database'])
    expect(cluster.deleted).toEqual([])
  })

  it('takes nothing away where all are Deployments', async () => {
    await cluster.place()
    expect(cluster.removed).toEqual([])
  })
})

describe('with an image registry', () => {
  beforeEach(() => {
    cluster = new Cluster(topologyNamed('embedded-external-lb'))
  })

  it('fills it between making it and the workload, with what the workload needs', async () => {
    await cluster.place()
    expect(cluster.order).toEqual(['apply', 'fill', 'apply'])
    expect(cluster.filled).toEqual([['clusterdrill/runtime:1', 'clusterdrill/redis:1']])
    expect(cluster.applied[0]?.map(({ metadata }) => metadata.name)).toEqual([
      ...['image-registry', 'registry', 'registry'],
    ])
    const pod = cluster.applied[0]?.at(-1)?.spec.template.spec
    expect(pod?.nodeSelector).toEqual({ 'kubernetes.io/hostname': 'drill-master-1' })
    expect(pod?.containers[0].image).toBe('clusterdrill/toolbox:1')
  })

  it('has every node pull from it', async () => {
    await cluster.place()
    const deployments = cluster.applied[1]?.filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'clusterdrill',
    )
    const pulled = deployments
      ?.map(({ spec }) => spec.template.spec.containers[0])
      .filter(({ image }) => image !== 'provisioner:1')
    expect(pulled?.map(({ image, imagePullPolicy }) => [image, imagePullPolicy])).toEqual([
      ['172.28.0.2:5000/clusterdrill/runtime:1', 'IfNotPresent'],
      ['172.28.0.2:5000/clusterdrill/runtime:1', 'IfNotPresent'],
      ['172.28.0.2:5000/clusterdrill/redis:1', 'IfNotPresent'],
    ])
  })

  it('is left alone where it stands', async () => {
    await cluster.place()
    cluster.order = []
    await cluster.place()
    expect(cluster.order).toEqual([])
  })
})

describe('what cannot be placed is refused before anything is applied', () => {
  afterEach(() => expect(cluster.applied).toEqual([]))

  it('an ingress without an image', async () => {
    cluster = new Cluster(topologyNamed('cx-worker-ha-metallb'))
    const without = { ...images, toolbox: null }
    await expect(cluster.place({ images: without })).rejects.toThrow(
      'there is no image for the ingress of cx-worker-ha-metallb',
    )
  })

  it('a registry without an image', async () => {
    cluster = new Cluster(topologyNamed('embedded-no-lb'))
    const without = { ...images, toolbox: null }
    await expect(cluster.place({ images: without })).rejects.toThrow(
      'there is no image for the image registry of embedded-no-lb',
    )
  })

  it('shared volumes that nobody can make', async () => {
    cluster.provisioner = false
    await expect(cluster.place()).rejects.toThrow('no local-path provisioner')
  })
})
