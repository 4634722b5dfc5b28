/**
 * The time below which a run of a plan cannot go, whatever the machine: the timers that it has to
 * wait for, by its goals, and nothing of the work. What a run takes beyond it is the harness's own
 * and the cluster's. Pure.
 */
import type { Plan } from '../model/plan.ts'
import type { PhaseName } from '../model/record.ts'
import {
  aWhileMs,
  type FaultPlan,
  type Goal,
  groupsOf,
  losesNode,
  rebootEnds,
  turnsOf,
  watchedMs,
} from '../model/scenario.ts'

/** From power to a kubelet that answers; a worker was Ready again 5 s after power-on. */
const bootMs = 5_000
/** A probe may still be under way for this long before its slot counts as unanswered. */
const probeSlackMs = 1_000
/** The kubelet restarts a container at once, then after 10, 20, 40 … s; pkg/kubelet/kubelet.go. */
const firstBackOffMs = 10_000
const longestBackOffMs = 300_000

type Timed = Pick<Plan, 'timers' | 'probe' | 'topology' | 'faults' | 'observeUntil' | 'settleUntil'>

/** One stretch of waiting, and for what. */
export interface Wait {
  phase: PhaseName
  what: string
  ms: number
}

/** The sum of `waitsOf`. */
export function irreducibleMs(plan: Timed): number {
  return waitsOf(plan).reduce((sum, { ms }) => sum + ms, 0)
}

/**
 * What is waited for, in order. Goals are waited for together, so of those that run at once only
 * what lasts longest counts:
 * - the baseline: the stable time of the probes, and a second for answers under way;
 * - a fault: nothing, but for a reboot its shutdown and its boot, and for a container that was
 *   killed before the back-off of the kubelet;
 * - `node-not-ready`: the grace of the node monitor; `workload-repaired`: that and the toleration;
 *   both from the last loss of a node, or from the return of the control plane if all was lost;
 * - `lb-down`: `fall` checks, each to its time-out where the node went silent, one `inter` fewer
 *   where it refuses; `lb-up`: `rise` checks, the first of which may be due;
 * - `watched`, `a-while`: as they say, since the last fault or the heal;
 * - `api-lost`, `vantages-good`, `every-vantage-good`: the stable time, and for those that are good
 *   again after what has to come first: the node's eviction, or its ejection from the balancer;
 * - a heal: one boot for each group of nodes that get their power back.
 */
export function waitsOf(plan: Timed): Wait[] {
  const run = new Timeline(plan)
  run.until('baseline', 'baseline', ['every-vantage-good'])
  const groups = groupsOf(plan.faults)
  for (const group of groups) {
    run.until(
      'inject',
      `before ${idsOf(group)}`,
      goalsOf(group, ({ after = [] }) => after),
    )
    run.fault(group)
  }
  run.until('observe', 'observe', plan.observeUntil)
  for (const group of groups.toReversed()) {
    for (const faults of turnsOf(group, (fault) => fault)) {
      run.heal(faults)
      run.until(
        'heal',
        `after ${idsOf(faults)}`,
        goalsOf(faults, ({ afterUndo = [] }) => afterUndo),
      )
    }
  }
  run.until('settle', 'settle', plan.settleUntil)
  return run.waits
}

/** The run as it would go if nothing took time but timers. */
class Timeline {
  readonly waits: Wait[] = []
  readonly #plan: Timed
  #nowMs = 0
  /** When the clocks of the nodes that are lost began; null while none is. */
  #lostAtMs: number | null = null
  /** When the last fault was done. */
  #hitAtMs = 0
  /** When the last fault had taken hold or passed, or the last group was healed. */
  #turnAtMs = 0
  /** Ids of the faults by which a control plane is away. */
  readonly #controlPlanesAway = new Set<string>()
  /** What was hit last does not even refuse. */
  #silent = false
  /** By component: how often its container was killed. */
  readonly #kills = new Map<string, number>()

  constructor(plan: Timed) {
    this.#plan = plan
  }

