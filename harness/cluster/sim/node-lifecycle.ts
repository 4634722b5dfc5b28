/**
 * The node lifecycle controller (pkg/controller/nodelifecycle): marks silent nodes as not ready and
 * taints them, zone by zone and no faster than its rate limiters allow. It looks at every monitor
 * period; what a look would find follows from the heartbeats, so only looks that change something are
 * simulated. A new leader begins all its clocks anew.
 */
import { drawMs } from './calibration.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'

export interface Tainted {
  machine: Machine
  /** When `NoExecute` was put on it. */
  atMs: number
}

interface NodeStatus {
  machine: Machine
  zone: Zone
  ready: boolean
  /** What it is marked with: `NoSchedule` follows readiness at once, `NoExecute` waits its turn. */
  noSchedule: boolean
  noExecute: boolean
  flip: EventId | null
}

interface Zone {
  name: string
  nodes: NodeStatus[]
  notReady: number
  /** Waiting for `NoExecute`, in that order. */
  queue: Set<NodeStatus>
  /** The next node may be tainted from then on. */
  freeAtMs: number
  state: 'normal' | 'partial' | 'full'
  work: EventId | null
}

/** A sum of periods is no exact number. */
const roundingMs = 0.5

type Told = (machine: Machine, what: 'not-ready' | 'ready' | 'no-execute' | 'clean') => void

export class NodeLifecycle {
  readonly #scene: Scene
  readonly #heartbeats: Heartbeats
  readonly #nodes: ReadonlyMap<Machine, NodeStatus>
  readonly #zones: readonly Zone[]
  readonly #told: Told[] = []
  /** When the leader's first look was; null: nobody leads, or its API does not answer. */
  #looksFromMs: number | null
  /** Every zone is silent: then it is rather the controller that is. */
  #allSilent = false
  readonly #draw: Draw

