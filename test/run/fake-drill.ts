/**
 * A cluster that is not there: a session, a prober and a sink over a clock of the test's own. It
 * writes down in which order things were done, breaks and heals as it is told, and answers probes
 * through every node that is not broken.
 */
import type {
  Acknowledged,
  Evidence,
  FaultHandle,
  Session,
  Target,
} from '../../harness/cluster/port.ts'
import type { DrillEvent } from '../../harness/model/event.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { Facts, Invariant } from '../../harness/model/record.ts'
import { type FaultPlan, isIntervention } from '../../harness/model/scenario.ts'
import type { UndoAction } from '../../harness/model/undo.ts'
import type { Sample, Vantage } from '../../harness/model/vantage.ts'
import type { ConductorPorts, Progress } from '../../harness/run/ports.ts'
import { planOf } from '../support/plan-of.ts'
import { SharedClock } from '../support/shared-clock.ts'

export function vantage(id: string, kind: Vantage['kind'], node: string | null): Vantage {
  const through = { through: `way to ${node}`, throughNode: node, connection: 'new' } as const
  return { id, kind, ...through, url: 'http://nowhere', timeoutMs: 2_000, intervalMs: 50 }
}

export function event(
  name: DrillEvent['name'],
  subject: string,
  rest: Partial<DrillEvent> = {},
): DrillEvent {
  return { atMs: 0, source: 'api', name, subject, node: null, component: null, detail: '', ...rest }
}

/** Worker-down at brisk pace, its target named outright. */
export const briskPlan: Plan = {
  ...planOf('cx-worker-ha', 'brisk'),
  faults: [{ id: 'power', kind: 'power.kill', target: 'node:worker-a' }],
}

const where = (node: string) => ({ provider: 'kind', cluster: 'drill', node }) as const

const isReplaced = ({ kind }: FaultPlan): boolean =>
  kind === 'process.container-kill' || isIntervention(kind)

export class FakeDrill {
  readonly clock = new SharedClock()
  /** What was done, in its order. */
  readonly done: string[] = []
  readonly broken = new Set<string>()
  readonly told: DrillEvent[] = []
  readonly progress: Progress[] = []
  acknowledged: Acknowledged | null = null

  /** Answers of the way through a node that is well; a test may put in its own. */
  answers: (vantage: Vantage, number: number) => boolean = () => true
  /** Something to do, or to throw, before a step of `done` is written down. */
  before: Partial<Record<string, () => void>> = {}
  looks: Partial<Record<'before' | 'during' | 'after', Evidence['state']>> = {}
  /** Whether nodes and pods are told of as they would be after a fault and its undo. */
  tells = true
  /** By fault id: how long doing it takes, and how long until what was replaced is back. */
  takesMs: Record<string, number> = {}
  replacedAfterMs: Record<string, number> = {}
  /** By fault id: what it says came of it. */
  facts: Record<string, () => Promise<Facts>> = {}
  /** Ids of faults whose undo marks the cluster as used up. */
  spending: string[] = []
  /** By role: which node has it. */
  roles: Record<string, string> = {}
  /** The nodes that had been hit each time a target was looked for. */
  readonly hits: (readonly string[])[] = []
  skipped = 0
  invariants: Invariant[] = []
  readBackProblems: string[] = []
  /** Calls by which the cluster and the prober complain. */
  trouble: (message: string) => void = () => undefined
  proberTrouble: (message: string) => void = () => undefined

  readonly vantages = [
    vantage('api-read', 'api-read', null),
    vantage('api-write', 'api-write', null),
    vantage('page-a', 'page', 'worker-a'),
    vantage('save-b', 'save', 'worker-b'),
  ]

  get ports(): ConductorPorts {
    return {
      session: this.#session(),
      sink: {
        event: () => undefined,
        intent: async (id) => this.#do(`intent ${id}`),
        held: async (id) => this.#do(`held ${id}`),
        undone: async (id) => this.#do(`undone ${id}`),
      },
      probe: async ({ onSamples, onTrouble }) => {
        this.#do('probe')
        this.proberTrouble = onTrouble
        let number = 0
        const stop = this.clock.every(50, () => {
          number += 1
          onSamples(this.vantages.map((way) => this.#sample(way, number)))
        })
        return {
          stop: async () => {
            stop()
            this.#do('stop probing')
            return { latenessMs: null, skipped: this.skipped }
          },
        }
      },
      onEvent: (told) => {
        this.told.push(told)
        this.before[`${told.name} ${told.subject}`]?.()
      },
      onProgress: (progress) => this.progress.push(progress),
    }
  }

  #emit: (event: DrillEvent) => void = () => undefined

  emit(told: DrillEvent): void {
    this.#emit({ ...told, atMs: this.clock.nowMs() })
  }

  #do(step: string): void {
    this.before[step]?.()
    this.done.push(step)
  }

  #later(afterMs: number, told: DrillEvent): void {
    if (this.tells) this.clock.at(this.clock.nowMs() + afterMs, () => this.emit(told))
  }

