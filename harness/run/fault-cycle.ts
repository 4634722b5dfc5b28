/**
 * One fault from intent to receipt. The undo is on disk before the fault is done; the fault counts
 * only when an independent look has seen it take hold, and is over only when one has seen it gone.
 * What passes by itself is over when it was seen to have passed; what lasts is given up.
 */
import type { Evidence, FaultHandle, Session, Target } from '../cluster/port.ts'
import type { Clock } from '../model/clock.ts'
import { InvalidRunError } from '../model/errors.ts'
import type { FaultRecord } from '../model/record.ts'
import { type FaultPlan, isIntervention, isPassing } from '../model/scenario.ts'
import { formatMs } from '../model/units.ts'
import type { RunSink } from './ports.ts'

/** Seen this soon after it was done, by whoever did it. */
const takeHoldWithinMs = 30_000
/** Doing it: an orderly shutdown takes a minute, what a person does takes several. */
const injectWithinMs = 120_000
const intervenedWithinMs = 600_000
/** A node container boots in seconds; a busy machine gets a minute. */
const goneWithinMs = 90_000
/** What is replaced by the cluster itself: the kubelet's back-off is five minutes at most. */
const replacedWithinMs = 300_000
const factsWithinMs = 60_000
const lookEveryMs = 200
/** Why a time limit is not waited for any longer. Not made anew each time, with all that an error has. */
const notNeeded = new Error('ended in time')

export interface FaultCycle {
  readonly plan: FaultPlan
  readonly target: Target
  readonly handle: FaultHandle
  readonly record: FaultRecord
  /** `intended`: its undo is on disk. `over`: undone, passed or given up, and the journal knows. */
  state: 'prepared' | 'intended' | 'over'
  /** Whether it was done, or may have been. */
  begun: boolean
}

/** Never undone: by the plan, or because it cannot be. */
export const isLasting = ({ plan, handle }: Pick<FaultCycle, 'plan' | 'handle'>): boolean =>
  plan.lasting === true || handle.undo.kind === 'cluster.spend'

/** Ends by itself; what lasts does not. */
export const passes = (cycle: FaultCycle): boolean =>
  isPassing(cycle.plan.kind) && !isLasting(cycle)

/** Throws an InvalidRunError when the target is not well. */
export async function prepareFault(
  session: Session,
  plan: FaultPlan,
  target: Target,
): Promise<FaultCycle> {
  const handle = await session.fault(plan, target)
  const before = await handle.look('before')
  if (before.state !== 'well') {
    throw new InvalidRunError({
      what: `${target.name} was not well before the fault: ${before.text}`,
      changed: 'nothing was broken',
      next: 'Look at the cluster (`pnpm topology status`), then run it again.',
    })
  }
  const record: FaultRecord = {
    id: plan.id,
    kind: plan.kind,
    target: target.name,
    role: target.why,
    injectedAtMs: 0,
    tookHoldAtMs: null,
    undoFromMs: null,
    undoneAtMs: null,
    ...(isLasting({ plan, handle }) ? { lasting: true } : {}),
    receipt: { before: before.text, during: null, after: null },
  }
  return { plan, target, handle, record, state: 'prepared', begun: false }
}

/** From its return on, a crash is healed by `pnpm clean`. */
export async function intend(cycle: FaultCycle, sink: RunSink): Promise<void> {
  await sink.intent(cycle.record.id, cycle.handle.undo)
  cycle.state = 'intended'
}

/**
 * Does what was intended, and waits for the proof. Throws an InvalidRunError without it. What takes
 * a person minutes and uses the cluster up is given up on `signal`, with its reason.
 */
export async function inject(
  session: Session,
  cycle: FaultCycle,
  sink: RunSink,
  signal?: AbortSignal,
): Promise<void> {
  const { handle, plan, record } = cycle
  if (cycle.state !== 'intended') throw new TypeError(`${plan.id} has no undo on disk`)
  cycle.begun = true
  record.injectedAtMs = session.clock.nowMs()
  const doneWithinMs = isIntervention(plan.kind) ? intervenedWithinMs : injectWithinMs
  const endsOn = isIntervention(plan.kind) && isLasting(cycle) ? signal : undefined
  const inTime = await within(session.clock, doneWithinMs, handle.inject(), endsOn)
  if (!inTime) throw notInTime(cycle, doneWithinMs, 'was not done')
  const seen = await lookUntil(session.clock, takeHoldWithinMs, 'broken', () =>
    handle.look('during'),
  )
  record.receipt.during = seen.evidence.text
  if (!seen.reached) {
    throw notInTime(cycle, takeHoldWithinMs, 'did not take hold', seen.evidence.text)
  }
  record.tookHoldAtMs = session.clock.nowMs()
  await sink.held(record.id)
}

