/**
 * The workload as Kubernetes objects: a page, an API behind it, and Redis with its append-only
 * file written through on every save. Pure; the programs' text is handed in.
 */
import { createHash } from 'node:crypto'
import type { Workload } from '../../../model/topology.ts'
import { componentLabel } from '../changes.ts'

export const namespace = 'clusterdrill'
export const counterName = 'counter'
/** Where the API serves the counter that the API vantages read and write. */
export const counterPath = `/api/v1/namespaces/${namespace}/configmaps/${counterName}`
export const components = ['page', 'api', 'database'] as const
export type Component = (typeof components)[number]

export interface WorkloadImages {
  runtime: string
  database: string
}

export interface WorkloadInput {
  workload: Workload
  images: WorkloadImages
  /** Text by file name: `page.ts`, `api.ts` and what they import. */
  programs: Readonly<Record<string, string>>
  /** Folder inside every node that stands for shared storage. */
  sharedFolder: string
}

/** How many replicas each component should have. */
export function wantedReplicas(workload: Workload): Record<Component, number> {
  return { page: workload.pageReplicas, api: workload.apiReplicas, database: 1 }
}

/** On every pod: which text of the programs it runs, so that a changed one replaces it. */
export const programsAnnotation = 'clusterdrill.dev/programs'

/** A short mark of the programs' text. */
export function markOf(programs: WorkloadInput['programs']): string {
  return createHash('sha256').update(JSON.stringify(programs)).digest('hex').slice(0, 12)
}

export function manifests(input: WorkloadInput): object[] {
  const wanted = wantedReplicas(input.workload)
  const mark = markOf(input.programs)
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    object('v1', 'ConfigMap', 'programs', {
      data: input.programs,
    }),
    object('v1', 'ConfigMap', counterName, { data: {} }),
    deployment('page', wanted.page, mark, {
      volumes: [{ name: 'programs', configMap: { name: 'programs' } }],
      containers: [program('page', input.images.runtime)],
    }),
    deployment('api', wanted.api, mark, {
      volumes: [{ name: 'programs', configMap: { name: 'programs' } }],
      containers: [program('api', input.images.runtime)],
    }),
    deployment('database', wanted.database, null, {
      volumes: [
        {
          name: 'data',
          hostPath: { path: `${input.sharedFolder}/database`, type: 'DirectoryOrCreate' },
        },
      ],
      containers: [database(input.images.database)],
    }),
    service('page', 8080, { type: 'NodePort', nodePort: input.workload.nodePort }),
    service('api', 8080),
    service('database', 6379),
  ]
}

function object(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest }
}

function deployment(
  component: Component,
  replicas: number,
  mark: string | null,
  podSpec: object,
): object {
  const labels = { [componentLabel]: component }
  return object('apps/v1', 'Deployment', component, {
    spec: {
      replicas,
      selector: { matchLabels: labels },
      // Two databases on one folder would be worse than none for a moment.
      strategy: { type: component === 'database' ? 'Recreate' : 'RollingUpdate' },
      template: {
        metadata: { labels, ...(mark ? { annotations: { [programsAnnotation]: mark } } : {}) },
        spec: {
          terminationGracePeriodSeconds: 2,
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
              matchLabelKeys: ['pod-template-hash'],
            },
          ],
          ...podSpec,
        },
      },
    },
  })
}

/** Ready within a second of answering, and not ready after two misses. */
const quickReadiness = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 }

function program(component: 'page' | 'api', image: string): object {
  return {
    name: component,
    image,
    imagePullPolicy: 'Never',
    command: ['node', '--disable-warning=ExperimentalWarning', `/programs/${component}.ts`],
    ports: [{ containerPort: 8080 }],
    volumeMounts: [{ name: 'programs', mountPath: '/programs', readOnly: true }],
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, ...quickReadiness },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  }
}

function database(image: string): object {
  return {
    name: 'database',
    image,
    imagePullPolicy: 'Never',
    command: ['redis-server'],
    args: [
      ...['--bind', '0.0.0.0', '--protected-mode', 'no', '--port', '6379'],
      ...['--dir', '/data', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    ],
    ports: [{ containerPort: 6379 }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    readinessProbe: { tcpSocket: { port: 6379 }, ...quickReadiness },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  }
}

function service(component: Component, port: number, extra: Record<string, unknown> = {}): object {
  const { nodePort, ...spec } = extra
  return object('v1', 'Service', component, {
    spec: {
      selector: { [componentLabel]: component },
      ports: [{ port, targetPort: port, ...(nodePort === undefined ? {} : { nodePort }) }],
      ...spec,
    },
  })
}
