/** A whole drill on a clock of its own: phases, bounds, and what is healed when it goes wrong. */
import { describe, expect, it } from 'vitest'
import { conductSchema } from '../../harness/model/conduct.ts'
import { InterruptedError } from '../../harness/model/errors.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { conduct } from '../../harness/run/conductor.ts'
import { briskPlan, event, FakeDrill } from './fake-drill.ts'

const never = new AbortController().signal
const run = (drill: FakeDrill, plan: Plan = briskPlan, signal = never) =>
  conduct(plan, drill.ports, signal)
const twoFaults: Plan = {
  ...briskPlan,
  faults: [
    { id: 'first', kind: 'power.kill', target: 'node:worker-a' },
    { id: 'second', kind: 'power.kill', target: 'node:worker-b' },
  ],
}
const interruption = () =>
  new InterruptedError({ what: 'interrupted', changed: 'healed', next: 'again' })
const throwing = (error: Error) => () => {
  throw error
}

describe('a drill', () => {
  it('goes through its phases, one after the other, and each ends on what is seen', async () => {
    const drill = new FakeDrill()
    const result = await run(drill)
    expect(conductSchema.parse(result)).toEqual(result)
    expect(result.problems).toEqual([])
    // Good for 3 s less a tenth, and a second for answers under way; the pod is ready 9 s after
    // the fault; the last bad answer is 3 s and a second old.
    expect(result.phases).toEqual([
      { name: 'baseline', fromMs: 0, toMs: 3_700 },
      { name: 'inject', fromMs: 3_700, toMs: 3_700 },
      { name: 'observe', fromMs: 3_700, toMs: 12_700 },
      { name: 'heal', fromMs: 12_700, toMs: 12_700 },
      { name: 'settle', fromMs: 12_700, toMs: 16_800 },
    ])
    expect(result.faults).toMatchObject([
      { id: 'power', injectedAtMs: 3_700, tookHoldAtMs: 3_700, undoneAtMs: 12_700 },
    ])
    expect(drill.done).toEqual([
      ...['probe', 'find node:worker-a', 'intent power', 'inject power', 'held power'],
      ...['undo worker-a', 'undone power', 'stop probing', 'read back', 'stop watching'],
    ])
  })

  it('tells every phase and fault as an event, and how long is left', async () => {
    const drill = new FakeDrill()
    await run(drill)
    const own = drill.told.filter(({ source }) => source === 'harness')
    expect(own.map(({ name, subject }) => `${name} ${subject}`)).toEqual([
      ...['phase baseline', 'phase inject', 'fault power', 'note power', 'phase observe'],
      ...['phase heal', 'undo power', 'note power', 'phase settle'],
    ])
    expect(drill.progress.find(({ phase }) => phase === 'observe')).toBeDefined()
    expect(drill.progress.filter(({ phase }) => phase === 'observe')[2]).toMatchObject({
      phaseElapsedMs: 600,
      phaseLeftMs: 99_900,
      waitingFor: [
        ...['node not ready', 'database ready elsewhere'],
        ...['api-read good', 'api-write good', 'save-b good'],
      ],
    })
  })

  it('notes the bound that a phase reached, and goes on', async () => {
    const drill = new FakeDrill()
    drill.tells = false
    const { problems, phases } = await run(drill)
    expect(problems).toEqual([
      {
        invalid: false,
        text: 'observe reached its bound of 1 min 41 s without node not ready, database ready elsewhere',
      },
    ])
    expect(phases.map(({ name }) => name).slice(2)).toEqual(['observe', 'heal', 'settle'])
    expect(phases[2]).toMatchObject({ fromMs: 3_700, toMs: 104_200 })
  })

  it('breaks nothing where the cluster is not what the document draws, and keeps what was found', async () => {
    const drill = new FakeDrill()
    const found = { expected: '3 started', seen: '2 of 3 started' }
    drill.invariants = [
      { id: 'nodes', holds: true, expected: 'all Ready', seen: 'all Ready' },
      { id: 'etcd-members', holds: false, ...found },
    ]
    const { problems, faults, invariants } = await run(drill)
    expect(problems).toEqual([
      {
        invalid: true,
        text: 'the cluster is not what the document draws: etcd-members: 2 of 3 started, expected 3 started',
      },
    ])
    expect(faults).toEqual([])
    expect(invariants).toEqual(drill.invariants)
  })

  it('breaks nothing where the baseline is not good', async () => {
    const drill = new FakeDrill()
    drill.answers = ({ id }) => id !== 'save-b'
    const { problems, faults } = await run(drill)
    expect(problems).toEqual([
      { invalid: true, text: 'the baseline was not good within 2 min: no save-b good' },
    ])
    expect(faults).toEqual([])
    expect(drill.done).toEqual(['probe', 'stop probing', 'read back', 'stop watching'])
  })

  it('hands over every save that was acknowledged, and every API write that was sent', async () => {
    const drill = new FakeDrill()
    drill.answers = ({ kind }, number) => kind === 'page' || kind === 'api-read' || number !== 100
    const { integrity } = await run(drill)
    const { saves, apiWrites } = drill.acknowledged ?? {}
    expect([...(saves?.keys() ?? [])]).toEqual(['save-b'])
    const numbers = saves?.get('save-b') ?? []
    expect(numbers.slice(97, 101)).toEqual([98, 99, 101, 102])
    expect([...(apiWrites?.keys() ?? [])]).toEqual(['api-write'])
    expect(apiWrites?.get('api-write')?.slice(98, 100)).toEqual([
      { number: 99, sentAtMs: 4_950, endedAtMs: 4_955, acknowledged: true },
      { number: 100, sentAtMs: 5_000, endedAtMs: 5_005, acknowledged: false },
    ])
    expect(apiWrites?.get('api-write')).toHaveLength(numbers.length + 1)
    expect(integrity).toEqual({
      acknowledgedWrites: 7,
      lostWrites: 0,
      readBack: true,
      apiWrites: null,
    })
  })

  it('undoes two faults in the turned order', async () => {
    const drill = new FakeDrill()
    const { faults } = await run(drill, twoFaults)
    expect(drill.done.filter((step) => /inject|undo /.test(step))).toEqual([
      ...['inject first', 'inject second', 'undo worker-b', 'undo worker-a'],
    ])
    expect(faults.map(({ undoneAtMs }) => undoneAtMs)).not.toContain(null)
  })

  it('ends a reboot at once, and need not see it hold until the heal', async () => {
    const drill = new FakeDrill()
    const reboot = { id: 'power', kind: 'power.reboot', target: 'node:worker-a' } as const
    const { problems, faults } = await run(drill, {
      ...briskPlan,
      faults: [reboot],
      observeUntil: [],
    })
    expect(problems).toEqual([])
    expect(faults[0]?.undoneAtMs).toBe(3_700)
    expect(drill.done.filter((step) => step.startsWith('undo '))).toHaveLength(1)
  })
})

