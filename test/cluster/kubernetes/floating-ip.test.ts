/** The floating IP's objects: on the announcers alone, never evicted, with the timers of the plan. */
import { describe, expect, it } from 'vitest'
import {
  announcerManifests,
  type FloatingIpImages,
  floatingIpEngineOf,
  floatingServiceManifests,
  keepalivedConfig,
} from '../../../harness/cluster/kubernetes/floating-ip.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import type { Topology } from '../../../harness/model/topology.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../../topologies/cx-worker-ha-metallb.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  data: Record<string, string>
  rules: unknown[]
  roleRef: unknown
  subjects: unknown[]
  spec: {
    updateStrategy: unknown
    template: {
      metadata: { labels: object; annotations?: Record<string, string> }
      spec: {
        hostNetwork: boolean
        priorityClassName: string
        tolerations: unknown[]
        terminationGracePeriodSeconds: number
        serviceAccountName?: string
        affinity: unknown
        containers: {
          image: string
          imagePullPolicy: string
          command: string[]
          args: string[]
          env?: unknown[]
          securityContext: unknown
        }[]
      }
    }
  }
}

const built = { toolbox: 'toolbox:1', kubeVip: null }
const published = { toolbox: 'toolbox:1', kubeVip: 'kube-vip:1' }

const announcersOf = (
  topology: Topology,
  address = '172.28.255.7',
  images: FloatingIpImages = built,
) =>
  announcerManifests({
    topology,
    address,
    timers: { ...timersOf('brisk'), floatingIpRenewDeadlineMs: 4_000 },
    images,
    nodeLabel: 'drill/node',
  }) as Manifest[]
const named = (all: Manifest[], kind: string): Manifest => {
  const found = all.find((one) => one.kind === kind)
  if (!found) throw new Error(`no ${kind}`)
  return found
}
const listOf = (all: Manifest[]) =>
  all.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)

it.each([
  [cxWorkerHa, built, 'lease-agent'],
  [cxWorkerHa, published, 'kube-vip'],
  [cxWorkerHa, { ...published, toolbox: null }, 'kube-vip'],
  [cxWorkerHa, { toolbox: null, kubeVip: null }, null],
  [cxWorkerHaMetallb, published, 'keepalived'],
  [cxWorkerHaMetallb, { ...published, toolbox: null }, null],
  [kubeadmStacked, published, null],
] as const)('the program on $name with %o is %s', (topology, images, engine) => {
  expect(floatingIpEngineOf(topology, images)).toBe(engine)
})

describe('where the document has kube-vip, and its image is there', () => {
  const all = announcersOf(cxWorkerHa, '172.28.255.7', published)
  const { spec } = named(all, 'DaemonSet').spec.template
  const [program] = spec.containers

  it('is kube-vip, with the rights that its reference names', () => {
    expect(listOf(all)).toEqual([
      'ServiceAccount kube-system/floating-ip',
      'ClusterRole /floating-ip',
      'ClusterRoleBinding /floating-ip',
      'DaemonSet kube-system/floating-ip',
    ])
    const watching = ['get', 'list', 'watch', 'update']
    expect(named(all, 'ClusterRole').rules).toEqual([
      { apiGroups: [''], resources: ['services/status'], verbs: ['update'] },
      { apiGroups: [''], resources: ['services', 'endpoints'], verbs: watching },
      { apiGroups: [''], resources: ['nodes'], verbs: [...watching, 'patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: watching },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: [...watching, 'create'],
      },
    ])
    expect(named(all, 'ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'floating-ip' },
      subjects: [{ kind: 'ServiceAccount', name: 'floating-ip', namespace: 'kube-system' }],
    })
    expect(spec).toMatchObject({ serviceAccountName: 'floating-ip', hostNetwork: true })
    expect(program).toMatchObject({
      image: 'kube-vip:1',
      imagePullPolicy: 'Never',
      args: ['manager'],
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
      },
    })
    expect(program?.command).toBeUndefined()
  })

  it('serves Services by ARP with one election, by the timers of the plan', () => {
    expect(program?.env).toEqual([
      { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'vip_arp', value: 'true' },
      { name: 'vip_interface', value: 'eth0' },
      { name: 'vip_subnet', value: '32' },
      { name: 'cp_enable', value: 'false' },
      { name: 'cp_namespace', value: 'kube-system' },
      { name: 'svc_enable', value: 'true' },
      { name: 'svc_election', value: 'false' },
      { name: 'svc_leasename', value: 'clusterdrill-floating-ip' },
      { name: 'vip_leaderelection', value: 'true' },
      { name: 'vip_leaseduration', value: '5' },
      { name: 'vip_renewdeadline', value: '4' },
      { name: 'vip_retryperiod', value: '1' },
    ])
  })

  it('finds the address at a Service of its own class', () => {
    expect(floatingServiceManifests(cxWorkerHa, '172.28.255.7', published)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'floating-ip',
          namespace: 'clusterdrill',
          annotations: { 'kube-vip.io/loadbalancerIPs': '172.28.255.7' },
        },
        spec: {
          type: 'LoadBalancer',
          loadBalancerClass: 'kube-vip.io/kube-vip-class',
          allocateLoadBalancerNodePorts: false,
          selector: { 'clusterdrill.dev/component': 'page' },
          ports: [{ port: 80, targetPort: 8080 }],
        },
      },
    ])
  })

  it('is not taken for MetalLB', () => {
    expect(announcersOf(cxWorkerHaMetallb, '172.28.255.7', published)).toEqual(
      announcersOf(cxWorkerHaMetallb),
    )
  })
})

