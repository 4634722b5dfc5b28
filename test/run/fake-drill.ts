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
import type { Invariant } from '../../harness/model/record.ts'
import type { FaultPlan } from '../../harness/model/scenario.ts'
import type { Sample, Vantage } from '../../harness/model/vantage.ts'
import type { ConductorPorts, Progress } from '../../harness/run/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { planOf } from '../support/plan-of.ts'

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

export class FakeDrill {
  readonly clock = new FakeClock()
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

  #handle(fault: FaultPlan, { name: node }: Target): FaultHandle {
    return {
      undo: {
        kind: 'power.start',
        provider: 'kind',
        cluster: 'drill',
        node,
        container: node,
        address: null,
        network: null,
      },
      inject: async () => {
        this.#do(`inject ${fault.id}`)
        this.broken.add(node)
        this.#later(5_000, event('node-not-ready', node))
        const moved = { node: 'worker-b', component: 'database' }
        this.#later(9_000, event('pod-ready', 'database-2', moved))
      },
      look: async (moment) => {
        const state = this.looks[moment] ?? (this.broken.has(node) ? 'broken' : 'well')
        return { state, text: `${node} is ${state}` }
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
      findTarget: async (target) => {
        this.#do(`find ${target}`)
        const node = target.replace('node:', '')
        return { name: node, node, why: 'named in the plan' }
      },
      clocks: async () => [],
      splitBrain: async () => ({ looked: [], found: [] }),
      workloadPods: async () => [
        { name: 'database-1', component: 'database', node: 'worker-a', ready: true },
      ],
      fault: async (fault, target) => this.#handle(fault, target),
      undo: async ({ node }) => {
        this.#do(`undo ${node}`)
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
