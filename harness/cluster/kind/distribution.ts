/**
 * kind: its configuration, its command and its names. Nodes are kubeadm's; the timers are read back
 * from the command lines of the running components.
 */
import type { Plan } from '../../model/plan.ts'
import type { Topology } from '../../model/topology.ts'
import type { Distribution, KubeletTimers, NamedNode } from '../containers/distribution.ts'
import { type ContainerTools, type Engine, networkOf } from '../containers/engine.ts'
import type { ClusterFolders, OwnedNode } from '../containers/ownership.ts'
import { type TimerReading, timerDifferences } from '../containers/timers-in-force.ts'
import { runTool } from '../containers/tool.ts'
import type { Report } from '../port.ts'
import { containersOf, kindConfig } from './config.ts'

export interface KindTools extends ContainerTools {
  /** Absolute path of kind. */
  kind: string
}

export class KindDistribution implements Distribution {
  readonly name = 'kind'
  readonly lacks = []
  readonly #kind: string

  constructor(tools: KindTools) {
    this.#kind = tools.kind
  }

  labelOf(cluster: string): string {
    return `io.x-k8s.kind.cluster=${cluster}`
  }

  refusals(): string[] {
    return []
  }

  /** What kind does otherwise stands in the topologies themselves. */
  differences(): string[] {
    return []
  }

  containersOf(topology: Topology, cluster: string): NamedNode[] {
    return containersOf(topology, cluster)
  }

  loadBalancerOf(cluster: string): string {
    return `${cluster}-external-load-balancer`
  }

  async create(
    engine: Engine,
    plan: Plan,
    folders: ClusterFolders,
    report: Report,
    signal: AbortSignal,
  ): Promise<void> {
    await runTool({
      called: 'kind create cluster',
      file: this.#kind,
      words: [
        ...['create', 'cluster', '--name', plan.clusterName, '--config', '-'],
        ...['--kubeconfig', folders.kubeconfig],
      ],
      // kind takes the network's name from its environment alone.
      env: {
        ...engine.tools.env,
        KIND_EXPERIMENTAL_DOCKER_NETWORK: networkOf(plan.clusterName),
      },
      input: kindConfig(plan, engine.tools.images.node, folders),
      signal,
      onLine: (line) => {
        const step = /^ • ([\w(][^\p{Extended_Pictographic}]*)/u.exec(line)
        if (step?.[1]) report(`kind: ${step[1].trim()}`)
      },
      next: '`pnpm run doctor` checks engine, images and limits.',
    })
  }

  async remove(engine: Engine, cluster: string, folders: ClusterFolders): Promise<void> {
    const { kubeconfig } = folders
    const words = ['delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig]
    await engine.command(this.#kind, words)
  }

  async load(engine: Engine, cluster: string, images: readonly string[]): Promise<void> {
    await engine.command(this.#kind, ['load', 'docker-image', ...images, '--name', cluster])
  }

  async timerDifferences(
    engine: Engine,
    plan: Plan,
    node: OwnedNode,
    kubelet: KubeletTimers | null,
  ): Promise<TimerReading> {
    const role = plan.topology.nodes.find(({ name }) => name === node.name)?.role
    const processes =
      role === 'control-plane'
        ? await engine.docker(['exec', node.container, 'ps', '-eo', 'args='])
        : ''
    const reading = timerDifferences(plan.timers, node.name, processes.split('\n'), kubelet)
    return role === 'control-plane' ? reading : { ...reading, unread: [] }
  }

  etcdctl(): readonly string[] {
    const pki = '/etc/kubernetes/pki/etcd'
    return [
      ...['etcdctl', '--endpoints', 'https://127.0.0.1:2379', '--cacert', `${pki}/ca.crt`],
      ...['--cert', `${pki}/server.crt`, '--key', `${pki}/server.key`],
    ]
  }
}
