/** Several faults in one run: in which order, after what, and what becomes of each at the heal. */
import { describe, expect, it } from 'vitest'
import { conductSchema } from '../../harness/model/conduct.ts'
import { InterruptedError } from '../../harness/model/errors.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { FaultPlan } from '../../harness/model/scenario.ts'
import { conduct } from '../../harness/run/conductor.ts'
import { briskPlan, event, FakeDrill } from './fake-drill.ts'

const never = new AbortController().signal
const planned = (faults: FaultPlan[], rest: Partial<Plan> = {}): Plan => ({
  ...{ ...briskPlan, faults, observeUntil: [], settleUntil: [] },
  ...rest,
})
const run = (drill: FakeDrill, plan: Plan, signal = never) => conduct(plan, drill.ports, signal)
const steps = (drill: FakeDrill, pattern = /^(find|intent|inject|held|undo|undone|spend) /) =>
  drill.done.filter((step) => pattern.test(step))

const first: FaultPlan = { id: 'first', kind: 'power.kill', target: 'node:worker-a' }
const second: FaultPlan = { id: 'second', kind: 'power.kill', target: 'node:worker-b' }
const both = [
  { ...first, group: 'both' },
  { ...second, group: 'both' },
]
const remove: FaultPlan = { id: 'delete', kind: 'operator.pod-delete', target: 'node:worker-a' }

describe('two faults in turn', () => {
  it('wait for what must hold before, and are undone in reverse', async () => {
    const drill = new FakeDrill()
    const { faults, problems, phases } = await run(
      drill,
      planned([first, { ...second, after: ['node-not-ready'] }]),
    )
    expect(problems).toEqual([])
    // The node is marked five seconds after it was lost.
    expect(faults).toMatchObject([{ injectedAtMs: 3_700 }, { injectedAtMs: 8_700 }])
    expect(phases.map(({ name }) => name)).toEqual([
      ...['baseline', 'inject', 'observe', 'heal', 'settle'],
    ])
    expect(steps(drill, /^(inject|undo) /)).toEqual([
      ...['inject first', 'inject second', 'undo worker-b', 'undo worker-a'],
    ])
    expect(drill.hits).toEqual([[], ['worker-a']])
  })

  it('stop short where that does not come about, and heal', async () => {
    const drill = new FakeDrill()
    drill.tells = false
    const plan = planned([first, { ...second, after: ['node-not-ready', 'vantages-good'] }])
    const { problems, faults, phases } = await run(drill, plan)
    expect(problems).toEqual([
      {
        invalid: true,
        text: 'what must hold before second did not within 1 min 41 s: no node not ready',
      },
    ])
    expect(faults.map(({ id }) => id)).toEqual(['first'])
    expect(drill.broken.size).toBe(0)
    expect(phases.map(({ name }) => name)).toEqual(['baseline', 'inject', 'heal'])
  })

  it('undo the first only after what must hold after the undo of the second', async () => {
    const drill = new FakeDrill()
    // Node-ready is told two seconds after power came back.
    const plan = planned([first, { ...second, afterUndo: ['node-ready'] }], {
      observeUntil: ['node-not-ready'],
    })
    const { faults, problems } = await run(drill, plan)
    expect(problems).toEqual([])
    expect(faults.map(({ undoFromMs }) => undoFromMs)).toEqual([10_700, 8_700])
    expect(faults.map(({ undoneAtMs }) => undoneAtMs)).toEqual([10_700, 8_700])
  })

  it('go on healing where that does not come about: the run is weaker', async () => {
    const drill = new FakeDrill()
    const plan = planned([first, { ...second, afterUndo: ['lb-down', 'api-lost'] }])
    const { faults, problems } = await run(drill, plan)
    expect(problems).toEqual([
      {
        invalid: false,
        text: 'the undo of second was followed by the next after 2 min 5 s, without api lost',
      },
    ])
    expect(faults.map(({ undoneAtMs }) => undoneAtMs)).toEqual([128_700, 3_700])
  })
})