describe('a run is invalid', () => {
  it('when its target was not well before, and nothing is broken', async () => {
    const drill = new FakeDrill()
    drill.looks.before = 'unclear'
    const { problems, faults } = await run(drill)
    expect(problems).toEqual([
      { invalid: true, text: 'worker-a was not well before the fault: worker-a is unclear' },
    ])
    expect(faults).toEqual([])
    expect(drill.done).not.toContain('inject power')
  })

  it('when the second target was not well: the first fault is undone', async () => {
    const drill = new FakeDrill()
    drill.before['find node:worker-b'] = () => {
      drill.looks.before = 'broken'
    }
    const { problems } = await run(drill, twoFaults)
    expect(problems).toMatchObject([{ invalid: true }])
    expect(drill.done).toContain('undone first')
    expect(drill.broken.size).toBe(0)
  })

  it('when the fault never takes hold, and is undone all the same', async () => {
    const drill = new FakeDrill()
    drill.looks.during = 'unclear'
    const { problems, faults } = await run(drill)
    expect(problems).toEqual([
      {
        invalid: true,
        text: 'power.kill on worker-a did not take hold within 30 s: worker-a is unclear',
      },
    ])
    expect(faults).toMatchObject([{ tookHoldAtMs: null, undoneAtMs: 33_700 }])
    expect(drill.done).toContain('undone power')
  })

  it('when the fault did not hold until the heal', async () => {
    const drill = new FakeDrill()
    drill.clock.at(8_000, () => drill.broken.clear())
    const { problems } = await run(drill)
    expect(problems).toEqual([
      { invalid: true, text: 'power did not hold until the heal: worker-a is well' },
    ])
    expect(drill.done).toContain('undone power')
  })

  it('when a fault cannot be undone, which is said, and the other is undone', async () => {
    const drill = new FakeDrill()
    drill.before['undo worker-b'] = throwing(new Error('the engine is gone'))
    const { problems, phases } = await run(drill, { ...twoFaults, observeUntil: [] })
    expect(problems).toEqual([
      { invalid: true, text: 'the engine is gone' },
      {
        invalid: true,
        text: 'second could not be undone: the engine is gone; `pnpm clean` tries again',
      },
    ])
    expect(drill.broken).toEqual(new Set(['worker-b']))
    expect(drill.done).toContain('undone first')
    expect(phases.at(-1)?.name).toBe('heal')
  })

  it('when the engine goes away on the way: it stops at once, and heals', async () => {
    const drill = new FakeDrill()
    drill.clock.at(6_000, () => drill.trouble('the container engine went away'))
    const { problems, phases } = await run(drill)
    expect(problems).toEqual([{ invalid: true, text: 'the container engine went away' }])
    expect(phases.at(-2)).toEqual({ name: 'observe', fromMs: 3_700, toMs: 6_000 })
    expect(drill.broken.size).toBe(0)
    expect(drill.done).toContain('undone power')
    expect(drill.done).toContain('read back')
  })
})

