/**
 * Writes kind's configuration from the plan: roles, labels for site and name, the timers as
 * kubeadm patches, shared storage and the mark of ownership as mounts. Pure; kind reads the text.
 */
import { stringify } from 'yaml'
import type { Plan } from '../../model/plan.ts'
import type { Timers } from '../../model/timers.ts'
import type { Topology, TopologyNode } from '../../model/topology.ts'
import type { NamedNode } from '../containers/distribution.ts'
import { goDuration } from '../containers/go-duration.ts'
import { nodeLabel, ownedLabel, ownerMount, sharedMount } from '../containers/ownership.ts'

/** kind names the first node of a role plainly and numbers the rest from 2. */
export function containersOf(topology: Topology, cluster: string): NamedNode[] {
  const counts = { 'control-plane': 0, worker: 0 }
  return inKindOrder(topology).map((node) => {
    counts[node.role] += 1
    const number = counts[node.role] === 1 ? '' : String(counts[node.role])
    return { node, container: `${cluster}-${node.role}${number}` }
  })
}

function inKindOrder(topology: Topology): TopologyNode[] {
  const of = (role: TopologyNode['role']) => topology.nodes.filter((node) => node.role === role)
  return [...of('control-plane'), ...of('worker')]
}

export interface ConfigFolders {
  owner: string
  shared: string
}

export function kindConfig(plan: Plan, image: string, folders: ConfigFolders): string {
  const { topology, timers } = plan
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: plan.clusterName,
    networking: { ipFamily: 'ipv4', apiServerAddress: '127.0.0.1' },
    kubeadmConfigPatches: [
      stringify(clusterPatch(timers)),
      stringify(kubeletPatch(timers)),
      ...withoutLoadBalancer(topology, plan.clusterName),
    ],
    nodes: inKindOrder(topology).map((node) => {
      const site = topology.sites.find((candidate) => candidate.name === node.site)
      return {
        role: node.role,
        image,
        labels: {
          [nodeLabel]: node.name,
          [ownedLabel]: plan.clusterName,
          'topology.kubernetes.io/region': site?.region ?? node.site,
          'topology.kubernetes.io/zone': site?.zone ?? node.site,
        },
        extraMounts: [
          { hostPath: folders.owner, containerPath: ownerMount, readOnly: true },
          { hostPath: folders.shared, containerPath: sharedMount },
        ],
      }
    }),
  })
}

/**
 * kubeadm's v1beta3 form, in which `extraArgs` is a map: kind 0.30 writes that version, and a
 * patch for another one is dropped without a word. Hence the timers are read back afterwards.
 */
function clusterPatch(timers: Timers) {
  const election = {
    'leader-elect-lease-duration': goDuration(timers.leaderLeaseDurationMs),
    'leader-elect-renew-deadline': goDuration(timers.leaderRenewDeadlineMs),
    'leader-elect-retry-period': goDuration(timers.leaderRetryPeriodMs),
  }
  return {
    kind: 'ClusterConfiguration',
    apiServer: {
      extraArgs: {
        'default-not-ready-toleration-seconds': String(timers.notReadyTolerationMs / 1_000),
        'default-unreachable-toleration-seconds': String(timers.unreachableTolerationMs / 1_000),
      },
    },
    controllerManager: {
      extraArgs: {
        'node-monitor-period': goDuration(timers.nodeMonitorPeriodMs),
        'node-monitor-grace-period': goDuration(timers.nodeMonitorGraceMs),
        ...election,
      },
    },
    scheduler: { extraArgs: election },
  }
}

/**
 * kind aims every node at the load balancer that it makes for several control planes. Where the
 * document has none, the endpoint is the first control plane, for kubeadm and for those who join.
 */
function withoutLoadBalancer(topology: Topology, cluster: string): string[] {
  const [first, ...others] = containersOf(topology, cluster).filter(
    ({ node }) => node.role === 'control-plane',
  )
  if (topology.loadBalancer !== null || !first || others.length === 0) return []
  const endpoint = `${first.container}:6443`
  return [
    stringify({ kind: 'ClusterConfiguration', controlPlaneEndpoint: endpoint }),
    stringify({
      kind: 'JoinConfiguration',
      discovery: { bootstrapToken: { apiServerEndpoint: endpoint } },
    }),
  ]
}

function kubeletPatch(timers: Timers) {
  return {
    kind: 'KubeletConfiguration',
    nodeStatusUpdateFrequency: goDuration(timers.nodeStatusUpdateMs),
    nodeLeaseDurationSeconds: timers.nodeLeaseDurationMs / 1_000,
  }
}
