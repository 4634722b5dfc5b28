/**
 * The faults of a run: group after group each when its time has come, and undone in reverse. Knows
 * how faults follow each other; phases, waiting and telling are the conductor's.
 */
import type { Target } from '../cluster/port.ts'
import { InvalidRunError, messageOf } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import type { FaultRecord } from '../model/record.ts'
import { type FaultPlan, type Goal, groupsOf, isIntervention, turnsOf } from '../model/scenario.ts'
import { formatMs } from '../model/units.ts'
import {
  type FaultCycle,
  findFacts,
  giveUp,
  inject,
  intend,
  isLasting,
  leave,
  passed,
  passes,
  prepareFault,
  stillHolds,
  undo,
} from './fault-cycle.ts'
import type { ConductorPorts } from './ports.ts'
import type { DrillView } from './view.ts'

/** What the conductor lends. */
export interface Conducting {
  /** Aborted when there is no use in going on. */
  readonly signal: AbortSignal
  tell(name: 'fault' | 'undo' | 'note', subject: string, node: string | null, detail: string): void
  /** Waits for all goals at once, in the phase that goes on; what was not reached, in words. */
  wait(goals: readonly Goal[], boundMs: number): Promise<string[]>
  /** Shows that time passes while something is done. */
  busy<T>(work: Promise<T>): Promise<T>
  weaken(text: string): void
  invalidate(text: string): void
}

export class FaultsInOrder {
  readonly #plan: Plan
  readonly #ports: Pick<ConductorPorts, 'session' | 'sink'>
  readonly #view: DrillView
  readonly #conducting: Conducting
  /** In order of injection. */
  readonly #groups: FaultCycle[][] = []
  /** Nodes hit so far, in that order. */
  readonly #hit: string[] = []

  constructor(
    plan: Plan,
    ports: Pick<ConductorPorts, 'session' | 'sink'>,
    view: DrillView,
    conducting: Conducting,
  ) {
    this.#plan = plan
    this.#ports = ports
    this.#view = view
    this.#conducting = conducting
  }

  /** Of every fault that was done, or may have been. */
  get records(): FaultRecord[] {
    return this.#cycles.filter(({ begun }) => begun).map(({ record }) => record)
  }