/** True while the fault still holds; for faults that are meant to last. */
export async function stillHolds(cycle: FaultCycle): Promise<Evidence> {
  return await cycle.handle.look('during')
}

/**
 * Undoes the fault and waits for the proof; where it ends by itself, only for that. Works with the
 * API down. Throws an InvalidRunError without the proof.
 */
export async function undo(session: Session, cycle: FaultCycle, sink: RunSink): Promise<void> {
  const { handle, record } = cycle
  if (handle.undo.kind !== 'none') {
    record.undoFromMs ??= session.clock.nowMs()
    await session.undo(handle.undo)
  }
  const withinMs = waitForWellMs(cycle)
  const seen = await lookUntil(session.clock, withinMs, 'well', () => handle.look('after'))
  record.receipt.after = seen.evidence.text
  if (!seen.reached) {
    const after = handle.undo.kind === 'none' ? 'after the fault' : 'after the undo'
    throw new InvalidRunError({
      what: `${record.target} was not well ${formatMs(withinMs)} ${after}: ${seen.evidence.text}`,
      changed: 'the undo was carried out',
      next: 'Look at the node, then `pnpm clean`.',
    })
  }
  await over(session, cycle, sink)
}

/**
 * Waits for what has no undo to have passed by itself; true when it has. Else it stays open, to
 * be looked at again at the heal. Ends early, by throwing, on `signal`.
 */
export async function passed(
  session: Session,
  cycle: FaultCycle,
  sink: RunSink,
  signal: AbortSignal,
): Promise<boolean> {
  const look = () => cycle.handle.look('after')
  const seen = await lookUntil(session.clock, waitForWellMs(cycle), 'well', look, signal)
  cycle.record.receipt.after = seen.evidence.text
  if (seen.reached) await over(session, cycle, sink)
  return seen.reached
}

/**
 * Leaves what lasts as it is: the cluster is marked as used up where the fault asks for that, and
 * nothing is left to undo.
 */
export async function giveUp(session: Session, cycle: FaultCycle, sink: RunSink): Promise<void> {
  const { handle, record } = cycle
  if (handle.undo.kind === 'cluster.spend') await session.undo(handle.undo)
  cycle.state = 'over'
  await sink.undone(record.id)
}

/** For a run that is over anyway: one last look at what has no undo, whatever it shows. */
export async function leave(cycle: FaultCycle, sink: RunSink): Promise<void> {
  cycle.state = 'over'
  await sink.undone(cycle.record.id)
  cycle.record.receipt.after = (await cycle.handle.look('after')).text
}

/** What was found out by it; nothing where it does not say. Throws when it takes too long. */
export async function findFacts(session: Session, { handle, record }: FaultCycle): Promise<void> {
  if (!handle.facts) return
  const asked = handle.facts().then((facts) => {
    record.facts = facts
  })
  const inTime = await within(session.clock, factsWithinMs, asked)
  if (!inTime) throw new Error(`no answer within ${formatMs(factsWithinMs)}`)
}

async function over(session: Session, cycle: FaultCycle, sink: RunSink): Promise<void> {
  cycle.record.undoneAtMs = session.clock.nowMs()
  cycle.state = 'over'
  await sink.undone(cycle.record.id)
}

const waitForWellMs = ({ handle }: FaultCycle): number =>
  handle.undo.kind === 'none' ? replacedWithinMs : goneWithinMs

function notInTime({ record }: FaultCycle, withinMs: number, what: string, seen?: string) {
  return new InvalidRunError({
    what: `${record.kind} on ${record.target} ${what} within ${formatMs(withinMs)}${seen ? `: ${seen}` : ''}`,
    changed: 'it is being undone',
    next: 'This is no result; run it again, and report it if it happens twice.',
  })
}

/** False when the time is over first; what goes on then is left to itself. */
async function within(
  clock: Clock,
  limitMs: number,
  work: Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  const ended = new AbortController()
  const either = signal ? AbortSignal.any([ended.signal, signal]) : ended.signal
  const limit = clock.sleepUntil(clock.nowMs() + limitMs, either).then(
    () => false,
    (reason) => {
      if (!ended.signal.aborted) throw reason
      return false
    },
  )
  try {
    return await Promise.race([work.then(() => true), limit])
  } finally {
    ended.abort(notNeeded)
  }
}

async function lookUntil(
  clock: Clock,
  withinMs: number,
  state: Evidence['state'],
  look: () => Promise<Evidence>,
  signal?: AbortSignal,
): Promise<{ reached: boolean; evidence: Evidence }> {
  const deadlineMs = clock.nowMs() + withinMs
  for (;;) {
    const evidence = await look()
    if (evidence.state === state) return { reached: true, evidence }
    if (clock.nowMs() >= deadlineMs) return { reached: false, evidence }
    await clock.sleepUntil(clock.nowMs() + lookEveryMs, signal)
  }
}
