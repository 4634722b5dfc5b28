/**
 * The floating IP as Kubernetes objects: a DaemonSet on the nodes that may hold the address, which
 * gives it to one of them, and the Service through which it leads to the workload. Pure. Where the
 * document has kube-vip an agent elects a holder by a Lease; where it has MetalLB, keepalived
 * agrees on one by VRRP, without the API.
 */
import { createHash } from 'node:crypto'
import type { Timers } from '../../model/timers.ts'
import type { FloatingIp, Topology } from '../../model/topology.ts'
import { componentLabel } from './changes.ts'
import { namespaceOf, portOf } from './workload/namespaces.ts'

export interface FloatingIpInput {
  topology: Topology
  /** IPv4; its last part is the number of the VRRP group, so 1 to 255. */
  address: string
  timers: Timers
  /** Holds `floating-ip-agent` and keepalived. */
  image: string
  /** The label of a node whose value is its topology name. */
  nodeLabel: string
}

/** The Lease that says who holds the address, where one does. */
export const floatingIpLease = 'clusterdrill-floating-ip'
const name = 'floating-ip'

/** Empty where the topology has no floating IP. Needs nothing but its nodes. */
export function announcerManifests(input: FloatingIpInput): object[] {
  const { floatingIp } = input.topology
  if (!floatingIp) return []
  return floatingIp.documented === 'kube-vip'
    ? leaseAgent(input, floatingIp)
    : keepalived(input, floatingIp)
}

/** Empty where the topology has no floating IP. Needs the namespace of what it leads to. */
export function floatingServiceManifests(topology: Topology, address: string): object[] {
  const { floatingIp, workload } = topology
  if (!floatingIp) return []
  const { port, leadsTo } = floatingIp
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: namespaceOf(workload, leadsTo) },
      spec: {
        type: 'ClusterIP',
        externalIPs: [address],
        selector: { [componentLabel]: leadsTo },
        ports: [{ port, targetPort: portOf(leadsTo) }],
      },
    },
  ]
}

function leaseAgent(input: FloatingIpInput, floatingIp: FloatingIp): object[] {
  const { address, image, timers } = input
  const namespace = 'kube-system'
  const metadata = { name, namespace }
  const seconds = (ms: number) => `${ms / 1_000}s`
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { ...leases, resourceNames: [floatingIpLease], verbs: ['get', 'update'] },
        { ...leases, verbs: ['create'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    daemonSet(input, floatingIp, namespace, {
      serviceAccountName: name,
      containers: [
        {
          name: 'floating-ip-agent',
          image,
          imagePullPolicy: 'Never',
          command: ['floating-ip-agent'],
          args: [
            ...['--address', address, '--interface', 'eth0'],
            ...['--lease-namespace', namespace, '--lease-name', floatingIpLease],
            ...['--lease-duration', seconds(timers.floatingIpLeaseDurationMs)],
            ...['--renew-deadline', seconds(timers.floatingIpRenewDeadlineMs)],
            ...['--retry-period', seconds(timers.floatingIpRetryPeriodMs)],
            ...['--announce-every', '3s'],
          ],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          ...common(['NET_ADMIN', 'NET_RAW']),
        },
      ],
    }),
  ]
}

/** On every pod: a short mark of its configuration, so that a changed one replaces it. */
const configAnnotation = 'clusterdrill.dev/config'

function keepalived(input: FloatingIpInput, floatingIp: FloatingIp): object[] {
  const namespace = 'metallb-system'
  const folder = '/etc/clusterdrill-keepalived'
  const config = keepalivedConfig(input.address)
  const mark = createHash('sha256').update(config).digest('hex').slice(0, 12)
  const pod = {
    automountServiceAccountToken: false,
    volumes: [{ name: 'config', configMap: { name } }],
    containers: [
      {
        name: 'keepalived',
        image: input.image,
        imagePullPolicy: 'Never',
        command: ['keepalived'],
        args: [
          ...['--dont-fork', '--log-console', '--log-detail', '--no-syslog', '--vrrp'],
          ...['--use-file', `${folder}/keepalived.conf`],
        ],
        volumeMounts: [{ name: 'config', mountPath: folder, readOnly: true }],
        ...common(['NET_ADMIN', 'NET_RAW', 'NET_BROADCAST']),
      },
    ],
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: { 'keepalived.conf': config },
    },
    daemonSet(input, floatingIp, namespace, pod, { [configAnnotation]: mark }),
  ]
}

/**
 * One configuration for every node: all begin as backups of the same priority, so the holder keeps
 * the address until it is lost, and a node that comes back takes nothing. A backup takes over after
 * three silent seconds and a half: 3 advertisements + (256 − priority) / 256 s (RFC 3768, 6.1).
 */
export function keepalivedConfig(address: string): string {
  const group = Number(address.split('.').at(-1))
  if (!(group >= 1 && group <= 255)) {
    throw new RangeError(`${address}: its last part must be from 1 to 255`)
  }
  return `vrrp_instance floating_ip {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id ${group}
  priority 128
  advert_int 1
  garp_master_delay 1
  garp_master_repeat 5
  virtual_ipaddress {
    ${address}/32 dev eth0
  }
}
`
}

/** What is the same for both programs, beside their names and arguments. */
function common(capabilities: readonly string[]): object {
  return {
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: capabilities },
    },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  }
}

/** On the announcers alone, never evicted, and never two at a time on one node. */
function daemonSet(
  input: FloatingIpInput,
  { announcers }: FloatingIp,
  namespace: string,
  podSpec: object,
  annotations: Readonly<Record<string, string>> = {},
): object {
  const labels = { 'app.kubernetes.io/name': name }
  const onAnnouncers = {
    matchExpressions: [{ key: input.nodeLabel, operator: 'In', values: announcers }],
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      template: {
        metadata: { labels, annotations },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 5,
          enableServiceLinks: false,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onAnnouncers] },
            },
          },
          ...podSpec,
        },
      },
    },
  }
}
