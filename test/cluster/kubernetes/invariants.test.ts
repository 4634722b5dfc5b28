/** What must be so by the documents, judged on what an API would show. Objects by hand. */
import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { type ClusterView, judgeView } from '../../../harness/cluster/kubernetes/invariants.ts'
import { topologies } from '../../../topologies/index.ts'

const documented = {
  'control-plane': { zone: 'site-a', taints: ['node-role.kubernetes.io/control-plane'] },
  'worker-a': { zone: 'site-a', taints: [] },
  'worker-b': { zone: 'site-b', taints: [] },
}
const names = new Map(['control-plane', 'worker-a', 'worker-b', 'reporting'].map(kubernetesName))
function kubernetesName(name: string): [string, string] {
  return [name, `drill-${name}`]
}

function node(name: string, rest: { zone?: string; taints?: string[]; ready?: boolean }): V1Node {
  const { zone = 'site-a', taints = [], ready = true } = rest
  return {
    metadata: {
      name: `drill-${name}`,
      labels: {
        'topology.kubernetes.io/region': 'cx',
        'topology.kubernetes.io/zone': zone,
        ...(name === 'control-plane' ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
      },
    },
    spec: {
      taints: taints.map((taint) => {
        const [key = '', value] = taint.split('=')
        return { key, ...(value ? { value } : {}), effect: 'NoSchedule' }
      }),
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
  }
}

function pod(component: string, namespace: string, rest: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: {
      name: `${component}-1`,
      namespace,
      labels: { 'clusterdrill.dev/component': component },
    },
    spec: { containers: [], nodeName: 'drill-worker-a' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    ...rest,
  }
}

const volume = (accessMode: string, hostname: string | null) => ({
  metadata: { name: 'pvc-1' },
  spec: {
    accessModes: [accessMode],
    ...(hostname
      ? {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] },
                  ],
                },
              ],
            },
          },
        }
      : {}),
  },
})
const claim = (phase: string) => ({ status: { phase } })

const well: ClusterView = {
  nodes: Object.entries(documented).map(([name, rest]) => node(name, rest)),
  namespaces: [{ metadata: { name: 'clusterdrill' } }],
  pods: [],
  claim: claim('Bound'),
  volume: volume('ReadWriteMany', null),
}

function judgedOn(topology: string, view: ClusterView | null) {
  const found = topologies.find(({ name }) => name === topology)
  if (!found) throw new Error(`no ${topology}`)
  return judgeView(found, names, view)
}
const one = (topology: string, id: string, view: ClusterView | null) =>
  judgedOn(topology, view).find((invariant) => invariant.id === id)
const on = (id: string, change: Partial<ClusterView>) =>
  one('cx-worker-ha', id, { ...well, ...change })
const nodesWith = (name: keyof typeof documented, rest: Parameters<typeof node>[1]) =>
  Object.entries(documented).map(([each, plain]) =>
    node(each, each === name ? { ...plain, ...rest } : plain),
  )

describe('a topology', () => {
  it('is held to what it has', () => {
    expect(judgedOn('cx-worker-ha', well).map(({ id, holds }) => [id, holds])).toEqual([
      ...[
        ['nodes', true],
        ['taints', true],
        ['storage', true],
      ],
    ])
    expect(judgedOn('cx-worker-ha-metallb', well).map(({ id }) => id)).toEqual([
      ...['nodes', 'taints', 'drained-control-plane', 'storage', 'namespaces'],
    ])
  })

  it('is not what it should be where the API does not answer', () => {
    expect(judgedOn('cx-worker-ha-metallb', null).map(({ holds, seen }) => [holds, seen])).toEqual(
      Array.from({ length: 5 }, () => [false, 'the API did not answer']),
    )
  })
})

