/**
 * A drill's hold on one cluster of node containers: its clock, its vantages, its faults and its
 * watches. Made from a standing cluster; knows nothing of phases or verdicts.
 */
import { InvalidRunError } from '../../model/errors.ts'
import type { DrillEvent } from '../../model/event.ts'
import type { Plan } from '../../model/plan.ts'
import type { Invariant, NodeClock, SplitBrain } from '../../model/record.ts'
import {
  type Capability,
  type FaultPlan,
  type FaultTarget,
  losesNode,
} from '../../model/scenario.ts'
import { wantedReplicas } from '../../model/topology.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { ApiCredentials, Vantage } from '../../model/vantage.ts'
import { ask } from '../kubernetes/api.ts'
import { announcerManifests, floatingServiceManifests } from '../kubernetes/floating-ip.ts'
import { vantagesOf } from '../kubernetes/vantages.ts'
import { counterPath } from '../kubernetes/workload/namespaces.ts'
import { placeWorkload } from '../kubernetes/workload/place.ts'
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
import { ownersNow, untilOneOwner, type WatchedAddress } from './arp-observer.ts'
import type { StandingCluster, Workshop } from './bring-up.ts'
import { capabilitiesOf } from './capabilities.ts'
import { clocksOf } from './clocks.ts'
import type { Engine } from './engine.ts'
import { faultOf, handleWith } from './fault-of.ts'
import { fillRegistry } from './image-registry.ts'
import { containerNames, controlPlanesOf, nodeLabel, sharedMount } from './ownership.ts'
import { PodsKnown } from './pods-known.ts'
import { type Ground, lookForSplitBrain, readWritesBack } from './reading-back.ts'
import { standingInvariants } from './standing-invariants.ts'
import { findTarget } from './targets.ts'
import { undoOn } from './undo.ts'
import { beginWatching, type Watching } from './watching.ts'

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
  readonly #pods: PodsKnown
  #watching: Watching | null = null
  /** Nodes that faults of this session have hit, in that order. */
  readonly #hit: string[] = []
  /** Once this session has taken its power, or moved the API to another. */
  #balancerMayEnd = false

  constructor(workshop: Workshop, plan: Plan, cluster: StandingCluster, clock: MonotonicClock) {
    this.#workshop = workshop
    const { engine, distribution } = workshop
    this.#plan = plan
    this.#cluster = cluster
    this.#pods = new PodsKnown(cluster.access, plan.topology.workload)
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

  get #ground(): Ground {
    const { clock } = this
    return { workshop: this.#workshop, plan: this.#plan, cluster: this.#cluster, clock }
  }

  async prepare(report: Report): Promise<void> {
    const { access, apiUrl } = this.#cluster
    await this.#apply(this.#announcers())
    if (this.reused) {
      // All of it stands already: what is looked at in turn elsewhere is looked at together.
      await Promise.all([this.#place(report), this.#floatTo(report)])
    } else {
      await this.#place(report)
      await this.#floatTo(report)
    }
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

  async #place(report: Report): Promise<void> {
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
      apply: (manifest) => this.#applyText(manifest),
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
        this.#watching?.observer?.owners() ??
        (await ownersNow(this.#engine, this.#watched(address), this.clock)),
    )
  }

  async findTarget(target: FaultTarget, hit: readonly string[]): Promise<Target> {
    return await findTarget(target, {
      engine: this.#engine,
      distribution: this.#workshop.distribution,
      topology: this.#plan.topology,
      state: this.#cluster.state,
      access: this.#cluster.access,
      ways: this.#ways(),
      hit,
      pods: () => this.#pods.look(this.#ways()),
      owners: () => this.#watching?.observer?.owners() ?? [],
      lastServed: () => this.#watching?.balancerLog?.lastServed() ?? null,
    })
  }

  async workloadPods() {
    const { pods, current } = await this.#pods.look(this.#ways())
    const { nodeOf } = containerNames(this.#cluster.state)
    return current ? pods.map((pod) => ({ ...pod, node: nodeOf(pod.node) })) : []
  }

  async fault(fault: FaultPlan, target: Target): Promise<FaultHandle> {
    const handle = await faultOf(fault, target, {
      ...{ workshop: this.#workshop, plan: this.#plan, cluster: this.#cluster },
      ...{ clock: this.clock, hit: [...this.#hit] },
    })
    return handleWith(handle, {
      first: () => {
        if (target.node !== null) this.#hit.push(target.node)
        if (touchesBalancer(fault, target)) this.#balancerMayEnd = true
      },
    })
  }

  async clocks(): Promise<NodeClock[]> {
    return await clocksOf(this.#engine, this.#cluster.state.nodes, this.clock)
  }

  async splitBrain(): Promise<SplitBrain> {
    return await lookForSplitBrain(this.#ground)
  }

  async undo(action: UndoAction): Promise<string> {
    const said = await undoOn(this.#engine, this.#engine.tools.home, action)
    // Whoever writes the state down later must not take the mark off again.
    if (action.kind === 'cluster.spend') this.#cluster.state.phase = 'spent'
    return said
  }

  async watch(
    emit: (event: DrillEvent) => void,
    trouble: (message: string) => void,
  ): Promise<Stop> {
    const watching = await beginWatching({
      ...{ engine: this.#engine, cluster: this.#cluster, clock: this.clock, emit, trouble },
      balancerMayEnd: () => this.#balancerMayEnd,
    })
    this.#watching = watching
    return async () => {
      await watching.stop()
      this.#watching = null
    }
  }

  async readBack(acknowledged: Acknowledged) {
    return await readWritesBack(this.#ground, acknowledged)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watching?.stop()
  }

  /** The usual way to the API first, then each of its servers by its own address. */
  #ways(): string[] {
    const { state, apiUrl } = this.#cluster
    const direct = controlPlanesOf(state).map(({ address }) => `https://${address}:6443`)
    return [...new Set([apiUrl, ...direct])]
  }
}

/** Its log may end by these. */
const touchesBalancer = ({ kind }: FaultPlan, { node }: Target): boolean =>
  kind === 'operator.move-load-balancer' || (node === null && losesNode(kind))
