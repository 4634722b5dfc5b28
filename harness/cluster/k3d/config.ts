/**
 * Writes k3d's configuration from the plan: how many nodes of which kind, labels for site and name,
 * the timers as arguments of k3s, shared storage and the mark of ownership as mounts. Pure; k3d
 * reads the text. What k3s cannot carry is refused in `limits.ts`.
 */
import { stringify } from 'yaml'
import type { Plan } from '../../model/plan.ts'
import type { Timers } from '../../model/timers.ts'
import type { TopologyNode } from '../../model/topology.ts'
import { networkOf, ownerLabel } from '../containers/engine.ts'
import { goDuration } from '../containers/go-duration.ts'
import { nodeLabel, ownedLabel, ownerMount, sharedMount } from '../containers/ownership.ts'
import { k3dName } from './names.ts'

export interface ConfigFolders {
  owner: string
  shared: string
}

/** The kubelet's settings, in the folder that every node mounts read-only. */
export const kubeletFile = 'kubelet.yaml'

/** Arguments of `k3s server` and `k3s agent`; k3s-io/docs docs/cli/server.md and agent.md. */
const withoutParts = ['traefik', 'servicelb', 'metrics-server'].map((part) => `--disable=${part}`)
const taint = '--node-taint=node-role.kubernetes.io/control-plane:NoSchedule'

/** Fields and node filters as in k3d-io/k3d pkg/config/v1alpha5/schema.json. */
export function k3dConfig(plan: Plan, image: string, folders: ConfigFolders): string {
  const { topology } = plan
  const servers = topology.nodes.filter(({ role }) => role === 'control-plane')
  const agents = topology.nodes.filter(({ role }) => role === 'worker')
  const everyServer = ['server:*']
  const everyAgent = agents.length === 0 ? [] : ['agent:*']
  const everyNode = [...everyServer, ...everyAgent]
  const firstAlone = topology.loadBalancer === null && servers.length > 1
  const each = (nodes: readonly TopologyNode[], kind: 'server' | 'agent') =>
    nodes.map((node, index) => ({ node, nodeFilters: [`${kind}:${index}`] }))
  const extraArgs = (args: readonly string[], nodeFilters: readonly string[]) =>
    nodeFilters.length === 0 ? [] : args.map((arg) => ({ arg, nodeFilters: [...nodeFilters] }))

  return stringify({
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: k3dName(plan.clusterName) },
    servers: servers.length,
    agents: agents.length,
    kubeAPI: { hostIP: '127.0.0.1' },
    image,
    network: networkOf(plan.clusterName),
    volumes: [
      { volume: `${folders.owner}:${ownerMount}:ro`, nodeFilters: [...everyNode] },
      { volume: `${folders.shared}:${sharedMount}`, nodeFilters: [...everyNode] },
    ],
    options: {
      k3d: { wait: true, disableLoadbalancer: topology.loadBalancer === null },
      k3s: {
        extraArgs: [
          ...extraArgs(
            [
              ...withoutParts,
              '--flannel-backend=host-gw',
              ...(topology.loadBalancer ? [`--tls-san=${topology.loadBalancer.name}`] : []),
              ...componentArgs(plan.timers),
            ],
            everyServer,
          ),
          // k3d asks for etcd by itself where there are several; a lone one would get SQLite.
          ...(servers.length === 1 ? extraArgs(['--cluster-init'], ['server:0']) : []),
          ...extraArgs([`--kubelet-arg=config=${ownerMount}/${kubeletFile}`], everyNode),
          // Agents would find the other API servers by themselves.
          ...(firstAlone ? extraArgs(['--disable-apiserver-lb'], everyAgent) : []),
          ...each(servers, 'server').flatMap(({ node, nodeFilters }) =>
            node.schedulable ? [] : extraArgs([taint], nodeFilters),
          ),
        ],
        nodeLabels: [...each(servers, 'server'), ...each(agents, 'agent')].flatMap(
          ({ node, nodeFilters }) =>
            labelsOf(plan, node).map((label) => ({ label, nodeFilters: [...nodeFilters] })),
        ),
      },
      kubeconfig: { updateDefaultKubeconfig: false, switchCurrentContext: false },
      runtime: {
        labels: [{ label: `${ownerLabel}=${plan.clusterName}`, nodeFilters: [...everyNode] }],
      },
    },
  })
}

/**
 * A kubelet has a flag for the one timer and none for the other, so both stand in a file. k3s takes
 * it from version 1.32 on (k3s-io/docs docs/installation/configuration.md, "Kubelet configuration").
 */
export function kubeletConfig(timers: Timers): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    nodeStatusUpdateFrequency: goDuration(timers.nodeStatusUpdateMs),
    nodeLeaseDurationSeconds: timers.nodeLeaseDurationMs / 1_000,
  })
}

function labelsOf(plan: Plan, node: TopologyNode): string[] {
  const site = plan.topology.sites.find(({ name }) => name === node.site)
  return [
    `${nodeLabel}=${node.name}`,
    `${ownedLabel}=${plan.clusterName}`,
    `topology.kubernetes.io/region=${site?.region ?? node.site}`,
    `topology.kubernetes.io/zone=${site?.zone ?? node.site}`,
  ]
}

function componentArgs(timers: Timers): string[] {
  const election = [
    `leader-elect-lease-duration=${goDuration(timers.leaderLeaseDurationMs)}`,
    `leader-elect-renew-deadline=${goDuration(timers.leaderRenewDeadlineMs)}`,
    `leader-elect-retry-period=${goDuration(timers.leaderRetryPeriodMs)}`,
  ]
  const of = (component: string, args: readonly string[]) =>
    args.map((arg) => `--${component}-arg=${arg}`)
  return [
    ...of('kube-apiserver', [
      `default-not-ready-toleration-seconds=${timers.notReadyTolerationMs / 1_000}`,
      `default-unreachable-toleration-seconds=${timers.unreachableTolerationMs / 1_000}`,
    ]),
    ...of('kube-controller-manager', [
      `node-monitor-period=${goDuration(timers.nodeMonitorPeriodMs)}`,
      `node-monitor-grace-period=${goDuration(timers.nodeMonitorGraceMs)}`,
      ...election,
    ]),
    ...of('kube-scheduler', election),
  ]
}
