/** kind's configuration, read back as kind reads it: order of nodes, labels, mounts, timers. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { containersOf, kindConfig } from '../../../harness/cluster/kind/config.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'
import { planOf } from '../../support/plan-of.ts'

interface KindNode {
  role: string
  image: string
  labels: Record<string, string>
  extraMounts: { hostPath: string; containerPath: string; readOnly?: boolean }[]
}

const folders = { owner: '/state/owner', shared: '/state/shared' }
const written = (plan: Plan) =>
  parse(kindConfig(plan, 'node:1', folders)) as {
    name: string
    nodes: KindNode[]
    kubeadmConfigPatches: string[]
    networking: object
  }
const patches = (plan: Plan) => written(plan).kubeadmConfigPatches.map((text) => parse(text))

describe('the containers of a topology', () => {
  it('are numbered by role, the first of each without a number', () => {
    expect(
      containersOf(kubeadmStacked, 'drill-x').map(({ node, container }) => [node.name, container]),
    ).toEqual([
      ['cka-cp-1', 'drill-x-control-plane'],
      ['cka-cp-2', 'drill-x-control-plane2'],
      ['cka-cp-3', 'drill-x-control-plane3'],
      ['cka-wk-1', 'drill-x-worker'],
      ['cka-wk-2', 'drill-x-worker2'],
      ['cka-wk-3', 'drill-x-worker3'],
    ])
  })

  it('begin with the control planes, whatever the order of the topology', () => {
    const turned = { ...kubeadmStacked, nodes: kubeadmStacked.nodes.toReversed() }
    expect(containersOf(turned, 'c').map(({ node }) => node.name)).toEqual([
      ...['cka-cp-3', 'cka-cp-2', 'cka-cp-1'],
      ...['cka-wk-3', 'cka-wk-2', 'cka-wk-1'],
    ])
  })
})

describe("kind's configuration", () => {
  it('names the cluster and every node in the order of its container', () => {
    const { nodes, ...rest } = written(planOf('cx-worker-ha'))
    expect(rest).toMatchObject({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      name: 'drill-cx-worker-ha',
      networking: { ipFamily: 'ipv4', apiServerAddress: '127.0.0.1' },
    })
    expect(nodes.map(({ role, image }) => [role, image])).toEqual([
      ['control-plane', 'node:1'],
      ['worker', 'node:1'],
      ['worker', 'node:1'],
    ])
  })

  it('says on each node which one of which cluster it is, and where it stands', () => {
    expect(written(planOf('cx-worker-ha')).nodes[2]?.labels).toEqual({
      'clusterdrill.dev/node': 'worker-b',
      'clusterdrill.dev/drill': 'drill-cx-worker-ha',
      'topology.kubernetes.io/region': 'cx',
      'topology.kubernetes.io/zone': 'site-b',
    })
  })

  it('mounts the mark of ownership, read-only, and the shared folder into every node', () => {
    for (const { extraMounts } of written(planOf('kubeadm-stacked')).nodes) {
      expect(extraMounts).toEqual([
        { hostPath: '/state/owner', containerPath: '/etc/clusterdrill', readOnly: true },
        { hostPath: '/state/shared', containerPath: '/var/clusterdrill-shared' },
      ])
    }
  })

  it('sets the documented timers, arguments as the map of kubeadm v1beta3', () => {
    const election = {
      'leader-elect-lease-duration': '15s',
      'leader-elect-renew-deadline': '10s',
      'leader-elect-retry-period': '2s',
    }
    expect(patches(planOf('cx-worker-ha'))).toEqual([
      {
        kind: 'ClusterConfiguration',
        apiServer: {
          extraArgs: {
            'default-not-ready-toleration-seconds': '300',
            'default-unreachable-toleration-seconds': '300',
          },
        },
        controllerManager: {
          extraArgs: {
            'node-monitor-period': '5s',
            'node-monitor-grace-period': '50s',
            ...election,
          },
        },
        scheduler: { extraArgs: election },
      },
      {
        kind: 'KubeletConfiguration',
        nodeStatusUpdateFrequency: '10s',
        nodeLeaseDurationSeconds: 40,
      },
    ])
  })

  it('sets the brisk timers', () => {
    expect(patches(planOf('cx-worker-ha', 'brisk'))).toMatchObject([
      {
        apiServer: { extraArgs: { 'default-unreachable-toleration-seconds': '30' } },
        controllerManager: {
          extraArgs: {
            'node-monitor-period': '500ms',
            'node-monitor-grace-period': '5s',
            'leader-elect-lease-duration': '3s',
          },
        },
        scheduler: { extraArgs: { 'leader-elect-retry-period': '500ms' } },
      },
      { nodeStatusUpdateFrequency: '1s', nodeLeaseDurationSeconds: 4 },
    ])
  })
})