describe('where the document has kube-vip, and its image is not there', () => {
  const all = announcersOf(cxWorkerHa)
  const { spec } = named(all, 'DaemonSet').spec.template

  it('is an agent with the right to one Lease', () => {
    expect(listOf(all)).toEqual([
      'ServiceAccount kube-system/floating-ip',
      'Role kube-system/floating-ip',
      'RoleBinding kube-system/floating-ip',
      'DaemonSet kube-system/floating-ip',
    ])
    const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
    expect(named(all, 'Role').rules).toEqual([
      { ...leases, resourceNames: ['clusterdrill-floating-ip'], verbs: ['get', 'update'] },
      { ...leases, verbs: ['create'] },
    ])
    expect(named(all, 'RoleBinding')).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'floating-ip' },
      subjects: [{ kind: 'ServiceAccount', name: 'floating-ip', namespace: 'kube-system' }],
    })
    expect(spec.serviceAccountName).toBe('floating-ip')
  })

  it('elects by the timers of the plan, under the name of its node', () => {
    const [agent] = spec.containers
    expect(agent?.command).toEqual(['floating-ip-agent'])
    expect(agent?.args.join(' ')).toBe(
      '--address 172.28.255.7 --interface eth0 --lease-namespace kube-system ' +
        '--lease-name clusterdrill-floating-ip --lease-duration 5s --renew-deadline 4s ' +
        '--retry-period 1s --announce-every 3s',
    )
    expect(agent?.env).toEqual([
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ])
    expect(agent?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    })
  })
})

describe('where the document has MetalLB', () => {
  const all = announcersOf(cxWorkerHaMetallb)

  it('is keepalived in the namespace of MetalLB, without a right in the API', () => {
    expect(listOf(all)).toEqual([
      'Namespace /metallb-system',
      'ConfigMap metallb-system/floating-ip',
      'DaemonSet metallb-system/floating-ip',
    ])
    const [only] = named(all, 'DaemonSet').spec.template.spec.containers
    expect([only?.command, ...(only?.args ?? [])].join(' ')).toBe(
      'keepalived --dont-fork --log-console --log-detail --no-syslog --vrrp ' +
        '--use-file /etc/clusterdrill-keepalived/keepalived.conf',
    )
    expect(only?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW', 'NET_BROADCAST'] },
    })
  })

  it('has one configuration for all, with a group of its own for each address', () => {
    expect(named(all, 'ConfigMap').data['keepalived.conf']).toBe(
      [
        'vrrp_instance floating_ip {',
        '  state BACKUP',
        '  nopreempt',
        '  interface eth0',
        '  virtual_router_id 7',
        '  priority 128',
        '  advert_int 1',
        '  garp_master_delay 1',
        '  garp_master_repeat 5',
        '  virtual_ipaddress {',
        '    172.28.255.7/32 dev eth0',
        '  }',
        '}',
        '',
      ].join('\n'),
    )
    expect(keepalivedConfig('172.28.255.250')).toContain('virtual_router_id 250\n')
    expect(() => keepalivedConfig('172.28.255.0')).toThrow(RangeError)
  })

  it('replaces its pods when the configuration is another', () => {
    const markOf = (address: string) =>
      named(announcersOf(cxWorkerHaMetallb, address), 'DaemonSet').spec.template.metadata
        .annotations?.['clusterdrill.dev/config']
    expect(markOf('172.28.255.7')).toMatch(/^[0-9a-f]{12}$/)
    expect(markOf('172.28.255.7')).not.toBe(markOf('172.28.255.8'))
  })
})

describe.each([
  { topology: cxWorkerHa, images: built, image: 'toolbox:1' },
  { topology: cxWorkerHa, images: published, image: 'kube-vip:1' },
  { topology: cxWorkerHaMetallb, images: built, image: 'toolbox:1' },
])('on $topology.name, from $image', ({ topology, images, image }) => {
  it('runs on the announcers alone, in their network, and is never evicted', () => {
    const { spec } = named(announcersOf(topology, '172.28.255.7', images), 'DaemonSet')
    expect(spec.template.spec).toMatchObject({
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 5,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'drill/node', operator: 'In', values: ['worker-a', 'worker-b'] },
                ],
              },
            ],
          },
        },
      },
    })
    expect(spec.updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
    })
    expect(spec.template.spec.containers[0]).toMatchObject({ image, imagePullPolicy: 'Never' })
  })
})

describe('the Service', () => {
  it.each([
    [cxWorkerHa, 'clusterdrill', 'page'],
    [cxWorkerHaMetallb, 'ingress-nginx', 'ingress'],
  ] as const)('of $name leads from the address to %s/%s', (topology, namespace, component) => {
    expect(floatingServiceManifests(topology, '172.28.255.7', built)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'floating-ip', namespace },
        spec: {
          type: 'ClusterIP',
          externalIPs: ['172.28.255.7'],
          selector: { 'clusterdrill.dev/component': component },
          ports: [{ port: 80, targetPort: 8080 }],
        },
      },
    ])
  })
})

it('is nothing where the document has no floating IP', () => {
  expect(announcersOf(kubeadmStacked)).toEqual([])
  expect(floatingServiceManifests(kubeadmStacked, '172.28.255.7', published)).toEqual([])
})