  /** Waits for all of the goals at once. */
  until(phase: PhaseName, what: string, goals: readonly Goal[]): void {
    const instants = goals.map((goal) => this.#reachedMs(goal, goals))
    this.#pass(phase, what, Math.max(this.#nowMs, ...instants))
  }

  fault(group: readonly FaultPlan[]): void {
    this.#hitAtMs = this.#nowMs
    for (const fault of group) {
      if (this.#losesNode(fault) || fault.kind === 'process.kubelet-stop') {
        this.#lostAtMs = this.#nowMs
      }
      this.#silent = ['power.kill', 'power.pause', 'network.route'].includes(fault.kind)
      if (this.#hitsControlPlane(fault)) this.#controlPlanesAway.add(fault.id)
    }
    const endsMs = Math.max(0, ...group.map(this.#endsAfterMs))
    this.#pass('inject', `${idsOf(group)} ends`, this.#nowMs + endsMs)
    this.#turnAtMs = this.#nowMs
  }

  heal(faults: readonly FaultPlan[]): void {
    const powered = faults.filter(
      (fault) => this.#losesNode(fault) && fault.kind !== 'power.reboot' && fault.lasting !== true,
    )
    const boots = powered.some(({ kind }) => kind !== 'power.pause')
    this.#pass('heal', `${idsOf(faults)} boots`, this.#nowMs + (boots ? bootMs : 0))
    const blind = this.#isBlind()
    for (const { id } of powered) this.#controlPlanesAway.delete(id)
    // A new leader counts anew, from what it sees itself.
    if (blind && !this.#isBlind()) this.#lostAtMs = this.#nowMs
    this.#turnAtMs = this.#nowMs
  }

  #pass(phase: PhaseName, what: string, atMs: number): void {
    if (atMs > this.#nowMs) this.waits.push({ phase, what, ms: atMs - this.#nowMs })
    this.#nowMs = Math.max(this.#nowMs, atMs)
  }

  #endsAfterMs = ({ kind, component = 'database' }: FaultPlan): number => {
    if (kind === 'power.reboot') return rebootEnds.servicesMs + rebootEnds.refusesMs + bootMs
    if (kind !== 'process.container-kill') return 0
    const before = this.#kills.get(component) ?? 0
    this.#kills.set(component, before + 1)
    return before === 0 ? 0 : Math.min(firstBackOffMs * 2 ** (before - 1), longestBackOffMs)
  }

  /** When a goal can hold at the earliest; now for what needs no timer. */
  #reachedMs(goal: Goal, others: readonly Goal[]): number {
    const { timers, probe, topology } = this.#plan
    const check = topology.loadBalancer?.check
    const noticedMs =
      this.#lostAtMs === null ? this.#nowMs : this.#lostAtMs + timers.nodeMonitorGraceMs
    switch (goal) {
      case 'node-not-ready':
        return noticedMs
      case 'workload-repaired':
        return this.#lostAtMs === null ? this.#nowMs : noticedMs + timers.unreachableTolerationMs
      case 'lb-down': {
        const checks = (check?.fall ?? 0) - (this.#silent ? 0 : 1)
        return this.#hitAtMs + Math.max(0, checks * (check?.intervalMs ?? 0))
      }
      case 'lb-up':
        return this.#turnAtMs + Math.max(0, (check?.rise ?? 0) - 1) * (check?.intervalMs ?? 0)
      case 'watched':
        return this.#turnAtMs + watchedMs(timers)
      case 'a-while':
        return this.#turnAtMs + aWhileMs(timers)
      case 'api-lost':
        return this.#turnAtMs + probe.stableMs
      case 'vantages-good':
      case 'every-vantage-good': {
        const first = others.filter((other) => other === 'workload-repaired' || other === 'lb-down')
        const goodFromMs = first.map((other) => this.#reachedMs(other, []))
        const fromMs = Math.max(this.#turnAtMs, ...goodFromMs)
        return fromMs + probe.stableMs + probeSlackMs
      }
      default:
        return this.#nowMs
    }
  }

  /** Without a quorum of control planes nobody notices anything. */
  #isBlind(): boolean {
    const all = this.#plan.topology.nodes.filter(({ role }) => role === 'control-plane').length
    return all - this.#controlPlanesAway.size < Math.floor(all / 2) + 1
  }

  /** The load balancer is a machine, and no node of the cluster. */
  #losesNode({ kind, target }: FaultPlan): boolean {
    const balancer = this.#plan.topology.loadBalancer?.name
    return losesNode(kind) && target !== 'load-balancer' && target !== `node:${balancer}`
  }

  #hitsControlPlane(fault: FaultPlan): boolean {
    const { kind, target, lasting } = fault
    if (!this.#losesNode(fault) || kind === 'power.reboot' || lasting) return false
    const { nodes } = this.#plan.topology
    const named = nodes.find(({ name }) => target === `node:${name}`)
    return named ? named.role === 'control-plane' : /^(control-plane|etcd-|lease-)/.test(target)
  }
}

const idsOf = (faults: readonly FaultPlan[]): string => faults.map(({ id }) => id).join(', ')

const goalsOf = (
  faults: readonly FaultPlan[],
  pick: (fault: FaultPlan) => readonly Goal[],
): Goal[] => [...new Set(faults.flatMap(pick))]