  #sample(way: Vantage, number: number): Sample {
    const ok = !this.broken.has(way.throughNode ?? '') && this.answers(way, number)
    const sentAtMs = this.clock.nowMs()
    return {
      vantage: way.id,
      scheduledAtMs: sentAtMs,
      sentAtMs,
      latencyMs: 5,
      ok,
      error: ok ? null : 'refused',
      number: way.kind === 'save' || way.kind === 'api-write' ? number : null,
    }
  }

  #handle(fault: FaultPlan, target: Target): FaultHandle {
    const facts = this.facts[fault.id]
    const handle = isReplaced(fault) ? this.#replacement(fault, target) : this.#power(fault, target)
    const look: FaultHandle['look'] = async (moment) => {
      const state = this.looks[moment]
      return state ? { state, text: `${target.name} is ${state}` } : await handle.look(moment)
    }
    const spend = { kind: 'cluster.spend', ...where(target.name), why: 'used up' } as const
    const undo = this.spending.includes(fault.id) ? spend : handle.undo
    return { ...handle, undo, look, ...(facts ? { facts } : {}) }
  }

  async #take(fault: FaultPlan): Promise<void> {
    this.#do(`inject ${fault.id}`)
    const takesMs = this.takesMs[fault.id]
    if (takesMs !== undefined) await this.clock.sleepUntil(this.clock.nowMs() + takesMs)
  }

  /** A node that loses its power, and of which the cluster tells after a while. */
  #power(fault: FaultPlan, { name: node }: Target): FaultHandle {
    return {
      undo: { kind: 'power.start', ...where(node), container: node, address: null, network: null },
      inject: async () => {
        await this.#take(fault)
        this.broken.add(node)
        this.#later(5_000, event('node-not-ready', node))
        const moved = { node: 'worker-b', component: 'database' }
        this.#later(9_000, event('pod-ready', 'database-2', moved))
      },
      look: async () => {
        const state = this.broken.has(node) ? 'broken' : 'well'
        return { state, text: `${node} is ${state}` }
      },
    }
  }

  /** Something on a node that the cluster replaces by itself, after `replacedAfterMs`. */
  #replacement(fault: FaultPlan, { name: node }: Target): FaultHandle {
    let doneAtMs = 0
    const undo: UndoAction = { kind: 'none', ...where(node), why: 'it is replaced' }
    return {
      undo,
      inject: async () => {
        await this.#take(fault)
        doneAtMs = this.clock.nowMs()
      },
      look: async (moment) => {
        const replaced = this.clock.nowMs() - doneAtMs >= (this.replacedAfterMs[fault.id] ?? 0)
        const state = moment === 'before' || (moment === 'after' && replaced) ? 'well' : 'broken'
        return { state, text: `${fault.id} is ${state}` }
      },
    }
  }

  #session(): Session {
    return {
      clock: this.clock,
      timeSource: 'monotonic',
      reused: false,
      kubernetes: 'v1.34.4',
      versions: {},
      startedAt: new Date(0),
      vantages: this.vantages,
      credentials: null,
      capabilities: new Set(['power']),
      differences: ['told by the provider'],
      floatingIp: null,
      invariants: async () => this.invariants,
      wanted: { database: 1 },
      prepare: async () => undefined,
      findTarget: async (target, hit) => {
        this.#do(`find ${target}`)
        this.hits.push([...hit])
        if (target === 'load-balancer') return { name: 'lb', node: null, why: 'the only one' }
        const node = this.roles[target] ?? target.replace('node:', '')
        return { name: node, node, why: 'named in the plan' }
      },
      clocks: async () => [],
      splitBrain: async () => ({ looked: [], found: [] }),
      workloadPods: async () => [
        { name: 'database-1', component: 'database', node: 'worker-a', ready: true },
      ],
      fault: async (fault, target) => this.#handle(fault, target),
      undo: async ({ kind, node }) => {
        this.#do(`${kind === 'cluster.spend' ? 'spend' : 'undo'} ${node}`)
        if (kind === 'cluster.spend') return 'the cluster is used up'
        this.broken.delete(node)
        this.#later(2_000, event('node-ready', node))
        return `${node} has power again`
      },
      watch: async (emit, trouble) => {
        this.#emit = emit
        this.trouble = trouble
        return async () => this.#do('stop watching')
      },
      readBack: async (acknowledged) => {
        this.#do('read back')
        this.acknowledged = acknowledged
        const problems = this.readBackProblems
        return { acknowledgedWrites: 7, lostWrites: 0, readBack: true, apiWrites: null, problems }
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
}
