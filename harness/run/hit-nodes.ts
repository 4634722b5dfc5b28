/**
 * The nodes that faults have hit, and what was said of them since: what the goals that speak of hit
 * nodes are decided by. A fault of one process, or one that ends with the pod it deletes, takes no
 * node away and hits none in this sense.
 */
import { type FaultKind, type Goal, losesNode } from '../model/scenario.ts'
import type { Topology } from '../model/topology.ts'

interface HitNode {
  /** It comes back by itself, so that what was said once since it was hit is enough. */
  passing: boolean
  /** Without power, until it is undone. */
  dark: boolean
  undone: boolean
  /** It will not be back: a fault that lasts, or an ejection. */
  lost: boolean
  /** No Node object is left of it that could be marked. */
  ejected: boolean
  /** What was said of it since it was hit. */
  said: Set<Told>
}

export type Told = 'node-not-ready' | 'node-ready' | 'lb-down' | 'lb-up'

export class HitNodes {
  readonly #controlPlanes: ReadonlySet<string>
  readonly #nodes = new Map<string, HitNode>()
  /** Control planes whose address somebody else answers at since. */
  readonly #taken = new Set<string>()
  readonly #notReady = new Set<string>()
  readonly #down = new Set<string>()

  constructor({ nodes }: Topology) {
    this.#controlPlanes = new Set(
      nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name),
    )
  }

  /** False where the kind takes no node away. */
  mark(node: string, kind: FaultKind, lasting: boolean): boolean {
    if (!takesNodeAway(kind)) return false
    const ejected = kind === 'operator.eject'
    this.#nodes.set(node, {
      passing: kind === 'power.reboot',
      dark: losesNode(kind),
      undone: false,
      lost: lasting || ejected,
      ejected,
      said: new Set(),
    })
    return true
  }

  tell(what: Told, node: string): void {
    this.#nodes.get(node)?.said.add(what)
    if (what === 'node-not-ready') this.#notReady.add(node)
    if (what === 'node-ready') this.#notReady.delete(node)
    if (what === 'lb-down') this.#down.add(node)
    if (what === 'lb-up') this.#down.delete(node)
  }

  undone(node: string): void {
    const hit = this.#nodes.get(node)
    if (!hit) return
    hit.undone = true
    hit.dark = false
  }

  /** What was restored has taken over the address of the control planes that are lost for good. */
  restored(): void {
    for (const [name, { lost }] of this.#nodes) {
      if (lost && this.#controlPlanes.has(name)) this.#taken.add(name)
    }
  }

  has(node: string): boolean {
    return this.#nodes.has(node)
  }

  isDark(node: string): boolean {
    return this.#nodes.get(node)?.dark === true
  }

  /** Whether a way through that node is left out of the goal. */
  blocks(node: string | null, goal: 'vantages-good' | 'every-vantage-good'): boolean {
    const hit = node === null ? undefined : this.#nodes.get(node)
    if (node === null || hit === undefined || this.#taken.has(node)) return false
    return goal === 'vantages-good' || hit.lost
  }

  /**
   * Of those that it can be true of. NotReady and DOWN: all that are still away, and those that
   * came back by themselves. Ready and UP: all that have been brought back.
   */
  holds(goal: Extract<Goal, Told>): boolean {
    for (const [name, hit] of this.#nodes) if (!this.#isSo(goal, name, hit)) return false
    return true
  }

  #isSo(goal: Extract<Goal, Told>, name: string, hit: HitNode): boolean {
    const balanced = this.#controlPlanes.has(name)
    const away = !hit.undone || hit.passing
    const back = hit.undone && !hit.lost
    switch (goal) {
      case 'node-not-ready':
        return hit.ejected || !away || this.#has(this.#notReady, name, hit, goal)
      case 'lb-down':
        return !balanced || !away || this.#has(this.#down, name, hit, goal)
      case 'node-ready':
        return !back || !this.#notReady.has(name)
      case 'lb-up':
        return !balanced || !back || !this.#down.has(name)
    }
  }

  #has(now: ReadonlySet<string>, name: string, hit: HitNode, what: Told): boolean {
    return now.has(name) || (hit.passing && hit.said.has(what))
  }
}

/** Also the kubelet alone, and a route astray: the node is lost to those who look for it. */
const takesNodeAway = (kind: FaultKind): boolean =>
  losesNode(kind) ||
  kind === 'process.kubelet-stop' ||
  kind === 'network.route' ||
  kind === 'operator.eject'