describe('a group', () => {
  it('is aimed one by one, written down, and then done at once', async () => {
    const drill = new FakeDrill()
    drill.takesMs = { first: 4_000, second: 1_000 }
    const { faults, problems } = await run(drill, planned(both))
    expect(problems).toEqual([])
    expect(steps(drill)).toEqual([
      ...['find node:worker-a', 'find node:worker-b', 'intent first', 'intent second'],
      ...['inject first', 'inject second', 'held second', 'held first'],
      ...['undo worker-a', 'undo worker-b', 'undone first', 'undone second'],
    ])
    expect(drill.hits).toEqual([[], ['worker-a']])
    expect(faults).toMatchObject([
      { id: 'first', injectedAtMs: 3_700, tookHoldAtMs: 7_700, undoneAtMs: 7_700 },
      { id: 'second', injectedAtMs: 3_700, tookHoldAtMs: 4_700, undoneAtMs: 7_700 },
    ])
  })

  it('is undone one by one, in reverse, where something is waited for between', async () => {
    const drill = new FakeDrill()
    const [one, other] = both
    if (!one || !other) throw new Error('two are needed')
    const plan = planned([one, { ...other, afterUndo: ['node-ready'] }], {
      observeUntil: ['node-not-ready'],
    })
    const { faults, problems } = await run(drill, plan)
    expect(problems).toEqual([])
    expect(faults.map(({ injectedAtMs }) => injectedAtMs)).toEqual([3_700, 3_700])
    expect(faults.map(({ undoFromMs }) => undoFromMs)).toEqual([10_700, 8_700])
  })

  it('cannot hit the same node twice', async () => {
    const drill = new FakeDrill()
    drill.roles = { 'etcd-leader': 'cp-1', 'control-plane': 'cp-1' }
    const [one, other] = both
    if (!one || !other) throw new Error('two are needed')
    const { problems } = await run(
      drill,
      planned([
        { ...one, target: 'etcd-leader' },
        { ...other, target: 'control-plane' },
      ]),
    )
    expect(problems).toEqual([{ invalid: true, text: 'first and second would both hit cp-1' }])
    expect(steps(drill, /^(intent|inject) /)).toEqual([])
  })

  it('of which one fails is undone whole, and every failure is named', async () => {
    const drill = new FakeDrill()
    for (const id of ['first', 'second']) {
      drill.before[`inject ${id}`] = () => {
        throw new Error(`no ${id}`)
      }
    }
    const { problems, faults } = await run(drill, planned(both))
    expect(problems.map(({ text }) => text).sort()).toEqual(['no first', 'no second'])
    expect(faults.map(({ undoneAtMs }) => undoneAtMs)).toEqual([3_700, 3_700])
  })

  it('is not done where one of it cannot be written down; the other is closed again', async () => {
    const drill = new FakeDrill()
    drill.before['intent second'] = () => {
      throw new Error('the disk is full')
    }
    const { problems, faults } = await run(drill, planned(both))
    expect(problems).toEqual([{ invalid: true, text: 'the disk is full' }])
    expect(faults).toEqual([])
    expect(steps(drill, /^(inject|undone) /)).toEqual(['undone first'])
  })
})

describe('what ends by itself', () => {
  it('is over when it was replaced, and needs no undo', async () => {
    const drill = new FakeDrill()
    drill.replacedAfterMs = { delete: 7_000 }
    const { faults, problems } = await run(drill, planned([remove]))
    expect(problems).toEqual([])
    expect(faults).toMatchObject([
      { injectedAtMs: 3_700, tookHoldAtMs: 3_700, undoFromMs: null, undoneAtMs: 10_700 },
    ])
    expect(faults[0]?.receipt.after).toBe('delete is well')
    expect(steps(drill)).toEqual([
      ...['find node:worker-a', 'intent delete', 'inject delete', 'held delete', 'undone delete'],
    ])
  })

  it('is over before the next one is done, and leaves no way out of the goals', async () => {
    const drill = new FakeDrill()
    drill.answers = ({ id }) => id !== 'page-a' || drill.clock.nowMs() < 5_000
    drill.replacedAfterMs = { delete: 2_000 }
    const plan = planned([remove, { ...remove, id: 'again', after: ['vantages-good'] }])
    const { problems, faults } = await run(drill, plan)
    expect(faults.map(({ id }) => id)).toEqual(['delete'])
    expect(problems).toMatchObject([{ text: expect.stringContaining('no page-a good') }])
  })

  it('and is not back in five minutes is looked at again at the heal', async () => {
    const drill = new FakeDrill()
    drill.replacedAfterMs = { delete: 400_000 }
    const { problems, faults } = await run(drill, planned([remove]))
    expect(problems).toEqual([])
    expect(faults[0]?.undoneAtMs).toBe(403_700)
    expect(drill.told.map(({ detail }) => detail)).toContain('not over yet: delete is broken')
  })

  it('and never comes back makes the run invalid', async () => {
    const drill = new FakeDrill()
    drill.replacedAfterMs = { delete: 1e9 }
    const { problems, faults } = await run(drill, planned([remove]))
    expect(problems).toEqual([
      {
        invalid: true,
        text: 'worker-a was not well 5 min after the fault: delete is broken',
      },
    ])
    expect(faults[0]).toMatchObject({ undoneAtMs: null, receipt: { after: 'delete is broken' } })
    expect(drill.done).toContain('undone delete')
  })
})

