/** One fault from its intent to its receipt, and the ways in which it is refused. */
import { describe, expect, it } from 'vitest'
import { InvalidRunError } from '../../harness/model/errors.ts'
import { inject, intend, prepareFault, stillHolds, undo } from '../../harness/run/fault-cycle.ts'
import { FakeDrill } from './fake-drill.ts'

const plan = { id: 'power', kind: 'power.kill', target: 'node:worker-a' } as const
const target = { name: 'worker-a', node: 'worker-a', why: 'runs database-1' }

async function prepared(drill: FakeDrill) {
  const { session, sink } = drill.ports
  return { session, sink, cycle: await prepareFault(session, plan, target) }
}

async function intended(drill: FakeDrill) {
  const all = await prepared(drill)
  await intend(all.cycle, all.sink)
  return all
}

describe('a fault', () => {
  it('is journalled before it is done, proved, undone and proved again', async () => {
    const drill = new FakeDrill()
    const { session, sink, cycle } = await intended(drill)
    await inject(session, cycle, sink)
    expect((await stillHolds(cycle)).state).toBe('broken')
    await drill.clock.sleepUntil(30_000)
    await undo(session, cycle, sink)
    expect(drill.done).toEqual([
      ...['intent power', 'inject power', 'held power'],
      ...['undo worker-a', 'undone power'],
    ])
    expect(cycle.record).toEqual({
      id: 'power',
      kind: 'power.kill',
      target: 'worker-a',
      role: 'runs database-1',
      injectedAtMs: 0,
      tookHoldAtMs: 0,
      undoFromMs: 30_000,
      undoneAtMs: 30_000,
      receipt: {
        before: 'worker-a is well',
        during: 'worker-a is broken',
        after: 'worker-a is well',
      },
    })
  })

  it('is not done while its undo is not on disk', async () => {
    const drill = new FakeDrill()
    const { session, sink, cycle } = await prepared(drill)
    drill.before['intent power'] = () => {
      throw new Error('the disk is full')
    }
    await expect(intend(cycle, sink)).rejects.toThrow('the disk is full')
    await expect(inject(session, cycle, sink)).rejects.toThrow('power has no undo on disk')
    expect(drill.done).toEqual([])
    expect(cycle).toMatchObject({ state: 'prepared', begun: false })
  })

  it('that is not done in time is no fault, whatever goes on', async () => {
    const drill = new FakeDrill()
    drill.takesMs.power = 121_000
    const { session, sink, cycle } = await intended(drill)
    await expect(inject(session, cycle, sink)).rejects.toThrow(
      'power.kill on worker-a was not done within 2 min',
    )
    expect(cycle).toMatchObject({ state: 'intended', begun: true })
  })

  it('may take a person ten minutes', async () => {
    const drill = new FakeDrill()
    const { session, sink } = drill.ports
    const eject = { id: 'eject', kind: 'operator.eject', target: 'node:worker-a' } as const
    drill.takesMs.eject = 599_000
    const cycle = await prepareFault(session, eject, target)
    await intend(cycle, sink)
    await inject(session, cycle, sink)
    expect(cycle.record).toMatchObject({ injectedAtMs: 0, tookHoldAtMs: 599_000 })
  })

  it.each(['broken', 'unclear'] as const)('is refused on a target that is %s', async (state) => {
    const drill = new FakeDrill()
    drill.looks.before = state
    await expect(prepared(drill)).rejects.toThrow(InvalidRunError)
    expect(drill.done).toEqual([])
  })

  it.each(['well', 'unclear'] as const)('that leaves its target %s is no fault', async (state) => {
    const drill = new FakeDrill()
    drill.looks.during = state
    const { session, sink, cycle } = await intended(drill)
    await expect(inject(session, cycle, sink)).rejects.toThrow(
      `power.kill on worker-a did not take hold within 30 s: worker-a is ${state}`,
    )
    expect(cycle.record.tookHoldAtMs).toBeNull()
    expect(cycle.record.receipt.during).toBe(`worker-a is ${state}`)
    expect(drill.done).not.toContain('held power')
  })

  it('may take a while to hold', async () => {
    const drill = new FakeDrill()
    drill.looks.during = 'well'
    drill.clock.at(3_000, () => {
      drill.looks.during = 'broken'
    })
    const { session, sink, cycle } = await intended(drill)
    await inject(session, cycle, sink)
    expect(cycle.record.tookHoldAtMs).toBe(3_000)
  })

  it('whose target does not get well again is not undone', async () => {
    const drill = new FakeDrill()
    const { session, sink, cycle } = await intended(drill)
    await inject(session, cycle, sink)
    drill.looks.after = 'unclear'
    await expect(undo(session, cycle, sink)).rejects.toThrow(
      'worker-a was not well 1 min 30 s after the undo: worker-a is unclear',
    )
    expect(cycle.record.undoneAtMs).toBeNull()
    expect(drill.done).not.toContain('undone power')
  })
})
