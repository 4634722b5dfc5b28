/**
 * One fault from intent to receipt. The undo is on disk before the fault is done; the fault counts
 * only when an independent look has seen it take hold, and is over only when one has seen it gone.
 */
import type { Evidence, FaultHandle, Session, Target } from '../cluster/port.ts'
import type { Clock } from '../model/clock.ts'
import { InvalidRunError } from '../model/errors.ts'
import type { FaultRecord } from '../model/record.ts'
import type { FaultPlan } from '../model/scenario.ts'
import { formatMs } from '../model/units.ts'
import type { RunSink } from './ports.ts'

const takeHoldWithinMs = 30_000
/** A node container boots in seconds; a busy machine gets a minute. */
const goneWithinMs = 90_000
const lookEveryMs = 200

export interface FaultCycle {
  plan: FaultPlan
  target: Target
  handle: FaultHandle
  record: FaultRecord
}

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
    undoneAtMs: null,
    receipt: { before: before.text, during: null, after: null },
  }
  return { plan, target, handle, record }
}

export async function inject(session: Session, cycle: FaultCycle, sink: RunSink): Promise<void> {
  const { handle, record } = cycle
  await sink.intent(record.id, handle.undo)
  record.injectedAtMs = session.clock.nowMs()
  await handle.inject()
  const seen = await lookUntil(session.clock, takeHoldWithinMs, 'broken', () =>
    handle.look('during'),
  )
  record.receipt.during = seen.evidence.text
  if (!seen.reached) {
    throw new InvalidRunError({
      what: `${record.kind} on ${record.target} did not take hold within ${formatMs(takeHoldWithinMs)}: ${seen.evidence.text}`,
      changed: 'it is being undone',
      next: 'This is no result; run it again, and report it if it happens twice.',
    })
  }
  record.tookHoldAtMs = session.clock.nowMs()
  await sink.held(record.id)
}

/** True while the fault still holds; for faults that are meant to last. */
export async function stillHolds(cycle: FaultCycle): Promise<Evidence> {
  return await cycle.handle.look('during')
}

/** Undoes the fault and waits for the proof. Works with the API down. Never throws twice. */
export async function undo(session: Session, cycle: FaultCycle, sink: RunSink): Promise<void> {
  const { handle, record } = cycle
  await session.undo(handle.undo)
  const seen = await lookUntil(session.clock, goneWithinMs, 'well', () => handle.look('after'))
  record.receipt.after = seen.evidence.text
  if (!seen.reached) {
    throw new InvalidRunError({
      what: `${record.target} was not well ${formatMs(goneWithinMs)} after the undo: ${seen.evidence.text}`,
      changed: 'the undo was carried out',
      next: 'Look at the node, then `pnpm clean`.',
    })
  }
  record.undoneAtMs = session.clock.nowMs()
  await sink.undone(record.id)
}

async function lookUntil(
  clock: Clock,
  withinMs: number,
  state: Evidence['state'],
  look: () => Promise<Evidence>,
): Promise<{ reached: boolean; evidence: Evidence }> {
  const deadlineMs = clock.nowMs() + withinMs
  for (;;) {
    const evidence = await look()
    if (evidence.state === state) return { reached: true, evidence }
    if (clock.nowMs() >= deadlineMs) return { reached: false, evidence }
    await clock.sleepUntil(clock.nowMs() + lookEveryMs)
  }
}
