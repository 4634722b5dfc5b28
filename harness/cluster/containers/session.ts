/**
 * A drill's hold on one cluster of node containers: its clock, its vantages, its faults and its
 * watches. Made from a standing cluster; knows nothing of phases or verdicts.
 */
import { InvalidRunError } from '../../model/errors.ts'
import { clusterDnsSubject, type DrillEvent } from '../../model/event.ts'
import type { Plan } from '../../model/plan.ts'
import type { Invariant, NodeClock, SplitBrain } from '../../model/record.ts'
import {
  type Capability,
  type FaultPlan,
  type FaultTarget,
  isIntervention,
} from '../../model/scenario.ts'
import { commonNodes } from '../../model/topology.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { ApiCredentials, Vantage } from '../../model/vantage.ts'
import { ask } from '../kubernetes/api.ts'
import { dnsPods } from '../kubernetes/cluster-dns.ts'
import { announcerManifests, floatingServiceManifests } from '../kubernetes/floating-ip.ts'
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
import {
  type Observer,
  observeFloatingIp,
  ownersNow,
  untilOneOwner,
  type WatchedAddress,
} from './arp-observer.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { Engine } from './engine.ts'
import { faultOn, undoOn } from './faults.ts'
import { fillRegistry } from './image-registry.ts'
import { linkFault } from './links.ts'
import { type FollowedLog, followLog } from './load-balancer.ts'
import { intervention } from './operator/index.ts'
import { foldersOf, nodeLabel, type OwnedNode, sharedMount } from './ownership.ts'
import { standingInvariants } from './standing-invariants.ts'
import { findTarget } from './targets.ts'

/** Pods start, elect or agree, and announce well within this. */
const oneOwnerWithinMs = 60_000

export class ContainerSession implements Session {
  readonly clock: MonotonicClock
  readonly timeSource = 'monotonic'
  readonly reused: boolean
  readonly kubernetes: string
  readonly versions: Record<string, string>
  readonly startedAt: Date
  readonly vantages: readonly Vantage[]
  readonly credentials: ApiCredentials
  readonly capabilities: ReadonlySet<Capability>
  readonly differences: readonly string[]
  readonly wanted: Record<string, number>
  readonly floatingIp: FloatingIpInForce | null

  readonly #workshop: Workshop
  readonly #plan: Plan
  readonly #cluster: StandingCluster
  #balancerLog: FollowedLog | null = null
  #observer: Observer | null = null
  /** Nodes that earlier faults of this run have hit, as of the last target found. */
  #hit: readonly string[] = []

