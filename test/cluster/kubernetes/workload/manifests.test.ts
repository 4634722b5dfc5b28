/** The workload's objects: what keeps saves safe and faults comparable, and where each part lies. */
import { describe, expect, it } from 'vitest'
import {
  formerDeployments,
  madeFromAnnotation,
  madeFromOf,
} from '../../../../harness/cluster/kubernetes/workload/parts.ts'
import { wantedReplicas } from '../../../../harness/model/topology.ts'
import { inputFor, type Manifest, topologyNamed, workloadOf } from './input.ts'

const plain = topologyNamed('cx-worker-ha')
const input = inputFor(plain)
const { all, named } = workloadOf(input)
const components = ['page', 'api', 'database'] as const
const where = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`

describe('the workload', () => {
  it('is three deployments with a service each, in a namespace of ours', () => {
    const ours = all.filter(({ metadata }) => !['shared-storage'].includes(metadata.name))
    expect(ours.map(where)).toEqual([
      'Namespace undefined/clusterdrill',
      'ConfigMap clusterdrill/counter',
      'ConfigMap clusterdrill/local-path-config',
      'StorageClass undefined/shared',
      'PersistentVolumeClaim clusterdrill/database',
      'ConfigMap clusterdrill/programs',
      ...components.map((name) => `Deployment clusterdrill/${name}`),
      ...components.map((name) => `Service clusterdrill/${name}`),
    ])
  })

  it('marks its pods with what they are made from, so that a change replaces them', () => {
    const markOn = (name: string) =>
      named('Deployment', name).spec.template.metadata.annotations[madeFromAnnotation]
    expect(components.map(markOn)).toEqual(components.map((part) => madeFromOf(part, input)))
    const otherPrograms = { ...input, programs: { 'page.ts': 'another page' } }
    const otherImages = { ...input, images: { ...input.images, database: 'redis:2' } }
    const changed = (other: typeof input) =>
      components.filter((part) => madeFromOf(part, other) !== madeFromOf(part, input))
    expect(changed(otherPrograms)).toEqual(['page', 'api'])
    expect(changed(otherImages)).toEqual(['database'])
  })

  it('has the replicas of the topology, and one database', () => {
    const workload = { pageReplicas: 2, apiReplicas: 3, nodePort: 30_080 }
    const other = workloadOf(inputFor({ ...plain, workload }))
    expect(components.map((name) => other.named('Deployment', name).spec.replicas)).toEqual([
      ...[2, 3, 1],
    ])
    expect(wantedReplicas(workload)).toEqual({ page: 2, api: 3, database: 1 })
    expect(wantedReplicas({ ...workload, extra: ['ingress', 'monitor', 'reporting'] })).toEqual({
      ...{ page: 2, api: 3, database: 1, reporting: 1, monitor: 1, ingress: 2 },
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

  it('pulls no image where the nodes hold them', () => {
    for (const name of components) {
      const [container] = named('Deployment', name).spec.template.spec.containers
      expect(container.imagePullPolicy).toBe('Never')
      expect(container.image).toBe(name === 'database' ? 'redis:1' : 'runtime:1')
    }
  })

  it('never has two databases on one volume', () => {
    expect(components.map((name) => named('Deployment', name).spec.strategy.type)).toEqual([
      ...['RollingUpdate', 'RollingUpdate', 'Recreate'],
    ])
    expect(named('Deployment', 'database').spec.template.spec.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'database' } },
    ])
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

  it('runs the programs that it was given, which find each other by whole names', () => {
    expect(named('ConfigMap', 'programs').data).toEqual({
      ...{ 'page.ts': 'the page', 'api.ts': 'the api' },
    })
    const [page, api] = (['page', 'api'] as const).map(
      (name) => named('Deployment', name).spec.template.spec.containers[0],
    )
    expect(page?.command.at(-1)).toBe('/programs/page.ts')
    expect(page?.env).toEqual([
      { name: 'API_URL', value: 'http://api.clusterdrill.svc.cluster.local.:8080' },
    ])
    expect(api?.env).toEqual([
      { name: 'DATABASE_HOST', value: 'database.clusterdrill.svc.cluster.local.' },
    ])
  })
})

describe('the workload of document 001', () => {
  const topology = topologyNamed('cx-worker-ha-metallb')
  const documented = workloadOf(inputFor(topology))
  const podOf = (name: string) =>
    documented.named(name === 'database' ? 'StatefulSet' : 'Deployment', name).spec.template.spec
  const envOf = (name: string) =>
    Object.fromEntries(
      podOf(name).containers[0].env?.map((one) => [one.name, one.value]) ?? [],
    ) as Record<string, string>

  it('lies in the namespaces of the document, and its counter in ours', () => {
    const namespaces = documented.all.filter(({ kind }) => kind === 'Namespace')
    expect(namespaces.map(({ metadata }) => metadata.name)).toEqual([
      ...['clusterdrill', 'expertflow', 'ef-external', 'monitoring', 'ingress-nginx'],
      'nfs-client',
    ])
    const places = documented.all
      .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Service'].includes(kind))
      .map(where)
    expect(places.toSorted()).toEqual([
      'Deployment expertflow/api',
      'Deployment expertflow/page',
      'Deployment expertflow/reporting',
      'Deployment ingress-nginx/ingress',
      'Deployment monitoring/monitor',
      'Deployment nfs-client/shared-storage',
      'Service ef-external/database',
      'Service expertflow/api',
      'Service expertflow/page',
      'Service expertflow/reporting',
      'Service ingress-nginx/ingress',
      'Service monitoring/monitor',
      'StatefulSet ef-external/database',
    ])
    expect(where(documented.named('ConfigMap', 'counter'))).toBe('ConfigMap clusterdrill/counter')
    expect(where(documented.named('PersistentVolumeClaim', 'database'))).toContain('ef-external/')
  })

  it('has the programs in each namespace that runs one', () => {
    const texts = documented.all.filter(({ metadata }) => metadata.name === 'programs')
    expect(texts.map(where)).toEqual([
      ...['ConfigMap expertflow/programs', 'ConfigMap monitoring/programs'],
    ])
  })

  it('finds its parts across namespaces', () => {
    expect(envOf('api')).toEqual({ DATABASE_HOST: 'database.ef-external.svc.cluster.local.' })
    expect(envOf('reporting')).toEqual({ DATABASE_HOST: 'database.ef-external.svc.cluster.local.' })
    expect(envOf('monitor')).toEqual({
      PAGE_URL: 'http://page.expertflow.svc.cluster.local.:8080',
      REPORT_URL: 'http://reporting.expertflow.svc.cluster.local.:8080',
    })
    const text = documented.named('ConfigMap', 'ingress').data?.['nginx.conf'] ?? ''
    expect(text.match(/server page\.expertflow\.svc\.cluster\.local\.:8080/g)).toHaveLength(2)
  })

  it('reports on the node for reporting alone, at the next NodePort', () => {
    expect(podOf('reporting')).toMatchObject({
      nodeSelector: { 'clusterdrill.dev/only': 'reporting' },
      tolerations: [
        {
          ...{ key: 'clusterdrill.dev/only', operator: 'Equal' },
          ...{ value: 'reporting', effect: 'NoSchedule' },
        },
      ],
    })
    for (const name of ['page', 'api', 'database', 'monitor', 'ingress']) {
      expect(podOf(name).nodeSelector).toBeUndefined()
      expect(podOf(name).tolerations).toBeUndefined()
    }
    expect(documented.named('Service', 'reporting').spec).toMatchObject({
      ...{ type: 'NodePort', ports: [{ port: 8_080, nodePort: 30_081 }] },
    })
  })

  it('comes in through two of nginx, which are ready by themselves', () => {
    expect(documented.named('Deployment', 'ingress').spec.replicas).toBe(2)
    const [nginx] = podOf('ingress').containers
    expect(nginx.image).toBe('toolbox:1')
    expect(nginx.command).toEqual([
      ...['nginx', '-e', 'stderr', '-c', '/config/nginx.conf', '-g', 'daemon off;'],
    ])
    const path = nginx.readinessProbe.httpGet?.path ?? ''
    const text = documented.named('ConfigMap', 'ingress').data?.['nginx.conf'] ?? ''
    expect(text).toContain(`location = ${path} {`)
    expect(text).toContain('listen 8080;')
  })
  it('has a database with an identity, on the same claim', () => {
    const { spec } = documented.named('StatefulSet', 'database')
    expect(spec).toMatchObject({ replicas: 1, serviceName: 'database' })
    expect(spec.strategy).toBeUndefined()
    expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels)
    expect(spec.template.spec.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'database' } },
    ])
    expect(formerDeployments(topology)).toEqual([
      '/apis/apps/v1/namespaces/ef-external/deployments/database',
    ])
    expect(formerDeployments(plain)).toEqual([])
  })
})
