/**
 * The floating IP as Kubernetes objects: a DaemonSet on the nodes that may hold the address, which
 * gives it to one of them, and the Service through which it leads to the workload. Pure. Where the
 * document has kube-vip, kube-vip itself elects a holder by a Lease, or an agent of ours where its
 * image is not there; where it has MetalLB, keepalived agrees on one by VRRP, without the API.
 */
import { createHash } from 'node:crypto'
import { floatingIpLease } from '../../model/event.ts'
import type { Timers } from '../../model/timers.ts'
import type { FloatingIp, Topology } from '../../model/topology.ts'
import { componentLabel } from './changes.ts'
import { namespaceOf, portOf } from './workload/namespaces.ts'

/** The program that shares the address. */
export type FloatingIpEngine = 'kube-vip' | 'lease-agent' | 'keepalived'

export interface FloatingIpImages {
  /** Holds `floating-ip-agent` and keepalived. */
  toolbox: string | null
  kubeVip: string | null
}

export interface FloatingIpInput {
  topology: Topology
  /** IPv4; its last part is the number of the VRRP group, so 1 to 255. */
  address: string
  timers: Timers
  images: FloatingIpImages
  /** The label of a node whose value is its topology name. */
  nodeLabel: string
}

/** A program, and the image on the nodes that it is started from. */
interface Chosen {
  engine: FloatingIpEngine
  image: string
}

const name = 'floating-ip'

/** Null where the topology has no floating IP, or where no image has a program for it. */
export function floatingIpEngineOf(
  topology: Pick<Topology, 'floatingIp'>,
  images: FloatingIpImages,
): FloatingIpEngine | null {
  return chosen(topology, images)?.engine ?? null
}

function chosen(
  { floatingIp }: Pick<Topology, 'floatingIp'>,
  { toolbox, kubeVip }: FloatingIpImages,
): Chosen | null {
  if (!floatingIp) return null
  const electing = floatingIp.documented === 'kube-vip'
  if (electing && kubeVip !== null) return { engine: 'kube-vip', image: kubeVip }
  if (toolbox === null) return null
  return { engine: electing ? 'lease-agent' : 'keepalived', image: toolbox }
}

/** Empty where nothing shares an address. Needs nothing but the nodes. */
export function announcerManifests(input: FloatingIpInput): object[] {
  const { floatingIp } = input.topology
  const program = chosen(input.topology, input.images)
  if (!floatingIp || !program) return []
  const { engine, image } = program
  if (engine === 'kube-vip') return kubeVip(input, floatingIp, image)
  return engine === 'lease-agent'
    ? leaseAgent(input, floatingIp, image)
    : keepalived(input, floatingIp, image)
}

/**
 * Empty where the topology has no floating IP. Needs the namespace of what it leads to. kube-vip
 * announces the address of a Service of type LoadBalancer, and of its own class alone, so that
 * nothing else that serves such Services takes it; for the others the address is an external IP.
 */
export function floatingServiceManifests(
  topology: Topology,
  address: string,
  images: FloatingIpImages,
): object[] {
  const { floatingIp, workload } = topology
  if (!floatingIp) return []
  const { port, leadsTo } = floatingIp
  const byKubeVip = floatingIpEngineOf(topology, images) === 'kube-vip'
  const annotations = byKubeVip ? { annotations: { 'kube-vip.io/loadbalancerIPs': address } } : {}
  const type = byKubeVip
    ? {
        type: 'LoadBalancer',
        loadBalancerClass: 'kube-vip.io/kube-vip-class',
        allocateLoadBalancerNodePorts: false,
      }
    : { type: 'ClusterIP', externalIPs: [address] }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: namespaceOf(workload, leadsTo), ...annotations },
      spec: {
        ...type,
        selector: { [componentLabel]: leadsTo },
        ports: [{ port, targetPort: portOf(leadsTo) }],
      },
    },
  ]
}

const nodeName = { valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }
const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' }
const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }

/**
 * kube-vip for Services alone, by ARP, with one election for all of them. Variables and rights are
 * those of its reference (kube-vip.io, flags and DaemonSet); unlike ours it may read and mark every
 * Service, node and endpoint. The interface keeps the address as /32, as with the others.
 */
function kubeVip(input: FloatingIpInput, floatingIp: FloatingIp, image: string): object[] {
  const { timers } = input
  const namespace = 'kube-system'
  const metadata = { name, namespace }
  const seconds = (ms: number) => String(ms / 1_000)
  const environment = {
    vip_arp: 'true',
    vip_interface: 'eth0',
    vip_subnet: '32',
    cp_enable: 'false',
    cp_namespace: namespace,
    svc_enable: 'true',
    svc_election: 'false',
    svc_leasename: floatingIpLease,
    vip_leaderelection: 'true',
    vip_leaseduration: seconds(timers.floatingIpLeaseDurationMs),
    vip_renewdeadline: seconds(timers.floatingIpRenewDeadlineMs),
    vip_retryperiod: seconds(timers.floatingIpRetryPeriodMs),
  }
  const watching = ['get', 'list', 'watch', 'update']
  const of = (apiGroup: string, resources: string[], verbs: string[]) => {
    return { apiGroups: [apiGroup], resources, verbs }
  }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      ...rbac,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        of('', ['services/status'], ['update']),
        of('', ['services', 'endpoints'], watching),
        of('', ['nodes'], [...watching, 'patch']),
        of('', ['pods'], ['list']),
        of('discovery.k8s.io', ['endpointslices'], watching),
        { ...leases, verbs: [...watching, 'create'] },
      ],
    },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    daemonSet(input, floatingIp, namespace, {
      serviceAccountName: name,
      containers: [
        {
          name: 'kube-vip',
          image,
          imagePullPolicy: 'Never',
          args: ['manager'],
          env: [
            { name: 'vip_nodename', ...nodeName },
            ...Object.entries(environment).map(([key, value]) => ({ name: key, value })),
          ],
          ...common(['NET_ADMIN', 'NET_RAW']),
        },
      ],
    }),
  ]
}

function leaseAgent(input: FloatingIpInput, floatingIp: FloatingIp, image: string): object[] {
  const { address, timers } = input
  const namespace = 'kube-system'
  const metadata = { name, namespace }
  const seconds = (ms: number) => `${ms / 1_000}s`
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      ...rbac,
      kind: 'Role',
      metadata,
      rules: [
        { ...leases, resourceNames: [floatingIpLease], verbs: ['get', 'update'] },
        { ...leases, verbs: ['create'] },
      ],
    },
    {
      ...rbac,
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
          env: [{ name: 'NODE_NAME', ...nodeName }],
          ...common(['NET_ADMIN', 'NET_RAW']),
        },
      ],
    }),
  ]
}

/** On every pod: a short mark of its configuration, so that a changed one replaces it. */
const configAnnotation = 'clusterdrill.dev/config'

function keepalived(input: FloatingIpInput, floatingIp: FloatingIp, image: string): object[] {
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
        image,
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