  constructor(scene: Scene, heartbeats: Heartbeats) {
    this.#scene = scene
    this.#heartbeats = heartbeats
    this.#draw = scene.chance('taints')
    const zones = new Map<string, Zone>()
    const zoneOf = (machine: Machine): Zone => {
      const site = scene.topology.sites.find(({ name }) => name === machine.node.site)
      const name = `${site?.region}/${site?.zone}`
      const known = zones.get(name)
      if (known) return known
      const zone: Zone = {
        ...{ name, nodes: [], notReady: 0, queue: new Set<NodeStatus>(), freeAtMs: 0 },
        ...{ state: 'normal' as const, work: null },
      }
      zones.set(name, zone)
      return zone
    }
    this.#nodes = new Map(
      scene.machines.all.map((machine) => {
        const zone = zoneOf(machine)
        const marks = { noSchedule: false, noExecute: false }
        const status: NodeStatus = { machine, zone, ready: true, ...marks, flip: null }
        zone.nodes.push(status)
        return [machine, status]
      }),
    )
    this.#zones = [...zones.values()]
    // It has looked for long already, at some phase of its period.
    this.#looksFromMs = -scene.chance('node lifecycle')() * scene.timers.nodeMonitorPeriodMs
    heartbeats.onChange((machine, flows) => {
      if (flows) this.#alive(this.#status(machine))
      else this.#expect(this.#status(machine))
    })
  }

  onChange(told: Told): void {
    this.#told.push(told)
  }

  isReady(machine: Machine): boolean {
    return this.#status(machine).ready
  }

  hasNoExecute(machine: Machine): boolean {
    return this.#status(machine).noExecute
  }

  /** No pod is placed on it: a taint says that it is unreachable. */
  repels(machine: Machine): boolean {
    const { ready, noSchedule, noExecute } = this.#status(machine)
    return !ready || noSchedule || noExecute
  }

  /** A leader has begun, or the one there was can work no more. */
  lead(works: boolean): void {
    if (!works) {
      this.#looksFromMs = null
      for (const status of this.#nodes.values()) this.#forget(status)
      for (const zone of this.#zones) this.#halt(zone)
      return
    }
    this.#looksFromMs = this.#scene.queue.nowMs
    for (const status of this.#nodes.values()) {
      if (status.ready && status.noSchedule) this.#cleanSoon(status)
      if (this.#heartbeats.flows(status.machine)) this.#alive(status)
      else if (status.ready) this.#expect(status)
      else if (!status.noExecute) this.#enqueue(status)
    }
    this.#disrupt()
  }

  /** Taken out of the cluster: neither ready nor counted. */
  remove(machine: Machine): void {
    const status = this.#status(machine)
    this.#forget(status)
    const { zone } = status
    zone.nodes = zone.nodes.filter((each) => each !== status)
    zone.queue.delete(status)
    if (!status.ready) zone.notReady -= 1
    status.ready = false
  }

  #status(machine: Machine): NodeStatus {
    const status = this.#nodes.get(machine)
    if (!status) throw new RangeError(`no node ${machine.name}`)
    return status
  }

  #forget(status: NodeStatus): void {
    if (status.flip !== null) this.#scene.queue.cancel(status.flip)
    status.flip = null
  }

  /** The first look at or after that instant. */
  #lookAtMs(atMs: number): number {
    const fromMs = this.#looksFromMs ?? 0
    const period = this.#scene.timers.nodeMonitorPeriodMs
    return fromMs + Math.ceil(Math.max(0, atMs - fromMs) / period) * period
  }

  /**
   * Silent from now on. A look that finds a renewal notes its own time, and the node is lost at the
   * first look that is more than the grace after that. Looks are a period apart from end to beginning
   * (apimachinery wait/backoff.go), so one that would be at the grace itself is just after it.
   */
  #expect(status: NodeStatus): void {
    this.#forget(status)
    if (this.#looksFromMs === null || !status.ready) return
    const { timers, queue, calibration } = this.#scene
    const notedMs = this.#lookAtMs(this.#heartbeats.lastMs(status.machine))
    const flipAtMs = this.#lookAtMs(notedMs + timers.nodeMonitorGraceMs - roundingMs)
    const lateMs = drawMs(this.#scene.chance(`lost ${status.machine.name}`), calibration.nodeLost)
    status.flip = queue.at(Math.max(flipAtMs, queue.nowMs) + lateMs, () => {
      status.flip = null
      this.#lost(status)
    })
  }

  #lost(status: NodeStatus): void {
    status.ready = false
    status.noSchedule = true
    status.zone.notReady += 1
    const { name } = status.machine
    const detail = 'Ready=Unknown NodeStatusUnknown'
    this.#tellEvent('node-not-ready', name, detail)
    this.#tellEvent('node-tainted', name, `${unreachable}:NoSchedule`)
    for (const told of this.#told) told(status.machine, 'not-ready')
    this.#enqueue(status)
    this.#disrupt()
  }

  /** Its kubelet reports, and is believed at once; the taints go at the next look. */
  #alive(status: NodeStatus): void {
    this.#forget(status)
    if (!status.ready) {
      status.ready = true
      status.zone.notReady -= 1
      this.#tellEvent('node-ready', status.machine.name, 'Ready=True KubeletReady')
      for (const told of this.#told) told(status.machine, 'ready')
      if (this.#looksFromMs === null) return
      this.#cleanSoon(status)
      this.#disrupt()
    }
  }

  /** At the next look; at the first of a new leader, where it came back while nobody led. */
  #cleanSoon(status: NodeStatus): void {
    const { queue } = this.#scene
    queue.at(Math.max(queue.nowMs, this.#lookAtMs(queue.nowMs)), () => this.#clean(status))
  }

  #clean(status: NodeStatus): void {
    if (!status.ready || !status.noSchedule) return
    status.zone.queue.delete(status)
    status.noSchedule = false
    this.#tellEvent('node-untainted', status.machine.name, `${unreachable}:NoSchedule`)
    if (status.noExecute) {
      status.noExecute = false
      this.#tellEvent('node-untainted', status.machine.name, `${unreachable}:NoExecute`)
    }
    for (const told of this.#told) told(status.machine, 'clean')
  }

  #enqueue(status: NodeStatus): void {
    status.zone.queue.add(status)
    this.#work(status.zone)
  }

  /** Rates by how much of each zone is lost (node_lifecycle_controller.go, handleDisruption). */
  #disrupt(): void {
    for (const zone of this.#zones) zone.state = stateOf(zone)
    const occupied = this.#zones.filter(({ nodes }) => nodes.length > 0)
    const silent = occupied.every(({ state }) => state === 'full')
    if (silent && !this.#allSilent) this.#stopEvictions()
    if (!silent && this.#allSilent) this.#beginAnew()
    this.#allSilent = silent
    for (const zone of this.#zones) this.#work(zone)
  }

  /** All taints are taken off: it is more likely that the controller is cut off. */
  #stopEvictions(): void {
    for (const status of this.#nodes.values()) {
      if (!status.noExecute) continue
      status.noExecute = false
      this.#tellEvent('node-untainted', status.machine.name, `${unreachable}:NoExecute`)
      for (const told of this.#told) told(status.machine, 'clean')
    }
  }

  /** Some node is there again: all clocks begin anew. */
  #beginAnew(): void {
    for (const status of this.#nodes.values()) {
      if (!status.ready && !status.noExecute) this.#enqueue(status)
    }
  }

  #rateOf({ state, nodes }: Zone): number {
    if (this.#allSilent) return 0
    if (state !== 'partial') return constants.evictionsPerSecond
    return nodes.length > constants.largeZoneNodes ? constants.evictionsPerSecondUnhealthy : 0
  }

  #halt(zone: Zone): void {
    if (zone.work !== null) this.#scene.queue.cancel(zone.work)
    zone.work = null
  }

  /** Taints the next node of the zone when its turn comes. */
  #work(zone: Zone): void {
    this.#halt(zone)
    const rate = this.#rateOf(zone)
    if (this.#looksFromMs === null || rate === 0 || zone.queue.size === 0) return
    const { queue } = this.#scene
    const passMs = queue.nowMs + drawMs(this.#draw, this.#scene.calibration.noExecute)
    zone.work = queue.at(Math.max(passMs, zone.freeAtMs), () => {
      zone.work = null
      const [next] = zone.queue
      if (next) zone.queue.delete(next)
      zone.freeAtMs = queue.nowMs + 1_000 / rate
      if (next && !next.ready && !next.noExecute) this.#taint(next)
      this.#work(zone)
    })
  }

  #taint(status: NodeStatus): void {
    status.noExecute = true
    this.#tellEvent('node-tainted', status.machine.name, `${unreachable}:NoExecute`)
    for (const told of this.#told) told(status.machine, 'no-execute')
  }

  #tellEvent(
    name: 'node-not-ready' | 'node-ready' | 'node-tainted' | 'node-untainted',
    node: string,
    detail: string,
  ): void {
    this.#scene.tell({ source: 'api', name, subject: node, node, component: null, detail })
  }
}

export const unreachable = 'node.kubernetes.io/unreachable'

function stateOf({ nodes, notReady }: Zone): Zone['state'] {
  const ready = nodes.length - notReady
  if (ready === 0 && notReady > 0) return 'full'
  const unhealthy =
    notReady >= constants.unhealthyZoneNodes &&
    notReady / nodes.length >= constants.unhealthyZoneShare
  return unhealthy ? 'partial' : 'normal'
}