describe('what lasts', () => {
  const lasting: FaultPlan = { ...first, lasting: true }
  const restore: FaultPlan = {
    ...{ id: 'restore', kind: 'operator.restore', target: 'node:worker-b', lasting: true },
  } as const

  it('is given up at the heal: the journal is closed, and nothing undone', async () => {
    const drill = new FakeDrill()
    const { faults, problems } = await run(drill, planned([lasting]))
    expect(problems).toEqual([])
    expect(faults).toMatchObject([{ lasting: true, undoFromMs: null, undoneAtMs: null }])
    expect(steps(drill, /^(undo|undone|spend) /)).toEqual(['undone first'])
    expect(drill.broken).toEqual(new Set(['worker-a']))
  })

  it('marks the cluster as used up where it says so', async () => {
    const drill = new FakeDrill()
    drill.spending = ['restore']
    const result = await run(drill, planned([lasting, restore]))
    expect(result.problems).toEqual([])
    expect(conductSchema.parse(result)).toEqual(result)
    expect(steps(drill, /^(intent|inject|undone|spend) /)).toEqual([
      ...['intent first', 'inject first', 'intent restore', 'inject restore'],
      ...['spend worker-b', 'undone restore', 'undone first'],
    ])
    expect(result.faults.map(({ lasting }) => lasting)).toEqual([true, true])
  })

  it('must still hold at the heal', async () => {
    const drill = new FakeDrill()
    drill.clock.at(5_000, () => drill.broken.clear())
    const { problems } = await run(drill, planned([lasting], { observeUntil: ['a-while'] }))
    expect(problems).toEqual([
      { invalid: true, text: 'first did not hold until the heal: worker-a is well' },
    ])
  })

  it('may have its place taken by then', async () => {
    const drill = new FakeDrill()
    drill.clock.at(5_000, () => {
      drill.looks.during = 'unclear'
    })
    const { problems } = await run(drill, planned([lasting], { observeUntil: ['a-while'] }))
    expect(problems).toEqual([])
  })

  it('marks the cluster though the run was interrupted', async () => {
    const drill = new FakeDrill()
    drill.spending = ['restore']
    const controller = new AbortController()
    drill.before['phase observe'] = () =>
      controller.abort(
        new InterruptedError({ what: 'interrupted', changed: 'healed', next: 'again' }),
      )
    await run(drill, planned([first, restore]), controller.signal)
    expect(steps(drill, /^(undo|undone|spend) /)).toEqual([
      ...['spend worker-b', 'undone restore', 'undo worker-a', 'undone first'],
    ])
  })
})

