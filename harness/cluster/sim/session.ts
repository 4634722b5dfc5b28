/**
 * A simulated cluster behind the port of every provider. All of it happens in this process and in
 * virtual time: what takes time on a real cluster takes it on the session's clock, and nothing else.
 */

import type { DrillEvent } from '../../model/event.ts'
import type { Found } from '../../model/found.ts'
import type { Plan } from '../../model/plan.ts'
import type { Integrity, Invariant, SplitBrain } from '../../model/record.ts'
import { type Release, releaseNamed, usualRelease } from '../../model/release.ts'
import type { Capability, FaultPlan, FaultTarget } from '../../model/scenario.ts'
import { commonNodes, wantedReplicas } from '../../model/topology.ts'
import type { UndoAction } from '../../model/undo.ts'
import { formatMs } from '../../model/units.ts'
import type { Vantage } from '../../model/vantage.ts'
import { vantagesOf } from '../kubernetes/vantages.ts'
import {
  type Acknowledged,
  type FaultHandle,
  type FloatingIpInForce,
  generalCapabilities,
  type Session,
  type Stop,
  type Target,
} from '../port.ts'
import { calibrationOf, type Measured } from './calibrated.ts'
import { Cluster } from './cluster.ts'
import { faultOf, undoOn } from './faults.ts'
import type { FloatingIpWay } from './floating-ip.ts'
import { invariantsOf } from './invariants.ts'
import { EventQueue } from './kernel/event-queue.ts'
import { type Draw, streamOf } from './kernel/random.ts'
import { VirtualClock } from './kernel/virtual-clock.ts'
import { Machines } from './machines.ts'
import { Prober, type Probes, type Sampled } from './prober.ts'
import type { Scene, Told } from './scene.ts'
import { findTarget } from './targets.ts'

/** Volumes of several copies as well, which no cluster made here has. */
export const capabilities: ReadonlySet<Capability> = new Set([...generalCapabilities, 'storage'])

const address = 'floating IP'

export interface SimOptions {
  /** How it stands when it begins; null or absent: by chance. */
  found?: Found | null
  /** Nothing outside of its clock is waited for by anybody. */
  alone?: boolean
  /** Absent: the calibration in force. */
  calibrated?: Measured | undefined
  /** As the scene has it; absent: of no node is anything said. */
  allocatable?: Scene['allocatable'] | undefined
}

export class SimSession implements Session {
  readonly clock: VirtualClock
  readonly timeSource = 'virtual' as const
  readonly reused = false
  readonly kubernetes: string
  readonly versions: Record<string, string>
  readonly startedAt: Date
  readonly vantages: readonly Vantage[]
  readonly credentials = null
  readonly floatingIp: FloatingIpInForce | null
  readonly capabilities = capabilities
  readonly differences: readonly string[]
  readonly wanted: Record<string, number>
  readonly cluster: Cluster
  readonly #plan: Plan
  readonly #queue = new EventQueue()
  readonly #touched: (() => void)[] = []
  #emit: ((event: DrillEvent) => void) | null = null

