/**
 * A drill's hold on one cluster of node containers: its clock, its vantages, its faults and its watches. Made
 * from a standing cluster; knows nothing of phases or verdicts.
 */
import { InvalidRunError } from '../../model/errors.ts'
import { clusterDnsSubject, type DrillEvent } from '../../model/event.ts'
import type { Plan } from '../../model/plan.ts'
import type { Invariant } from '../../model/record.ts'
import type { Capability, FaultPlan } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { ApiCredentials, Vantage } from '../../model/vantage.ts'
import { ask } from '../kubernetes/api.ts'
import { dnsPods } from '../kubernetes/cluster-dns.ts'
import { readBack } from '../kubernetes/read-back.ts'
import { vantagesOf } from '../kubernetes/vantages.ts'
import { watchCluster } from '../kubernetes/watcher.ts'
import { wantedReplicas } from '../kubernetes/workload/manifests.ts'
import { counterPath, workloadNamespaces } from '../kubernetes/workload/namespaces.ts'
import { placeWorkload } from '../kubernetes/workload/place.ts'
import { type PlacedPod, podsOf } from '../kubernetes/workload/pods.ts'
import type { MonotonicClock } from '../monotonic-clock.ts'
import type {
  Acknowledged,
  FaultHandle,
  FloatingIpInForce,
  Report,
  Session,
  Stop,
  Target,
} from '../port.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import type { Engine } from './engine.ts'
import { faultOn, undoOn } from './faults.ts'
import { fillRegistry } from './image-registry.ts'
import { type FollowedLog, followLog } from './load-balancer.ts'
import { type OwnedNode, sharedMount } from './ownership.ts'

export class ContainerSession implements Session {
  readonly clock: MonotonicClock
  readonly timeSource = 'monotonic'
  readonly reused: boolean
  readonly kubernetes: string
  readonly versions: Record<string, string>
  readonly startedAt: Date
  readonly vantages: readonly Vantage[]
  readonly credentials: ApiCredentials
  readonly capabilities: ReadonlySet<Capability> = new Set(['power', 'process', 'loadBalancer'])
  readonly wanted: Record<string, number>
  readonly floatingIp: FloatingIpInForce | null

  readonly #workshop: Workshop
  readonly #plan: Plan
  readonly #cluster: StandingCluster
  #balancerLog: FollowedLog | null = null

  constructor(workshop: Workshop, plan: Plan, cluster: StandingCluster, clock: MonotonicClock) {
    this.#workshop = workshop
    const { engine } = workshop
    this.#plan = plan
    this.#cluster = cluster
    this.clock = clock
    this.startedAt = clock.startedAt
    this.reused = cluster.reused
    this.versions = engine.tools.versions
    this.kubernetes = engine.tools.versions.kubernetes ?? 'unknown'
    this.credentials = cluster.access.credentials
    this.wanted = wantedReplicas(plan.topology.workload)
    this.floatingIp = cluster.state.floatingIp
    this.vantages = vantagesOf(plan.topology, plan.probe, {
      nodes: new Map(cluster.state.nodes.map(({ name, address }) => [name, address])),
      loadBalancer: cluster.state.loadBalancer?.address ?? null,
      floatingIp: cluster.state.floatingIp?.address ?? null,
    })
  }

