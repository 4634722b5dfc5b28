/**
 * The conductor: baseline → inject → observe → heal → settle. A phase ends on what is seen, with
 * a bound by the timers and never a fixed sleep. Whatever happens in between, what was broken is
 * healed before it returns, and what was measured is kept.
 */
import type { Acknowledged, ApiWrite } from '../cluster/port.ts'
import type { Conduct } from '../model/conduct.ts'
import { DrillError, InterruptedError, messageOf } from '../model/errors.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { PhaseName } from '../model/record.ts'
import type { Goal } from '../model/scenario.ts'
import { formatMs } from '../model/units.ts'
import type { VantageKind } from '../model/vantage.ts'
import { FaultsInOrder, isBug } from './faults-in-order.ts'
import type { ConductorPorts } from './ports.ts'
import { DrillView } from './view.ts'

const lookEveryMs = 100
const progressEveryMs = 250
/** After the last phase, for answers that are still on their way to be counted. */
const tailMs = 500

export async function conduct(
  plan: Plan,
  ports: ConductorPorts,
  interrupted: AbortSignal,
): Promise<Conduct> {
  return await new Conductor(plan, ports, interrupted).run()
}

class Conductor {
  readonly #plan: Plan
  readonly #ports: ConductorPorts
  readonly #interrupted: AbortSignal
  /** Aborted by Ctrl-C and by whatever makes going on pointless. */
  readonly #giveUp = new AbortController()
  readonly #view: DrillView
  readonly #faults: FaultsInOrder
  readonly #kinds: ReadonlyMap<string, VantageKind>
  readonly #saves = new Map<string, number[]>()
  readonly #apiWrites = new Map<string, ApiWrite[]>()
  readonly #problems: Conduct['problems'] = []
  readonly #phases: Conduct['phases'] = []
  #invariants: NonNullable<Conduct['invariants']> = []
  #progressAtMs = 0