  /**
   * `found`: how it stands when it begins; null: by chance. `alone`: whoever uses it waits for nothing
   * else than its clock.
   */
  constructor(
    plan: Plan,
    startedAt: Date,
    { found = null, alone = false, calibrated, allocatable = {} }: SimOptions = {},
  ) {
    const { topology, seed, timers } = plan
    const release = releaseOf(plan)
    const replicated =
      plan.scenario.needs.includes('storage') && topology.storage.copies !== undefined
    const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
    this.#plan = plan
    this.startedAt = startedAt
    this.clock = new VirtualClock(this.#queue, startedAt.getTime(), alone)
    this.kubernetes = release.name
    this.versions = { etcd: `elections after ${formatMs(release.etcdElectionMs)} or more` }
    this.differences = [
      'nothing here was measured: it is a model in virtual time',
      'delays that are no timers are drawn from what earlier drills on kind took',
      ...(replicated
        ? ["volumes lie in the document's own replicated store, not in its stand-in"]
        : []),
    ]
    this.wanted = wantedReplicas(topology.workload)
    const way = wayOf(plan)
    this.floatingIp = topology.floatingIp
      ? { address, engine: engineOf(way), documented: topology.floatingIp.documented }
      : null
    this.vantages = vantagesIn(plan)
    const chances = new Map<string, Draw>()
    const scene: Scene = {
      ...{ topology, timers, release, found, allocatable },
      calibration: calibrationOf(controlPlanes.length, streamOf(seed, 'busy')(), calibrated),
      queue: this.#queue,
      machines: new Machines(topology),
      chance: (name) => {
        const known = chances.get(name)
        if (known) return known
        const made = streamOf(seed, name)
        chances.set(name, made)
        return made
      },
      tell: (told) => this.#tell(told),
      touch: () => {
        for (const told of this.#touched) told()
      },
    }
    this.cluster = new Cluster(scene, {
      ...{ floatingIpWay: way, floatingIpAddress: address, wanted: this.wanted, replicated },
    })
  }

  /** Told when something changed that a client might notice. */
  onTouch(told: () => void): void {
    this.#touched.push(told)
  }

  async prepare(): Promise<void> {
    // It stands as it should from the beginning.
  }

  async invariants(): Promise<Invariant[]> {
    return invariantsOf(this.cluster)
  }

  async findTarget(target: FaultTarget, hit: readonly string[]): Promise<Target> {
    return findTarget(target, this.cluster, hit)
  }

  async workloadPods() {
    return this.cluster.pods.all.flatMap(({ name, owner, node, ready }) =>
      node ? [{ name, component: owner.component, node: node.name, ready }] : [],
    )
  }

  async fault(fault: FaultPlan, target: Target): Promise<FaultHandle> {
    const at = { provider: 'sim', cluster: this.#plan.clusterName, node: target.name } as const
    return faultOf({ fault, target, cluster: this.cluster, clock: this.clock, at })
  }

  async undo(action: UndoAction): Promise<string> {
    return undoOn(action, this.cluster)
  }

  async watch(emit: (event: DrillEvent) => void): Promise<Stop> {
    this.#emit = emit
    this.cluster.floatingIp?.announce()
    return async () => {
      this.#emit = null
    }
  }

  probe(sampled: Sampled, probes: Probes = 'all'): Prober {
    return new Prober(this.cluster, this.#plan, this.vantages, {
      ...{ sampled, probes },
      onTouch: (told) => this.onTouch(told),
    })
  }

  /**
   * A database keeps what it acknowledged and lacks what another did beside it; a restored etcd has
   * what its snapshot had.
   */
  async readBack({ saves, apiWrites }: Acknowledged): Promise<Integrity & { problems: string[] }> {
    const acknowledgedWrites = [...saves.values()].reduce((sum, numbers) => sum + numbers.length, 0)
    const writes = [...apiWrites.values()].flat().filter(({ acknowledged }) => acknowledged)
    const { forgotten } = this.cluster
    const lost = writes.filter(
      ({ endedAtMs }) =>
        forgotten !== null && endedAtMs > forgotten.fromMs && endedAtMs <= forgotten.toMs,
    )
    const highest = writes.reduce((most, { number }) => Math.max(most, number), 0)
    return {
      ...{ acknowledgedWrites, lostWrites: this.#lostSaves(saves), readBack: true, problems: [] },
      apiWrites: {
        ...{ acknowledged: writes.length, highest, lost: lost.length },
        held: writes.reduce((held, write) => (lost.includes(write) ? held : write.number), 0),
      },
    }
  }

  /** Read as on a real cluster: by the first way that leads to a database. Without one, none is. */
  #lostSaves(saves: Acknowledged['saves']): number {
    const { paths, machines, databases } = this.cluster
    const ways = commonNodes(this.#plan.topology).map(({ name }) =>
      paths.throughNode(machines.get(name), 'page', true),
    )
    const from = ways.find(({ database }) => database)?.database
    if (!from) return 0
    return [...saves].reduce(
      (sum, [vantage, numbers]) =>
        sum + numbers.filter((number) => databases.isLost(vantage, number, from)).length,
      0,
    )
  }

  async clocks() {
    return []
  }

  async splitBrain(): Promise<SplitBrain> {
    // It has one history and one database by its making: there is nothing to look at.
    return { looked: [], found: [] }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #tell(told: Told): void {
    this.#emit?.({ atMs: this.#queue.nowMs, ...told })
  }
}

/** Of a plan for k3d it is the model of k3s. Throws a RangeError on one that it does not know. */
function releaseOf({ kubernetes, provider }: Plan): Release {
  const name = kubernetes ?? `${usualRelease}${provider === 'k3d' ? '+k3s' : ''}`
  const release = releaseNamed(name)
  if (!release) throw new RangeError(`the model knows no Kubernetes ${name}`)
  return release
}

let planned: (Pick<Plan, 'topology' | 'probe'> & { vantages: readonly Vantage[] }) | null = null

/** The same as before where only the seed is another, as in thousands of runs of one drill. */
function vantagesIn({ topology, probe }: Plan): readonly Vantage[] {
  if (planned?.topology === topology && planned.probe === probe) return planned.vantages
  const vantages = vantagesOf(topology, probe, {
    nodes: new Map(topology.nodes.map(({ name }) => [name, name])),
    loadBalancer: topology.loadBalancer?.name ?? null,
    floatingIp: topology.floatingIp ? 'floating-ip' : null,
  })
  planned = { topology, probe, vantages }
  return vantages
}

const wayOf = ({ topology }: Plan): FloatingIpWay =>
  topology.floatingIp?.sharedBy ??
  (topology.floatingIp?.documented === 'MetalLB' ? 'vrrp' : 'lease')

/** MetalLB's own stands in for nothing. */
const engineOf = (way: FloatingIpWay): string =>
  way === 'memberlist' ? "MetalLB's memberlist, in the model" : `model of ${way}`
