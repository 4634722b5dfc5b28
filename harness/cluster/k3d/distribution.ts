/**
 * k3d: its configuration, its commands and its names. Nodes are k3s, all components in one process;
 * the timers are read back from what that process says in its log. The user's own kubeconfig, which
 * k3d would rewrite, is kept from it.
 */
import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MachineError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import type { Capability } from '../../model/scenario.ts'
import type { Topology } from '../../model/topology.ts'
import { formatMs } from '../../model/units.ts'
import type { Distribution, KubeletTimers, NamedNode } from '../containers/distribution.ts'
import type { Engine } from '../containers/engine.ts'
import { type ClusterFolders, type OwnedNode, ownerMount } from '../containers/ownership.ts'
import { type TimerReading, timerDifferences } from '../containers/timers-in-force.ts'
import { runTool } from '../containers/tool.ts'
import { MonotonicClock, until } from '../monotonic-clock.ts'
import type { Report } from '../port.ts'
import { components, runningComponent } from './arguments-in-force.ts'
import { k3dConfig, kubeletConfig, kubeletFile } from './config.ts'
import { differences, refusals } from './limits.ts'
import { containersOf, k3dName, labelOf, loadBalancerOf } from './names.ts'
import type { K3dTools } from './tools.ts'

const dnsScaledWithinMs = 60_000
/** As many as kubeadm installs; k3s installs one and leaves the number to others. */
const dnsReplicas = 2

/** k3s-io/docs docs/advanced.md, "Using etcdctl". */
const etcdPki = '/var/lib/rancher/k3s/server/tls/etcd'
const etcdctlFile = 'etcdctl'

export class K3dDistribution implements Distribution {
  readonly name = 'k3d'
  readonly lacks: readonly Capability[]
  readonly #tools: K3dTools

  constructor(tools: K3dTools) {
    this.#tools = tools
    // The image of k3s has no nftables, and no client of etcd but the one that it is given.
    this.lacks = tools.etcdctl === null ? ['network', 'etcd'] : ['network']
  }

  labelOf(cluster: string): string {
    return labelOf(cluster)
  }

  containersOf(topology: Topology, cluster: string): NamedNode[] {
    return containersOf(topology, cluster)
  }

  loadBalancerOf(cluster: string): string {
    return loadBalancerOf(cluster)
  }

  refusals(plan: Plan): string[] {
    return refusals(plan)
  }

  differences(plan: Plan): string[] {
    return differences(plan)
  }

  async create(
    engine: Engine,
    plan: Plan,
    folders: ClusterFolders,
    report: Report,
    signal: AbortSignal,
  ): Promise<void> {
    await writeFile(join(folders.owner, kubeletFile), kubeletConfig(plan.timers))
    if (this.#tools.etcdctl !== null) {
      await copyFile(this.#tools.etcdctl, join(folders.owner, etcdctlFile))
      await chmod(join(folders.owner, etcdctlFile), 0o755)
    }
    const config = join(folders.root, 'k3d.yaml')
    await writeFile(config, k3dConfig(plan, engine.tools.images.node, folders))
    await runTool({
      called: 'k3d cluster create',
      file: this.#tools.k3d,
      words: ['cluster', 'create', '--config', config],
      env: { ...engine.tools.env, ...environmentFor(folders) },
      signal,
      onLine: (line) => {
        const step = /\blevel=info msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]
        if (step !== undefined) report(`k3d: ${step}`)
      },
      next: '`pnpm run doctor` checks engine, images and limits; k3d needs an image registry.',
    })
    const words = ['kubeconfig', 'get', k3dName(plan.clusterName)]
    const kubeconfig = await engine.command(this.#tools.k3d, words, {
      env: environmentFor(folders),
    })
    await writeFile(folders.kubeconfig, `${kubeconfig}\n`, { mode: 0o600 })
    await scaleDns(engine, folders.kubeconfig, signal)
  }

  async remove(engine: Engine, cluster: string, folders: ClusterFolders): Promise<void> {
    const name = k3dName(cluster)
    const env = environmentFor(folders)
    await engine.command(this.#tools.k3d, ['cluster', 'delete', name], { env })
    // One that was interrupted before its first node has a volume, and k3d sees no cluster.
    const label = ['--filter', `label=${labelOf(cluster)}`]
    const left = await engine.docker(['volume', 'ls', '--quiet', ...label])
    const volumes = left.split('\n').filter(Boolean)
    if (volumes.length > 0) await engine.docker(['volume', 'rm', ...volumes])
  }

  async load(engine: Engine, cluster: string, images: readonly string[]): Promise<void> {
    const words = ['image', 'import', '--mode', 'direct', '--cluster', k3dName(cluster), ...images]
    await engine.command(this.#tools.k3d, words)
  }

  async timerDifferences(
    engine: Engine,
    plan: Plan,
    node: OwnedNode,
    kubelet: KubeletTimers | null,
  ): Promise<TimerReading> {
    const role = plan.topology.nodes.find(({ name }) => name === node.name)?.role
    const running = role === 'control-plane' ? await readArguments(engine, node) : new Map()
    const { other } = timerDifferences(plan.timers, node.name, [...running.values()], kubelet)
    if (role !== 'control-plane') return { unread: [], other }
    const untold = components.filter((component) => !running.has(component))
    const unread = untold.map(
      (component) =>
        `the log of ${node.name} does not tell the arguments of ${component}, so its timers cannot be read back`,
    )
    return { unread, other }
  }

  etcdctl(): readonly string[] | null {
    if (this.#tools.etcdctl === null) return null
    return [
      ...[`${ownerMount}/${etcdctlFile}`, '--endpoints', 'https://127.0.0.1:2379'],
      ...['--cacert', `${etcdPki}/server-ca.crt`],
      ...['--cert', `${etcdPki}/client.crt`, '--key', `${etcdPki}/client.key`],
    ]
  }
}

/**
 * `k3d cluster delete` rewrites the default kubeconfig (k3d-io/k3d cmd/cluster/clusterDelete.go), so
 * it is given another; without colours its log is one line of words for each step.
 */
const environmentFor = ({ kubeconfig }: ClusterFolders) => ({
  KUBECONFIG: kubeconfig,
  LOG_COLORS: 'false',
})

/** From the last start of the node on; the first word of each is the component. */
async function readArguments(engine: Engine, node: OwnedNode): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const container = await engine.inspect(node.container)
  if (!container) return found
  const child = engine.follow(['logs', '--since', container.startedAt, node.container])
  for await (const line of child.iterable({ from: 'all' })) {
    const running = runningComponent(line)
    if (running) found.set(running.component, running.command)
    if (found.size === components.length) break
  }
  child.kill()
  await child
  return found
}

async function scaleDns(engine: Engine, kubeconfig: string, signal: AbortSignal): Promise<void> {
  let last: unknown = null
  const scaled = await until(
    new MonotonicClock(),
    dnsScaledWithinMs,
    500,
    async () => {
      try {
        await engine.kubectl([
          ...['--kubeconfig', kubeconfig, '--namespace', 'kube-system'],
          ...['scale', 'deployment', 'coredns', `--replicas=${dnsReplicas}`],
        ])
        return true
      } catch (error) {
        last = error
        return false
      }
    },
    signal,
  )
  if (scaled) return
  throw new MachineError(
    {
      what: `k3s had no DNS to scale within ${formatMs(dnsScaledWithinMs)}`,
      changed: 'what was made has been removed again',
      next: 'Run it again; `pnpm run doctor` checks the limits of the machine.',
    },
    { cause: last },
  )
}