describe('nodes', () => {
  it('are Ready, with role, zone and region', () => {
    expect(on('nodes', {})).toEqual({
      id: 'nodes',
      holds: true,
      expected: '3 nodes Ready, 1 of them control planes; zones: site-a in cx, site-b in cx',
      seen: '3 nodes Ready, each with its role, zone and region',
    })
  })

  it('are told when they are not', () => {
    const moved = nodesWith('worker-b', { zone: 'site-a', ready: false })
    expect(on('nodes', { nodes: moved })).toMatchObject({
      holds: false,
      seen: 'worker-b is not Ready; worker-b lies in the zone site-a',
    })
    expect(on('nodes', { nodes: well.nodes.slice(1) })).toMatchObject({
      holds: false,
      seen: 'control-plane is not there',
    })
    const stranger = [...well.nodes, node('worker-c', {})]
    expect(on('nodes', { nodes: stranger })?.seen).toBe('1 more than documented')
  })

  it('have the role that the document gives them', () => {
    const [first, ...others] = well.nodes
    const nodes = [{ ...first, metadata: { ...first?.metadata, labels: {} } }, ...others]
    expect(on('nodes', { nodes })?.seen).toContain('control-plane has the role worker')
  })
})

describe('taints', () => {
  it('keep pods off a control plane, and off no worker', () => {
    const expected =
      'control-plane: node-role.kubernetes.io/control-plane:NoSchedule; worker-a, worker-b: none'
    expect(on('taints', {})).toEqual({ id: 'taints', holds: true, expected, seen: expected })
  })

  it('are told when one lacks or is too many', () => {
    const untainted = nodesWith('control-plane', { taints: [] })
    expect(on('taints', { nodes: untainted })).toMatchObject({
      holds: false,
      seen: 'control-plane lacks node-role.kubernetes.io/control-plane:NoSchedule',
    })
    const tainted = nodesWith('worker-a', { taints: ['node.kubernetes.io/unreachable'] })
    expect(on('taints', { nodes: tainted })).toMatchObject({
      holds: false,
      seen: 'worker-a has node.kubernetes.io/unreachable:NoSchedule',
    })
  })

  it('are on a drained control plane and on a node for one part alone', () => {
    const nodes = [
      ...nodesWith('control-plane', {
        taints: ['node-role.kubernetes.io/control-plane', 'node.kubernetes.io/unschedulable'],
      }),
      node('reporting', { taints: ['clusterdrill.dev/only=reporting'] }),
    ]
    expect(one('cx-worker-ha-metallb', 'taints', { ...well, nodes })?.holds).toBe(true)
    const free = [...nodes.slice(0, 3), node('reporting', {})]
    expect(one('cx-worker-ha-metallb', 'taints', { ...well, nodes: free })?.seen).toBe(
      'reporting lacks clusterdrill.dev/only=reporting:NoSchedule',
    )
  })

  it('are on no controller that is a worker too', () => {
    const controllers = ['k0s-ch-sion-1', 'k0s-at-vie-1', 'k0s-de-fra-1']
    const topology = topologies.find(({ name }) => name === 'k0s-three-zones')
    if (!topology) throw new Error('no k0s-three-zones')
    const taintsOn = (taints: string[]) =>
      judgeView(topology, new Map(controllers.map(kubernetesName)), {
        ...well,
        nodes: controllers.map((name) => node(name, { taints })),
      }).find(({ id }) => id === 'taints')
    expect(taintsOn([])?.seen).toBe('k0s-ch-sion-1, k0s-at-vie-1, k0s-de-fra-1: none')
    expect(taintsOn(['node-role.kubernetes.io/control-plane'])?.holds).toBe(false)
  })
})

describe('a drained control plane', () => {
  const drained = (unschedulable: boolean, pods: V1Pod[]) => {
    const [first, ...others] = well.nodes
    const nodes = [{ ...first, spec: { ...first?.spec, unschedulable } }, ...others]
    return one('cx-worker-ha-metallb', 'drained-control-plane', { ...well, nodes, pods })
  }
  const there = { spec: { containers: [], nodeName: 'drill-control-plane' } }
  const owned = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kube-proxy', uid: '1' }

  it('runs its static pods and those of DaemonSets', () => {
    const pods = [
      pod('proxy', 'kube-system', { ...there, metadata: { ownerReferences: [owned] } }),
      pod('etcd', 'kube-system', {
        ...there,
        metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
      }),
      pod('done', 'nfs-client', { ...there, status: { phase: 'Succeeded' } }),
      pod('page', 'expertflow'),
    ]
    expect(drained(true, pods)).toEqual({
      id: 'drained-control-plane',
      holds: true,
      expected:
        'control-plane takes no pods and runs none but its own static ones and those of DaemonSets',
      seen: 'control-plane takes no pods and runs no others',
    })
  })

  it('is told when it takes pods, or runs one', () => {
    expect(drained(false, [pod('page', 'expertflow', there)])).toMatchObject({
      holds: false,
      seen: 'control-plane takes pods; expertflow/page-1 runs on control-plane',
    })
  })
})