  get #cycles(): FaultCycle[] {
    return this.#groups.flat()
  }

  /** Throws when one does not take hold, or what is to come before it does not. */
  async inject(): Promise<void> {
    for (const group of groupsOf(this.#plan.faults)) {
      this.#conducting.signal.throwIfAborted()
      await this.#waitUntilDue(group)
      const cycles = await this.#prepare(group)
      await this.#injectAtOnce(cycles)
      this.#conducting.signal.throwIfAborted()
      await this.#endPassing(cycles)
    }
  }

  async #waitUntilDue(group: readonly FaultPlan[]): Promise<void> {
    const goals = goalsOf(group, ({ after = [] }) => after)
    if (goals.length === 0) return
    const { observeMs } = this.#plan.bounds
    const unmet = await this.#conducting.wait(goals, observeMs)
    if (unmet.length === 0) return
    const ids = group.map(({ id }) => id).join(', ')
    throw new InvalidRunError({
      what: `what must hold before ${ids} did not within ${formatMs(observeMs)}: no ${unmet.join(', no ')}`,
      changed: 'what was broken before is being undone',
      next: 'Run it again, and report it if it happens twice.',
    })
  }

  /** Targets one after another, so that none of a group is chosen twice. */
  async #prepare(group: readonly FaultPlan[]): Promise<FaultCycle[]> {
    const { session } = this.#ports
    const cycles: FaultCycle[] = []
    for (const fault of group) {
      const target = await session.findTarget(fault.target, this.#hit)
      refuseTwice(fault, target, cycles)
      cycles.push(await prepareFault(session, fault, target))
      if (target.node !== null && !this.#hit.includes(target.node)) this.#hit.push(target.node)
    }
    return cycles
  }

  async #injectAtOnce(cycles: FaultCycle[]): Promise<void> {
    const { session, sink } = this.#ports
    this.#groups.push(cycles)
    for (const cycle of cycles) await intend(cycle, sink)
    for (const cycle of cycles) {
      const { plan, target } = cycle
      if (target.node !== null) this.#view.markHit(target.node, plan.kind, isLasting(cycle))
      this.#tell('fault', cycle, `${plan.kind} on ${target.name} (${target.why})`)
    }
    await this.#together(cycles, async (cycle) => {
      await inject(session, cycle, sink, this.#conducting.signal)
      this.#tell('note', cycle, `took hold: ${cycle.record.receipt.during}`)
    })
    this.#view.markHeld(
      session.clock.nowMs(),
      cycles.map(({ plan }) => plan.kind),
    )
  }

  /** What ends by itself is over now: power comes back at once, the rest is waited for. */
  async #endPassing(cycles: readonly FaultCycle[]): Promise<void> {
    const { session, sink } = this.#ports
    const { signal } = this.#conducting
    await this.#together(cycles.filter(passes), async (cycle) => {
      if (cycle.handle.undo.kind !== 'none') return await this.#undo(cycle)
      const over = await passed(session, cycle, sink, signal)
      const after = cycle.record.receipt.after
      this.#tell('note', cycle, over ? `over: ${after}` : `not over yet: ${after}`)
    })
  }

  /** What passes need not hold; of what lasts something may have taken the place since. */
  async proveStillHeld(): Promise<void> {
    for (const cycle of this.#cycles) {
      if (passes(cycle) || isIntervention(cycle.plan.kind)) continue
      const { state, text } = await stillHolds(cycle)
      if (state === 'broken' || (state === 'unclear' && isLasting(cycle))) continue
      this.#conducting.invalidate(`${cycle.plan.id} did not hold until the heal: ${text}`)
    }
  }

  /** The last group first. Throws when one cannot be undone; the others may be open then. */
  async heal(): Promise<void> {
    for (const group of this.#groups.toReversed()) {
      for (const cycles of turnsOf(group, ({ plan }) => plan)) {
        await this.#together(cycles.filter(isOpen), (cycle) => this.#end(cycle))
        this.#view.markHealed(this.#ports.session.clock.nowMs())
        await this.#waitAfterUndo(cycles)
      }
    }
    this.#view.markHealed(this.#ports.session.clock.nowMs())
  }

  /** Undoes all that is open, in the same order but without waiting; says what cannot be undone. */
  async healAnyway(): Promise<void> {
    for (const group of this.#groups.toReversed()) {
      for (const cycles of turnsOf(group, ({ plan }) => plan)) {
        await this.#conducting.busy(
          Promise.all(cycles.filter(isOpen).map((cycle) => this.#endAnyway(cycle))),
        )
      }
    }
  }

  /** Is there anything left to undo? */
  get open(): boolean {
    return this.#cycles.some(isOpen)
  }

  async findFacts(): Promise<void> {
    for (const cycle of this.#cycles.filter(({ begun }) => begun)) {
      try {
        await findFacts(this.#ports.session, cycle)
      } catch (error) {
        this.#conducting.weaken(
          `${cycle.plan.id} does not say what came of it: ${messageOf(error)}`,
        )
      }
    }
  }

  async #waitAfterUndo(cycles: readonly FaultCycle[]): Promise<void> {
    const goals = goalsOf(
      cycles.map(({ plan }) => plan),
      ({ afterUndo = [] }) => afterUndo,
    )
    if (goals.length === 0) return
    const { settleMs } = this.#plan.bounds
    const unmet = await this.#conducting.wait(goals, settleMs)
    if (unmet.length === 0) return
    const ids = cycles.map(({ plan }) => plan.id).join(', ')
    this.#conducting.weaken(
      `the undo of ${ids} was followed by the next after ${formatMs(settleMs)}, without ${unmet.join(', ')}`,
    )
  }

  async #end(cycle: FaultCycle): Promise<void> {
    if (!isLasting(cycle)) return await this.#undo(cycle)
    await giveUp(this.#ports.session, cycle, this.#ports.sink)
    this.#tell('note', cycle, `${cycle.record.kind} on ${cycle.record.target} lasts`)
  }

  async #endAnyway(cycle: FaultCycle): Promise<void> {
    const { plan, handle } = cycle
    try {
      if (handle.undo.kind === 'none') await leave(cycle, this.#ports.sink)
      else await this.#end(cycle)
    } catch (failure) {
      this.#conducting.invalidate(
        `${plan.id} could not be undone: ${messageOf(failure)}; \`pnpm clean\` tries again`,
      )
    }
  }

  async #undo(cycle: FaultCycle): Promise<void> {
    const { record } = cycle
    if (cycle.handle.undo.kind !== 'none') {
      this.#tell('undo', cycle, `undoing ${record.kind} on ${record.target}`)
    }
    await undo(this.#ports.session, cycle, this.#ports.sink)
    if (cycle.target.node !== null) this.#view.markUndone(cycle.target.node)
    this.#tell('note', cycle, `undone: ${record.receipt.after}`)
  }

  /** All at once, each to its end; then throws what went wrong first, and notes the others. */
  async #together(
    cycles: readonly FaultCycle[],
    act: (cycle: FaultCycle) => Promise<void>,
  ): Promise<void> {
    const ends = await this.#conducting.busy(Promise.allSettled(cycles.map(act)))
    const errors = ends.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []))
    if (errors.length === 0) return
    const first = errors.find(isBug) ?? errors[0]
    for (const other of errors) {
      if (other !== first) this.#conducting.invalidate(messageOf(other))
    }
    throw first
  }

  #tell(name: 'fault' | 'undo' | 'note', { plan, target }: FaultCycle, detail: string): void {
    this.#conducting.tell(name, plan.id, target.node, detail)
  }
}

/** Programming errors are not results of a drill. */
export function isBug(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  )
}

const isOpen = ({ state }: FaultCycle): boolean => state === 'intended'

const goalsOf = (
  faults: readonly FaultPlan[],
  pick: (fault: FaultPlan) => readonly Goal[],
): Goal[] => [...new Set(faults.flatMap(pick))]

/** Two of one group cannot hit the same: the second would find nothing well to break. */
function refuseTwice({ id }: FaultPlan, target: Target, cycles: readonly FaultCycle[]): void {
  const other = cycles.find((cycle) => cycle.target.name === target.name)
  if (!other) return
  throw new InvalidRunError({
    what: `${other.plan.id} and ${id} would both hit ${target.name}`,
    changed: 'neither was done',
    next: 'Name another node with --target.',
  })
}
