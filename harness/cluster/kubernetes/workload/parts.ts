/**
 * One Deployment, or StatefulSet, and one Service for each part of the workload: what runs, with
 * which text, where it may run and when it counts as ready. Pure.
 */
import { createHash } from 'node:crypto'
import {
  cpuQuantity,
  memoryQuantity,
  usualRequests,
  usualSpread,
} from '../../../model/placement.ts'
import type { Component, Topology } from '../../../model/topology.ts'
import { componentLabel } from '../changes.ts'
import { onlyKey } from '../labels.ts'
import { affinityOf } from './affinity.ts'
import { ingressReadyPath, nginxConfig } from './ingress.ts'
import { hostOf, namespaceOf, nodePortOf, portOf } from './namespaces.ts'
import { claimName } from './storage.ts'

/** References under which nodes find the images. */
export interface WorkloadImages {
  runtime: string
  database: string
  /** Null where no part needs it. */
  toolbox: string | null
}

export interface PartInput {
  topology: Topology
  images: WorkloadImages
  /** `Never` where every node holds the images already. */
  pull: 'Never' | 'IfNotPresent'
  /** Text by file name: `page.ts`, `api.ts` and what they import. */
  programs: Readonly<Record<string, string>>
}

/** On every pod: what it was made from, so that a change replaces it, and is told apart from before. */
export const madeFromAnnotation = 'clusterdrill.dev/made-from'

/** A short mark of whatever can be written as JSON. */
export const markOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)

export const programsConfig = 'programs'
export const ingressConfig = 'ingress'

/** Which program each part runs that is one of ours, and what it is told. */
function programOf(
  component: Component,
  { workload }: Topology,
): { file: string; env: Record<string, string> } | null {
  const url = (other: Component) => `http://${hostOf(workload, other)}:${portOf(other)}`
  switch (component) {
    case 'page':
      return { file: 'page.ts', env: { API_URL: url('api') } }
    case 'api':
      return { file: 'api.ts', env: { DATABASE_HOST: hostOf(workload, 'database') } }
    case 'reporting':
      return { file: 'report.ts', env: { DATABASE_HOST: hostOf(workload, 'database') } }
    case 'monitor': {
      const reports = workload.extra?.includes('reporting') ?? false
      const report: Record<string, string> = reports ? { REPORT_URL: url('reporting') } : {}
      return { file: 'monitor.ts', env: { PAGE_URL: url('page'), ...report } }
    }
    default:
      return null
  }
}

/** Does this part run one of our programs? Then its namespace needs their text. */
export const runsProgram = (component: Component, topology: Topology): boolean =>
  programOf(component, topology) !== null

/** Ready within a second of answering, and not ready after two misses. */
const quickReadiness = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 }

function resourcesOf(component: Component, { workload }: Topology): object {
  const { cpuMillis, memoryBytes } = workload.placement?.[component]?.requests ?? usualRequests
  return { requests: { cpu: cpuQuantity(cpuMillis), memory: memoryQuantity(memoryBytes) } }
}

/** Containers and volumes of a part, and the text that it mounts. */
function contentOf(component: Component, input: PartInput) {
  const { topology, images, pull, programs } = input
  const port = portOf(component)
  const common = {
    name: component,
    imagePullPolicy: pull,
    ports: [{ containerPort: port }],
    resources: resourcesOf(component, topology),
  }
  const program = programOf(component, topology)
  if (program) {
    const container = {
      ...common,
      image: images.runtime,
      command: ['node', '--disable-warning=ExperimentalWarning', `/programs/${program.file}`],
      env: Object.entries(program.env).map(([name, value]) => ({ name, value })),
      volumeMounts: [{ name: 'programs', mountPath: '/programs', readOnly: true }],
      readinessProbe: { httpGet: { path: '/healthz', port }, ...quickReadiness },
    }
    const volumes = [{ name: 'programs', configMap: { name: programsConfig } }]
    return { podSpec: { containers: [container], volumes }, mounted: programs }
  }
  if (component === 'ingress') {
    const container = {
      ...common,
      image: images.toolbox,
      command: ['nginx', '-e', 'stderr', '-c', '/config/nginx.conf', '-g', 'daemon off;'],
      volumeMounts: [{ name: 'config', mountPath: '/config', readOnly: true }],
      readinessProbe: { httpGet: { path: ingressReadyPath, port }, ...quickReadiness },
    }
    const volumes = [{ name: 'config', configMap: { name: ingressConfig } }]
    return {
      podSpec: { containers: [container], volumes },
      mounted: { 'nginx.conf': nginxConfig(topology.workload) },
    }
  }
  const container = {
    ...common,
    image: images.database,
    command: ['redis-server'],
    args: [
      ...['--bind', '0.0.0.0', '--protected-mode', 'no', '--port', String(port)],
      ...['--dir', '/data', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    ],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    readinessProbe: { tcpSocket: { port }, ...quickReadiness },
  }
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName } }]
  return { podSpec: { containers: [container], volumes }, mounted: {} }
}

