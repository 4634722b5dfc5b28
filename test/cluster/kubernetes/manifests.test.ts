/** The workload's objects: what keeps saves safe and faults comparable. */
import { describe, expect, it } from 'vitest'
import {
  manifests,
  markOf,
  programsAnnotation,
  wantedReplicas,
} from '../../../harness/cluster/kubernetes/workload/manifests.ts'

interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  data?: Record<string, string>
  spec: {
    replicas: number
    selector: { matchLabels: Record<string, string> }
    strategy: { type: string }
    type?: string
    ports: unknown[]
    template: {
      metadata: { labels: Record<string, string>; annotations?: Record<string, string> }
      spec: {
        containers: [{ image: string; imagePullPolicy: string; args?: string[]; command: string[] }]
        volumes: [{ hostPath?: { path: string; type: string } }]
      }
    }
  }
}

const all = manifests({
  workload: { pageReplicas: 2, apiReplicas: 3, nodePort: 30_080 },
  images: { runtime: 'runtime:1', database: 'redis:1' },
  programs: { 'page.ts': 'the page', 'api.ts': 'the api' },
  sharedFolder: '/var/shared',
}) as Manifest[]
const named = (kind: string, name: string): Manifest => {
  const found = all.find((one) => one.kind === kind && one.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name}`)
  return found
}
const components = ['page', 'api', 'database']

describe('the workload', () => {
  it('is three deployments with a service each, in a namespace of their own', () => {
    expect(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace clusterdrill',
      ...['ConfigMap programs', 'ConfigMap counter'],
      ...components.map((name) => `Deployment ${name}`),
      ...components.map((name) => `Service ${name}`),
    ])
    expect(all.slice(1).every(({ metadata }) => metadata.namespace === 'clusterdrill')).toBe(true)
  })

  it('marks its pods with the programs they run, so that changed ones replace them', () => {
    const mark = markOf({ 'page.ts': 'the page', 'api.ts': 'the api' })
    expect(mark).not.toBe(markOf({ 'page.ts': 'another page', 'api.ts': 'the api' }))
    const markOn = (name: string) =>
      named('Deployment', name).spec.template.metadata.annotations?.[programsAnnotation]
    expect(components.map(markOn)).toEqual([mark, mark, undefined])
  })

  it('has the replicas of the topology, and one database', () => {
    expect(components.map((name) => named('Deployment', name).spec.replicas)).toEqual([2, 3, 1])
    expect(wantedReplicas({ pageReplicas: 2, apiReplicas: 3, nodePort: 1 })).toEqual({
      ...{ page: 2, api: 3, database: 1 },
    })
  })

  it('selects the pods that it makes', () => {
    for (const name of components) {
      const labels = { 'clusterdrill.dev/component': name }
      const { spec } = named('Deployment', name)
      expect(spec.selector.matchLabels).toEqual(labels)
      expect(spec.template.metadata.labels).toEqual(labels)
      expect(named('Service', name).spec.selector).toEqual(labels)
    }
  })

  it('pulls no image', () => {
    for (const name of components) {
      const [container] = named('Deployment', name).spec.template.spec.containers
      expect(container.imagePullPolicy).toBe('Never')
      expect(container.image).toBe(name === 'database' ? 'redis:1' : 'runtime:1')
    }
  })

  it('never has two databases on one folder', () => {
    expect(components.map((name) => named('Deployment', name).spec.strategy.type)).toEqual([
      ...['RollingUpdate', 'RollingUpdate', 'Recreate'],
    ])
    expect(named('Deployment', 'database').spec.template.spec.volumes[0].hostPath).toEqual({
      ...{ path: '/var/shared/database', type: 'DirectoryOrCreate' },
    })
  })

  it('writes every save through to the disk', () => {
    const args = named('Deployment', 'database').spec.template.spec.containers[0].args?.join(' ')
    expect(args).toContain('--dir /data')
    expect(args).toContain('--appendonly yes --appendfsync always')
  })

  it('is reached from outside at one NodePort, on the page alone', () => {
    expect(named('Service', 'page').spec).toMatchObject({
      type: 'NodePort',
      ports: [{ port: 8_080, targetPort: 8_080, nodePort: 30_080 }],
    })
    expect(named('Service', 'api').spec.type).toBeUndefined()
    expect(named('Service', 'database').spec.ports).toEqual([{ port: 6_379, targetPort: 6_379 }])
  })

  it('runs the programs that it was given', () => {
    expect(named('ConfigMap', 'programs').data).toEqual({
      ...{ 'page.ts': 'the page', 'api.ts': 'the api' },
    })
    const [container] = named('Deployment', 'api').spec.template.spec.containers
    expect(container.command.at(-1)).toBe('/programs/api.ts')
  })
})
