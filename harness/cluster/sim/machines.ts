/**
 * Machines, the links between their sites, and who reaches whom. Whoever depends on that is told
 * when it changes, in the order in which they asked to be.
 */
import type { Topology, TopologyNode } from '../../model/topology.ts'

export type Power = 'on' | 'off' | 'paused'

export interface Machine {
  readonly name: string
  readonly node: TopologyNode
  /** Its place in the topology. */
  readonly index: number
  power: Power
  /** Its kubelet runs; false on a machine without power. */
  kubelet: boolean
  /** It has power, and its kubelet will start by itself. */
  booting: boolean
  /** How often it has lost its power, so that a boot that was overtaken changes nothing. */
  losses: number
  /** Its services have ended in order; its kernel still refuses connections. */
  ended: boolean
  /** Answers from it to outside of the cluster go nowhere. */
  astray: boolean
  /** New pods go elsewhere. */
  cordoned: boolean
  /** Taken out of the cluster for good. */
  gone: boolean
}

type Told = (machine: Machine) => void

export class Machines {
  readonly all: readonly Machine[]
  readonly #byName: ReadonlyMap<string, Machine>
  /** `site>site`, of packets that are lost. */
  readonly #cut = new Set<string>()
  readonly #heirs = new Map<Machine, Machine>()
  readonly #lost: Told[] = []
  readonly #back: Told[] = []
  readonly #links: (() => void)[] = []

  constructor({ nodes }: Topology) {
    this.all = nodes.map((node, index) => ({
      name: node.name,
      node,
      index,
      power: 'on',
      kubelet: true,
      booting: false,
      losses: 0,
      ended: false,
      astray: false,
      cordoned: false,
      gone: false,
    }))
    this.#byName = new Map(this.all.map((machine) => [machine.name, machine]))
  }

  /** Throws a RangeError on a name that the topology does not have. */
  get(name: string): Machine {
    const found = this.#byName.get(name)
    if (!found) throw new RangeError(`no machine ${name}`)
    return found
  }

  /** Whoever has the address that it had. */
  at(machine: Machine): Machine {
    return this.#heirs.get(machine) ?? machine
  }

  /** The address of one that is lost for good leads to another from now on. */
  inherit(lost: Machine, heir: Machine): void {
    this.#heirs.set(lost, heir)
    for (const told of this.#links) told()
  }

  get controlPlanes(): Machine[] {
    return this.all.filter(({ node, gone }) => node.role === 'control-plane' && !gone)
  }

  /** Told at once, when a machine loses its power, is frozen, or is taken out. */
  onLost(told: Told): void {
    this.#lost.push(told)
  }

  /** Told when a machine has power again, or is thawed; it has still to boot. */
  onBack(told: Told): void {
    this.#back.push(told)
  }

  /** Told when some machine is reached by fewer or by more than before, and is on all the while. */
  onLinks(told: () => void): void {
    this.#links.push(told)
  }

  take(machine: Machine, power: 'off' | 'paused'): void {
    machine.power = power
    if (power === 'off') {
      machine.kubelet = false
      machine.booting = false
      machine.losses += 1
    }
    for (const told of this.#lost) told(machine)
  }

  give(machine: Machine): void {
    if (machine.power === 'off') machine.booting = true
    machine.power = 'on'
    machine.ended = false
    for (const told of this.#back) told(machine)
  }

  /** Nothing of the cluster is left on it: it has power, and refuses connections. */
  remove(machine: Machine): void {
    machine.gone = true
    machine.ended = true
    machine.kubelet = false
    for (const told of this.#lost) told(machine)
  }

  cut(from: string, to: string, lost: boolean): void {
    if (lost) this.#cut.add(`${from}>${to}`)
    else this.#cut.delete(`${from}>${to}`)
    for (const told of this.#links) told()
  }

  lead(machine: Machine, astray: boolean): void {
    machine.astray = astray
    for (const told of this.#links) told()
  }

  /** A request gets there and its answer back. */
  reaches(from: Machine, to: Machine): boolean {
    if (from.power !== 'on' || to.power !== 'on') return false
    if (this.#cut.size === 0 || from.node.site === to.node.site) return true
    const there = `${from.node.site}>${to.node.site}`
    const back = `${to.node.site}>${from.node.site}`
    return !this.#cut.has(there) && !this.#cut.has(back)
  }

  /** From outside of the cluster, where clients and the load balancer are. */
  isReached(to: Machine): boolean {
    return to.power === 'on' && !to.astray
  }
}