describe('storage', () => {
  const local = (view: Partial<ClusterView>) =>
    one('cx-worker-ha-local', 'storage', { ...well, ...view })

  it('that is shared can be mounted by every node', () => {
    expect(on('storage', {})).toEqual({
      id: 'storage',
      holds: true,
      expected: 'the claim of the database is Bound to a volume that every node can mount',
      seen: 'pvc-1: ReadWriteMany, any node',
    })
    expect(on('storage', { volume: volume('ReadWriteOnce', 'drill-worker-a') })).toMatchObject({
      ...{ holds: false, seen: 'pvc-1: ReadWriteOnce, worker-a alone' },
    })
  })

  it('that is local lies on one worker', () => {
    expect(local({ volume: volume('ReadWriteOnce', 'drill-worker-b') })).toMatchObject({
      ...{ holds: true, seen: 'pvc-1: ReadWriteOnce, worker-b alone' },
    })
    expect(local({})?.holds).toBe(false)
    const onControlPlane = volume('ReadWriteOnce', 'drill-control-plane')
    expect(local({ volume: onControlPlane })?.holds).toBe(false)
  })

  it('is told when the claim is not bound', () => {
    expect(on('storage', { claim: claim('Pending'), volume: null })).toMatchObject({
      ...{ holds: false, seen: 'the claim of the database is Pending' },
    })
    expect(on('storage', { claim: null })?.seen).toBe('the claim of the database is not there')
    expect(on('storage', { volume: null })?.holds).toBe(false)
  })
})

describe('namespaces', () => {
  const all = ['expertflow', 'ef-external', 'monitoring', 'ingress-nginx', 'nfs-client']
  const pods = [
    ...[pod('page', 'expertflow'), pod('page', 'expertflow'), pod('api', 'expertflow')],
    ...[pod('api', 'expertflow'), pod('database', 'ef-external'), pod('reporting', 'expertflow')],
    ...[pod('monitor', 'monitoring'), pod('ingress', 'ingress-nginx')],
    pod('ingress', 'ingress-nginx'),
  ]
  const seen = (change: Partial<ClusterView>) =>
    one('cx-worker-ha-metallb', 'namespaces', {
      ...{ ...well, pods },
      namespaces: all.map((name) => ({ metadata: { name } })),
      ...change,
    })

  it('are there, each with its own', () => {
    expect(seen({})).toEqual({
      id: 'namespaces',
      holds: true,
      expected:
        'expertflow with page, api, reporting; ef-external with database; monitoring with monitor; ingress-nginx with ingress; nfs-client; every pod of theirs Ready',
      seen: 'all 5 are there, every pod of theirs Ready',
    })
  })

  it('are told when one is missing, or a pod lies elsewhere or is not Ready', () => {
    const three = all.slice(0, 4).map((name) => ({ metadata: { name } }))
    expect(seen({ namespaces: three })?.seen).toBe('nfs-client is not there')
    const elsewhere = pods.map((each) =>
      each.metadata?.name === 'monitor-1' ? pod('monitor', 'expertflow') : each,
    )
    expect(seen({ pods: elsewhere })?.seen).toBe('0 of 1 monitor Ready in monitoring')
    const waiting = [...pods.slice(1), pod('page', 'expertflow', { status: {} })]
    expect(seen({ pods: waiting })?.seen).toBe('1 of 2 page Ready in expertflow')
  })
})