describe('an interruption', () => {
  const interruptedAt = async (drill: FakeDrill, plan: Plan, atMs: number) => {
    const controller = new AbortController()
    const error = new InterruptedError({ what: 'interrupted', changed: 'healed', next: 'again' })
    drill.clock.at(atMs, () => controller.abort(error))
    return await run(drill, plan, controller.signal)
  }

  it('while something is waited for between two faults heals those that were done', async () => {
    const drill = new FakeDrill()
    const plan = planned([first, { ...second, after: ['watched'] }])
    const { problems, faults } = await interruptedAt(drill, plan, 6_000)
    expect(problems).toEqual([{ invalid: true, text: 'interrupted in inject' }])
    expect(faults).toMatchObject([{ id: 'first', undoneAtMs: 6_000 }])
  })

  it('between two undoings heals the rest without waiting', async () => {
    const drill = new FakeDrill()
    const plan = planned([first, { ...second, afterUndo: ['api-lost'] }])
    const { problems, faults } = await interruptedAt(drill, plan, 6_000)
    expect(problems).toEqual([{ invalid: true, text: 'interrupted in heal' }])
    expect(faults.map(({ undoneAtMs }) => undoneAtMs)).toEqual([6_000, 3_700])
    expect(drill.broken.size).toBe(0)
  })

  it('does not wait for a person whose work uses the cluster up', async () => {
    const drill = new FakeDrill()
    drill.spending = ['eject']
    drill.takesMs = { eject: 300_000 }
    const eject = { id: 'eject', kind: 'operator.eject', target: 'node:worker-a' } as const
    const { problems, faults, phases } = await interruptedAt(drill, planned([eject]), 6_000)
    expect(problems).toEqual([{ invalid: true, text: 'interrupted in inject' }])
    expect(faults).toMatchObject([{ tookHoldAtMs: null, lasting: true }])
    expect(steps(drill, /^(spend|undone) /)).toEqual(['spend worker-a', 'undone eject'])
    expect(phases.at(-1)?.toMs).toBe(6_000)
  })

  it('waits for a person whose work leaves the cluster as it is', async () => {
    const drill = new FakeDrill()
    drill.takesMs = { delete: 30_000 }
    const { faults } = await interruptedAt(drill, planned([remove]), 6_000)
    expect(faults).toMatchObject([{ tookHoldAtMs: 33_700 }])
  })

  it('does not wait for what was to be replaced', async () => {
    const drill = new FakeDrill()
    drill.replacedAfterMs = { delete: 60_000 }
    const { problems, faults, phases } = await interruptedAt(drill, planned([remove]), 6_000)
    expect(problems).toEqual([{ invalid: true, text: 'interrupted in inject' }])
    expect(faults[0]).toMatchObject({ undoneAtMs: null, receipt: { after: 'delete is broken' } })
    expect(drill.done).toContain('undone delete')
    expect(phases.at(-1)?.toMs).toBeLessThan(7_000)
  })
})

describe('what came of it', () => {
  it('is asked after the run, and put into the record', async () => {
    const drill = new FakeDrill()
    drill.facts = { delete: async () => ({ pod: 'database-0', goneMs: 900 }) }
    const result = await run(drill, planned([remove]))
    expect(result.faults[0]?.facts).toEqual({ pod: 'database-0', goneMs: 900 })
    expect(conductSchema.parse(result)).toEqual(result)
  })

  it('weakens the run where it cannot be said, in time or at all', async () => {
    const drill = new FakeDrill()
    const broken = async () => {
      throw new Error('nobody answers')
    }
    drill.facts = { delete: broken, slow: () => new Promise(() => undefined) }
    const { problems } = await run(drill, planned([remove, { ...remove, id: 'slow' }]))
    expect(problems).toEqual([
      { invalid: false, text: 'delete does not say what came of it: nobody answers' },
      { invalid: false, text: 'slow does not say what came of it: no answer within 1 min' },
    ])
  })
})

it('a load balancer is hit, and no node', async () => {
  const drill = new FakeDrill()
  const balancer: FaultPlan = { ...first, target: 'load-balancer' }
  const { faults } = await run(drill, planned([balancer, second]))
  expect(faults[0]?.target).toBe('lb')
  expect(drill.hits).toEqual([[], []])
})

it('shows that time passes while a person is at work', async () => {
  const drill = new FakeDrill()
  drill.takesMs = { delete: 20_000 }
  await run(drill, planned([remove]))
  const shown = drill.progress.filter(({ phase }) => phase === 'inject')
  expect(shown.length).toBeGreaterThan(50)
  expect(shown.at(-1)?.phaseElapsedMs).toBeGreaterThan(19_000)
})

it('a pod that is whole again ends the wait', async () => {
  const drill = new FakeDrill()
  drill.clock.at(4_000, () => drill.emit(event('pod-evicted', 'database-1')))
  drill.clock.at(9_000, () => {
    const there = { node: 'worker-a', component: 'database' }
    drill.emit(event('pod-ready', 'database-1', there))
  })
  drill.replacedAfterMs = { delete: 1_000 }
  const { phases } = await run(drill, planned([remove], { observeUntil: ['workload-whole'] }))
  expect(phases[2]).toMatchObject({ name: 'observe', fromMs: 4_700, toMs: 9_000 })
})