  constructor(plan: Plan, ports: ConductorPorts, interrupted: AbortSignal) {
    this.#plan = plan
    this.#ports = ports
    this.#interrupted = interrupted
    this.#kinds = new Map(ports.session.vantages.map(({ id, kind }) => [id, kind]))
    this.#view = new DrillView(
      plan,
      ports.session.vantages,
      ports.session.wanted,
      ports.exact ?? false,
    )
    this.#faults = new FaultsInOrder(plan, ports, this.#view, {
      signal: this.#giveUp.signal,
      tell: (name, subject, node, detail) => this.#tell(name, subject, node, detail),
      wait: (goals, boundMs) => this.#wait(null, goals, boundMs, false),
      busy: (work) => this.#busy(work),
      weaken: (text) => this.#weaken(text),
      invalidate: (text) => this.#invalidate(text),
    })
    const giveUp = () => this.#giveUp.abort(interrupted.reason)
    if (interrupted.aborted) giveUp()
    else interrupted.addEventListener('abort', giveUp, { once: true })
  }

  async run(): Promise<Conduct> {
    const stopWatching = await this.#ports.session.watch(
      (event) => this.#take(event),
      (message) => this.#trouble(message),
    )
    try {
      return await this.#watched()
    } finally {
      await stopWatching()
    }
  }

  async #watched(): Promise<Conduct> {
    const { session } = this.#ports
    for (const pod of await session.workloadPods()) this.#view.seePod(pod)
    this.#invariants = await session.invariants()
    const clocks = await session.clocks()
    const probing = await this.#ports.probe({
      vantages: session.vantages,
      onSamples: (batch) => this.#takeSamples(batch),
      onTrouble: (message) => this.#weaken(message),
    })
    try {
      await this.#phasesInOrder()
    } catch (bug) {
      await probing.stop()
      throw bug
    }
    const { latenessMs, skipped } = await probing.stop()
    if (!this.#interrupted.aborted) await this.#faults.findFacts()
    if (skipped > 0) this.#weaken(`${skipped} probes were skipped: the machine was too busy`)
    return {
      schema: 'clusterdrill/conduct/v1',
      startedAt: session.startedAt.toISOString(),
      timeSource: session.timeSource,
      kubernetes: session.kubernetes,
      versions: session.versions,
      reused: session.reused,
      phases: this.#phases,
      faults: this.#faults.records,
      floatingIp: session.floatingIp,
      differences: [...session.differences],
      invariants: this.#invariants,
      clocks,
      vantages: session.vantages.map((vantage) => ({ ...vantage })),
      integrity: await this.#readBack(),
      splitBrain: await session.splitBrain(),
      latenessMs,
      problems: this.#problems,
    }
  }

  async #phasesInOrder(): Promise<void> {
    const { clock } = this.#ports.session
    try {
      this.#refuseUnlikeDocument()
      await this.#baseline()
      if (this.#ports.beforeFaults) {
        await this.#ports.beforeFaults()
        await this.#baseline()
      }
      this.#beginPhase('inject')
      await this.#faults.inject()
      await this.#wait('observe', this.#plan.observeUntil, this.#plan.bounds.observeMs)
      await this.#faults.proveStillHeld()
      this.#beginPhase('heal')
      await this.#faults.heal()
      await this.#wait('settle', this.#plan.settleUntil, this.#plan.bounds.settleMs)
    } catch (error) {
      await this.#stopShort(error)
    }
    this.#endPhase()
    await clock.sleepUntil(clock.nowMs() + tailMs)
  }

  /** What is measured on another cluster than the document draws says nothing of the document. */
  #refuseUnlikeDocument(): void {
    const broken = this.#invariants.filter(({ holds }) => !holds)
    if (broken.length === 0) return
    throw new Error(
      `the cluster is not what the document draws: ${broken.map(({ id, expected, seen }) => `${id}: ${seen}, expected ${expected}`).join('; ')}`,
    )
  }

  /** A run is kept even when nothing can be read back any more. */
  async #readBack(): Promise<Conduct['integrity']> {
    const acknowledged: Acknowledged = { saves: this.#saves, apiWrites: this.#apiWrites }
    try {
      const { problems, ...integrity } = await this.#ports.session.readBack(acknowledged)
      for (const problem of problems) this.#weaken(problem)
      return integrity
    } catch (error) {
      this.#weaken(`the acknowledged writes could not be read back: ${messageOf(error)}`)
      const acknowledgedWrites = [...this.#saves.values()].flat().length
      return { acknowledgedWrites, lostWrites: 0, readBack: false, apiWrites: null }
    }
  }

  async #baseline(): Promise<void> {
    const unmet = await this.#wait(
      'baseline',
      ['every-vantage-good'],
      this.#plan.bounds.baselineMs,
      false,
    )
    if (unmet.length === 0) return
    throw new Error(
      `the baseline was not good within ${formatMs(this.#plan.bounds.baselineMs)}: no ${unmet.join(', no ')}`,
    )
  }

  /** Heals what is still broken, then says why the run is worth nothing. */
  async #stopShort(error: unknown): Promise<void> {
    const phase = this.#phases.at(-1)?.name ?? 'the beginning'
    const reason = this.#interrupted.aborted
      ? `interrupted in ${phase}`
      : error instanceof DrillError
        ? error.what
        : messageOf(error)
    this.#invalidate(reason)
    if (this.#faults.open) {
      this.#beginPhase('heal')
      await this.#faults.healAnyway()
    }
    if (!(error instanceof DrillError || error instanceof InterruptedError) && isBug(error)) {
      throw error
    }
  }

  /** Waits for all goals at once; says what was not reached by the bound. Null: no new phase. */
  async #wait(
    begins: PhaseName | null,
    goals: readonly Goal[],
    boundMs: number,
    noteUnmet = true,
  ): Promise<string[]> {
    if (begins !== null) this.#beginPhase(begins)
    const phase = this.#phase
    const { clock } = this.#ports.session
    const deadlineMs = clock.nowMs() + boundMs
    for (;;) {
      this.#giveUp.signal.throwIfAborted()
      const nowMs = clock.nowMs()
      this.#progress(phase, deadlineMs, goals)
      if (this.#hold(goals, nowMs)) return []
      if (nowMs >= deadlineMs) {
        const unmet = this.#view.waitingFor(goals, nowMs)
        if (noteUnmet) {
          this.#weaken(
            `${phase} reached its bound of ${formatMs(boundMs)} without ${unmet.join(', ')}`,
          )
        }
        return unmet
      }
      if (this.#ports.sleepUntilMet) {
        const met = () => this.#giveUp.signal.aborted || this.#hold(goals, clock.nowMs())
        await this.#ports.sleepUntilMet(met, deadlineMs)
      } else await clock.sleepUntil(nowMs + lookEveryMs, this.#giveUp.signal)
    }
  }

  #hold(goals: readonly Goal[], nowMs: number): boolean {
    return goals.every((goal) => this.#view.holds(goal, nowMs))
  }

  /** Shows that time passes while something is done that has a bound of its own. */
  async #busy<T>(work: Promise<T>): Promise<T> {
    if (!this.#ports.onProgress) return await work
    const { clock } = this.#ports.session
    const ended = new AbortController()
    const done = work.finally(() => ended.abort())
    const show = async () => {
      while (!ended.signal.aborted) {
        this.#progress(this.#phase, null, [])
        await clock.sleepUntil(clock.nowMs() + progressEveryMs, ended.signal)
      }
    }
    const showing = show().catch((error) => {
      if (!ended.signal.aborted) throw error
    })
    const [result] = await Promise.all([done, showing])
    return result
  }

  get #phase(): PhaseName {
    return (this.#phases.at(-1)?.name ?? 'baseline') as PhaseName
  }

  #beginPhase(name: PhaseName): void {
    if (this.#phases.at(-1)?.name === name) return
    this.#endPhase()
    const fromMs = this.#ports.session.clock.nowMs()
    this.#phases.push({ name, fromMs, toMs: fromMs })
    this.#tell('phase', name, null, `${name} begins`)
    this.#progressAtMs = 0
    this.#progress(name, null, [])
  }

  #endPhase(): void {
    const last = this.#phases.at(-1)
    if (last) last.toMs = this.#ports.session.clock.nowMs()
  }

  #progress(phase: PhaseName, deadlineMs: number | null, goals: readonly Goal[]): void {
    const { onProgress } = this.#ports
    const nowMs = this.#ports.session.clock.nowMs()
    if (!onProgress || (nowMs - this.#progressAtMs < progressEveryMs && this.#progressAtMs > 0))
      return
    this.#progressAtMs = nowMs
    onProgress({
      phase,
      phaseElapsedMs: nowMs - (this.#phases.at(-1)?.fromMs ?? nowMs),
      phaseLeftMs: deadlineMs === null ? null : Math.max(0, deadlineMs - nowMs),
      waitingFor: this.#view.waitingFor(goals, nowMs),
      vantages: this.#view.vantages(nowMs),
    })
  }

  #take(event: DrillEvent): void {
    this.#view.takeEvent(event)
    this.#ports.sink.event(event)
    this.#ports.onEvent(event)
  }

  #tell(
    name: 'phase' | 'fault' | 'undo' | 'note',
    subject: string,
    node: string | null,
    detail: string,
  ) {
    const atMs = this.#ports.session.clock.nowMs()
    this.#take({ atMs, source: 'harness', name, subject, node, component: null, detail })
  }

  #takeSamples(batch: readonly Parameters<DrillView['takeSamples']>[0][number][]): void {
    this.#view.takeSamples(batch)
    for (const sample of batch) {
      if (sample.number === null) continue
      const kind = this.#kinds.get(sample.vantage)
      const { number, sentAtMs, latencyMs, ok: acknowledged } = sample
      if (kind === 'save' && acknowledged) {
        entryOf(this.#saves, sample.vantage).push(number)
      } else if (kind === 'api-write') {
        const endedAtMs = sentAtMs + latencyMs
        entryOf(this.#apiWrites, sample.vantage).push({ number, sentAtMs, endedAtMs, acknowledged })
      }
    }
  }

  /** Without the engine nothing can be undone or proved: stop at once. */
  #trouble(message: string): void {
    this.#invalidate(message)
    this.#giveUp.abort(new Error(message))
  }

  #weaken(text: string): void {
    this.#problems.push({ invalid: false, text })
  }

  #invalidate(text: string): void {
    if (this.#problems.some((problem) => problem.text === text)) return
    this.#problems.push({ invalid: true, text })
  }
}

function entryOf<T>(map: Map<string, T[]>, key: string): T[] {
  const known = map.get(key)
  if (known) return known
  const entry: T[] = []
  map.set(key, entry)
  return entry
}