  constructor(workshop: Workshop, plan: Plan, cluster: StandingCluster, clock: MonotonicClock) {
    this.#workshop = workshop
    const { engine, distribution } = workshop
    this.#plan = plan
    this.#cluster = cluster
    this.clock = clock
    this.startedAt = clock.startedAt
    this.reused = cluster.reused
    this.versions = engine.tools.versions
    this.kubernetes = engine.tools.versions.kubernetes ?? 'unknown'
    this.credentials = cluster.access.credentials
    this.capabilities = capabilitiesOf(distribution)
    this.differences = distribution.differences(plan)
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
    await this.#apply(this.#announcers())
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
      apply: (manifest) => this.#applyText(manifest),
    })
    await this.#floatTo(report)
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

  #announcers(): object[] {
    if (!this.floatingIp) return []
    const { topology, timers } = this.#plan
    const { address } = this.floatingIp
    const { images } = this.#engine.tools
    return announcerManifests({ topology, address, timers, images, nodeLabel })
  }

  /** Leads the floating IP to the workload, and waits until one node answers for it. */
  async #floatTo(report: Report): Promise<void> {
    const { floatingIp } = this.#plan.topology
    if (!floatingIp || !this.floatingIp) return
    const { address, engine } = this.floatingIp
    report(`floating IP: ${address}, ${engine}`)
    const { images } = this.#engine.tools
    await this.#apply(floatingServiceManifests(this.#plan.topology, address, images))
    const owner = await untilOneOwner(this.#engine, this.#watched(address), this.clock, {
      announcers: floatingIp.announcers,
      withinMs: oneOwnerWithinMs,
    })
    report(`floating IP: ${owner} holds it`)
  }

  #watched(address: string): WatchedAddress {
    const { name: cluster, nodes } = this.#cluster.state
    return { cluster, address, nodes }
  }

  async #apply(objects: readonly object[]): Promise<void> {
    if (objects.length === 0) return
    await this.#applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  }

  async #applyText(manifest: string): Promise<void> {
    const { kubeconfig } = this.#cluster.access
    await this.#engine.kubectl(
      [
        ...['--kubeconfig', kubeconfig, 'apply', '--server-side'],
        ...['--force-conflicts', '--field-manager', 'clusterdrill', '-f', '-'],
      ],
      manifest,
    )
  }

  async invariants(): Promise<Invariant[]> {
    // While a drill watches the address, its observer knows.
    return await standingInvariants(
      this.#workshop,
      this.#cluster,
      async (address) =>
        this.#observer?.owners() ??
        (await ownersNow(this.#engine, this.#watched(address), this.clock)),
    )
  }

  async findTarget(target: FaultTarget, hit: readonly string[]): Promise<Target> {
    this.#hit = hit
    return await findTarget(target, {
      engine: this.#engine,
      distribution: this.#workshop.distribution,
      topology: this.#plan.topology,
      state: this.#cluster.state,
      access: this.#cluster.access,
      apiUrl: this.#cluster.apiUrl,
      hit,
      pods: async () => (await this.#pods()) ?? [],
      owners: () => this.#observer?.owners() ?? [],
      lastServed: () => this.#balancerLog?.lastServed() ?? null,
    })
  }

  async workloadPods() {
    const pods = (await this.#pods()) ?? []
    return pods.map((pod) => ({ ...pod, node: this.#nameOf(pod.node) }))
  }

  async fault(fault: FaultPlan, target: Target): Promise<FaultHandle> {
    const { name: cluster, nodes, topology } = this.#cluster.state
    const { distribution } = this.#workshop
    const refusals = distribution.refusals({ ...this.#plan, faults: [fault] })
    if (refusals.length > 0) {
      throw new InvalidRunError({
        what: refusals.join('\n'),
        changed: 'nothing was broken',
        next: 'Give --provider kind for this one.',
      })
    }
    const common = { engine: this.#engine, provider: distribution.name, cluster }
    if (fault.kind.startsWith('network.')) return linkFault(fault, { ...common, topology, nodes })
    if (isIntervention(fault.kind)) {
      return await intervention({
        ...{ ...common, distribution, fault, target, topology, clock: this.clock },
        state: this.#cluster.state,
        folders: foldersOf(this.#engine.tools.home, cluster),
        access: this.#cluster.access,
        apiUrl: this.#cluster.apiUrl,
        hit: this.#hit,
        report: () => undefined,
      })
    }
    const node = nodes.find(({ name }) => name === target.node)
    if (!node) throw new Error(`no node ${target.node} in ${cluster}`)
    return await faultOn(fault.kind, {
      ...common,
      node,
      component: fault.component ?? 'database',
    })
  }

  async clocks(): Promise<NodeClock[]> {
    return []
  }

  async splitBrain(): Promise<SplitBrain> {
    return { looked: [], found: [] }
  }

  async undo(action: UndoAction): Promise<string> {
    return await undoOn(this.#engine, action)
  }

  async watch(
    emit: (event: DrillEvent) => void,
    trouble: (message: string) => void,
  ): Promise<Stop> {
    const stops: Stop[] = []
    const stop = async () => {
      await Promise.all(stops.map((each) => each()))
      this.#observer = null
    }
    try {
      await this.#beginWatching(stops, emit, trouble)
    } catch (error) {
      await stop()
      throw error
    }
    return stop
  }

  async #beginWatching(
    stops: Stop[],
    emit: (event: DrillEvent) => void,
    trouble: (message: string) => void,
  ): Promise<void> {
    const { state, access } = this.#cluster
    const backend = state.topology.loadBalancer?.backend
    if (state.loadBalancer && backend !== undefined) {
      const { container } = state.loadBalancer
      const log = followLog(this.#engine, { container, backend }, this.clock, emit, () =>
        trouble(`the log of the load balancer ${container} ended`),
      )
      this.#balancerLog = log
      stops.push(() => log.stop())
    }
    if (this.floatingIp) {
      const { address } = this.floatingIp
      const observer = await observeFloatingIp(this.#engine, {
        ...this.#watched(address),
        clock: this.clock,
        emit,
        onEnd: () => trouble(`nobody watches ${address} any more: the observer ended`),
      })
      this.#observer = observer
      stops.push(() => observer.stop())
    }
    stops.push(
      await watchCluster({
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
      }),
    )
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
    stops.push(this.#watchEngine(trouble))
  }

  async readBack(acknowledged: Acknowledged) {
    const { topology } = this.#plan
    const port = topology.workload.nodePort
    const doors = new Set(commonNodes(topology).map(({ name }) => name))
    const nodes = this.#cluster.state.nodes.filter(({ name }) => doors.has(name))
    return await readBack(acknowledged, {
      access: this.#cluster.access,
      apiUrl: this.#cluster.apiUrl,
      entries: nodes.map(({ address }) => `http://${address}:${port}`),
      runId: this.#plan.runId,
      clock: this.clock,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#balancerLog?.stop(), this.#observer?.stop()])
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