  get #engine(): Engine {
    return this.#workshop.engine
  }

  async prepare(report: Report): Promise<void> {
    const { access, apiUrl } = this.#cluster
    const { nodes } = this.#cluster.state
    await placeWorkload({
      access,
      baseUrl: apiUrl,
      clock: this.clock,
      topology: this.#plan.topology,
      images: this.#engine.tools.images,
      sharedFolder: sharedMount,
      nodes: nodes.map(({ name, container, address }) => ({
        ...{ name, kubernetesName: container, address },
      })),
      fillRegistry: (place, images) =>
        fillRegistry(this.#engine, {
          ...{ place, images, report, clock: this.clock },
          nodes: nodes.map(({ container }) => container),
          primary: nodes.find(({ address }) => address === place.address)?.container ?? '',
        }),
      report,
      apply: async (manifest) => {
        await this.#engine.kubectl(
          [
            ...['--kubeconfig', access.kubeconfig, 'apply', '--server-side'],
            ...['--force-conflicts', '--field-manager', 'clusterdrill', '-f', '-'],
          ],
          manifest,
        )
      },
    })
    const cleared = await ask(access, apiUrl, counterPath, {
      timeoutMs: 5_000,
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ data: null }),
    })
    if (cleared.status === 200) return
    throw new InvalidRunError({
      what: `the write counter could not be cleared: ${cleared.error ?? `HTTP ${cleared.status}`}`,
      changed: 'nothing was broken',
      next: 'Run it again.',
    })
  }

  async invariants(): Promise<Invariant[]> {
    return []
  }

  async findTarget(target: FaultPlan['target']): Promise<Target> {
    if (target.startsWith('node:')) return onNode(target.slice(5), 'named in the plan')
    if (target === 'worker-with-database') {
      const pods = await this.#pods()
      const database = pods?.find((pod) => pod.component === 'database' && pod.ready)
      const node = this.#cluster.state.nodes.find(({ container }) => container === database?.node)
      if (database && node) return onNode(node.name, `runs ${database.name}`)
      throw new InvalidRunError({
        what: 'no ready database pod was found to aim at',
        changed: 'nothing was broken',
        next: 'Run it again, or name a node with --target.',
      })
    }
    const controlPlanes = this.#nodesOf('control-plane')
    const last = this.#balancerLog?.lastServed() ?? null
    const served = controlPlanes.find(({ name }) => name === last)
    if (served && target === 'control-plane-that-answered-last') {
      return onNode(served.name, 'served the last request through the load balancer')
    }
    const [only] = controlPlanes
    if (only && (controlPlanes.length === 1 || target === 'control-plane')) {
      return onNode(only.name, controlPlanes.length === 1 ? 'the only one' : 'the first one')
    }
    throw new InvalidRunError({
      what: `the load balancer's log names no control plane that answered`,
      changed: 'nothing was broken',
      next: 'Run it again, or name a node with --target.',
    })
  }

  async workloadPods() {
    const pods = (await this.#pods()) ?? []
    return pods.map((pod) => ({ ...pod, node: this.#nameOf(pod.node) }))
  }

  async fault(fault: FaultPlan, target: Target): Promise<FaultHandle> {
    const node = this.#cluster.state.nodes.find(({ name }) => name === target.node)
    if (!node) throw new Error(`no node ${target.node} in ${this.#cluster.state.name}`)
    return await faultOn(fault.kind, {
      engine: this.#engine,
      provider: this.#workshop.distribution.name,
      cluster: this.#cluster.state.name,
      node,
      component: fault.component ?? 'database',
    })
  }

  async undo(action: UndoAction): Promise<string> {
    return await undoOn(this.#engine, action)
  }

  async watch(
    emit: (event: DrillEvent) => void,
    trouble: (message: string) => void,
  ): Promise<Stop> {
    const { state, access } = this.#cluster
    const balancer = state.loadBalancer
    const backend = state.topology.loadBalancer?.backend
    if (balancer && backend !== undefined) {
      const { container } = balancer
      this.#balancerLog = followLog(this.#engine, { container, backend }, this.clock, emit, () =>
        trouble(`the log of the load balancer ${container} ended`),
      )
    }
    const stopWatching = await watchCluster({
      access,
      targets: this.#nodesOf('control-plane').map(({ name, address }) => ({
        name,
        baseUrl: `https://${address}:6443`,
      })),
      namespaces: workloadNamespaces(this.#plan.topology.workload),
      names: {
        nodeOf: (name) => this.#nameOf(name),
      },
      clock: this.clock,
      emit,
    })
    for (const pod of (await dnsPods(access, this.#cluster.apiUrl)) ?? []) {
      const node = this.#nameOf(pod.node)
      emit({
        atMs: this.clock.nowMs(),
        source: 'api',
        name: 'note',
        subject: clusterDnsSubject,
        node,
        component: null,
        detail: `${pod.name} runs on ${node}`,
      })
    }
    const engineWatch = this.#watchEngine(trouble)
    return async () => {
      await Promise.all([stopWatching(), this.#balancerLog?.stop(), engineWatch()])
    }
  }

  async readBack(acknowledged: Acknowledged) {
    const port = this.#plan.topology.workload.nodePort
    return await readBack(acknowledged, {
      access: this.#cluster.access,
      apiUrl: this.#cluster.apiUrl,
      entries: this.#nodesOf('worker').map(({ address }) => `http://${address}:${port}`),
      runId: this.#plan.runId,
      clock: this.clock,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancerLog?.stop()
  }

  async #pods(): Promise<PlacedPod[] | null> {
    const { access, apiUrl } = this.#cluster
    return await podsOf(access, apiUrl, this.#plan.topology.workload)
  }

  /** Topology name of a Kubernetes node; kind names the node after its container. */
  #nameOf(container: string): string {
    return this.#cluster.state.nodes.find((node) => node.container === container)?.name ?? container
  }

  #nodesOf(role: 'control-plane' | 'worker'): OwnedNode[] {
    return this.#cluster.state.nodes.filter(
      (node) => this.#plan.topology.nodes.find(({ name }) => name === node.name)?.role === role,
    )
  }

  /** The engine's event stream ends when the engine does. */
  #watchEngine(trouble: (message: string) => void): Stop {
    const child = this.#engine.follow(['events', '--filter', 'type=network'])
    let stopping = false
    const ended = child
      .then(() => undefined)
      .finally(() => {
        if (!stopping) trouble('the container engine went away')
      })
    return async () => {
      stopping = true
      child.kill()
      await ended
    }
  }
}

const onNode = (node: string, why: string): Target => ({ name: node, node, why })