describe('an interruption', () => {
  it.each([
    ['baseline', 'phase baseline', 'interrupted in baseline', false],
    ['inject', 'phase inject', 'interrupted in inject', false],
    ['inject, the fault done', 'fault power', 'interrupted in inject', true],
    ['observe', 'phase observe', 'interrupted in observe', true],
    ['heal', 'phase heal', 'interrupted in settle', true],
    ['settle', 'phase settle', 'interrupted in settle', true],
  ])('in %s heals first, and keeps what was measured', async (_, at, text, injected) => {
    const drill = new FakeDrill()
    const controller = new AbortController()
    drill.before[at] = () => controller.abort(interruption())
    const result = await run(drill, briskPlan, controller.signal)
    expect(result.problems).toEqual([{ invalid: true, text }])
    expect(drill.done.includes('inject power')).toBe(injected)
    expect(drill.done.includes('undone power')).toBe(injected)
    expect(drill.broken.size).toBe(0)
    expect(result.faults).toHaveLength(injected ? 1 : 0)
    expect(drill.done.slice(-3)).toEqual(['stop probing', 'read back', 'stop watching'])
    expect(conductSchema.safeParse(result).success).toBe(true)
  })

  it('before it began breaks nothing', async () => {
    const drill = new FakeDrill()
    const { problems } = await run(drill, briskPlan, AbortSignal.abort(interruption()))
    expect(problems).toEqual([{ invalid: true, text: 'interrupted in baseline' }])
    expect(drill.done).not.toContain('inject power')
  })
})

describe('a run is weaker', () => {
  it('by what troubles the prober, by probes left out, and by what cannot be read back', async () => {
    const drill = new FakeDrill()
    drill.skipped = 3
    drill.readBackProblems = ['the API writes could not be read back']
    drill.clock.at(5_000, () => drill.proberTrouble('probes leave late'))
    expect((await run(drill)).problems).toEqual([
      { invalid: false, text: 'probes leave late' },
      { invalid: false, text: '3 probes were skipped: the machine was too busy' },
      { invalid: false, text: 'the API writes could not be read back' },
    ])
  })

  it('when reading back fails altogether, and is kept', async () => {
    const drill = new FakeDrill()
    drill.before['read back'] = throwing(new SyntaxError('no JSON'))
    const { problems, integrity, phases } = await run(drill)
    expect(problems).toEqual([
      { invalid: false, text: 'the acknowledged writes could not be read back: no JSON' },
    ])
    expect(integrity).toMatchObject({ readBack: false, lostWrites: 0 })
    expect(integrity.acknowledgedWrites).toBeGreaterThan(0)
    expect(phases).toHaveLength(5)
  })
})

describe('a bug', () => {
  it('is no result: it heals, lets go of everything, and throws', async () => {
    const drill = new FakeDrill()
    drill.before['held power'] = throwing(new TypeError('undefined is not a function'))
    await expect(run(drill)).rejects.toThrow(TypeError)
    expect(drill.broken.size).toBe(0)
    expect(drill.done.slice(-3)).toEqual(['undone power', 'stop probing', 'stop watching'])
  })

  it('or a prober that does not start leaves no watch behind', async () => {
    const drill = new FakeDrill()
    drill.before.probe = throwing(new Error('no prober'))
    await expect(run(drill)).rejects.toThrow('no prober')
    expect(drill.done).toEqual(['stop watching'])
  })
})

it('a pod that comes back to the hit node is no repair', async () => {
  const drill = new FakeDrill()
  drill.tells = false
  drill.clock.at(6_000, () => {
    drill.emit(event('node-not-ready', 'worker-a'))
    drill.emit(event('pod-ready', 'database-2', { node: 'worker-a', component: 'database' }))
  })
  expect((await run(drill)).problems).toMatchObject([
    { text: expect.stringContaining('without database ready elsewhere') },
    { text: expect.stringContaining('settle reached its bound') },
  ])
})