/** Evenly over the nodes that it may run on, old and new pods of a roll-out counted apart. */
function spreadOf(component: Component, topology: Topology): object[] {
  const constraints = topology.workload.placement?.[component]?.spread ?? usualSpread
  return constraints.map((constraint) => ({
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    whenUnsatisfiable: constraint.whenUnsatisfiable,
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { [componentLabel]: component } },
    matchLabelKeys: [
      isStateful(component, topology) ? 'controller-revision-hash' : 'pod-template-hash',
    ],
  }))
}

/** Onto the nodes that are for this part alone, where there are any. */
function placement(component: Component, topology: Topology): object {
  if (!topology.nodes.some(({ only }) => only === component)) return {}
  return {
    nodeSelector: { [onlyKey]: component },
    tolerations: [{ key: onlyKey, operator: 'Equal', value: component, effect: 'NoSchedule' }],
  }
}

function podSpecOf(component: Component, input: PartInput) {
  const { podSpec, mounted } = contentOf(component, input)
  const spec = {
    terminationGracePeriodSeconds: 2,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    topologySpreadConstraints: spreadOf(component, input.topology),
    ...placement(component, input.topology),
    ...affinityOf(component, input.topology.workload),
    ...podSpec,
  }
  return { spec, madeFrom: markOf([spec, mounted]) }
}

/** What the part's pods carry in `madeFromAnnotation` when they are up to date. */
export const madeFromOf = (component: Component, input: PartInput): string =>
  podSpecOf(component, input).madeFrom

/** Has this part an identity, so that a lost one is not replaced before it is known to be gone? */
const isStateful = (component: Component, { workload }: Topology): boolean =>
  workload.stateful?.includes(component) ?? false

/** A Deployment, or a StatefulSet where the topology says so. */
export function controllerOf(component: Component, replicas: number, input: PartInput): object {
  const { topology } = input
  const stateful = isStateful(component, topology)
  const labels = { [componentLabel]: component }
  const { spec, madeFrom } = podSpecOf(component, input)
  // Two databases on one folder would be worse than none for a moment; a StatefulSet never has.
  const strategy = { type: component === 'database' ? 'Recreate' : 'RollingUpdate' }
  return {
    apiVersion: 'apps/v1',
    kind: stateful ? 'StatefulSet' : 'Deployment',
    metadata: { name: component, namespace: namespaceOf(topology.workload, component) },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(stateful ? { serviceName: component } : { strategy }),
      template: {
        metadata: { labels, annotations: { [madeFromAnnotation]: madeFrom } },
        spec,
      },
    },
  }
}

/**
 * API paths of Deployments with which an earlier version may have filled the cluster, and which
 * would run beside the StatefulSets that stand in their place now.
 */
export const formerDeployments = ({ workload }: Topology): string[] =>
  (workload.stateful ?? []).map(
    (component) =>
      `/apis/apps/v1/namespaces/${namespaceOf(workload, component)}/deployments/${component}`,
  )

export function service(component: Component, topology: Topology): object {
  const port = portOf(component)
  const nodePort = nodePortOf(topology, component)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: component, namespace: namespaceOf(topology.workload, component) },
    spec: {
      ...(nodePort === null ? {} : { type: 'NodePort' }),
      selector: { [componentLabel]: component },
      ports: [{ port, targetPort: port, ...(nodePort === null ? {} : { nodePort }) }],
    },
  }
}
