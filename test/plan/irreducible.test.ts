/** What a run has to wait for, whatever the machine: each timer by the goal that needs it. */
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../harness/model/plan.ts'
import type { FaultPlan } from '../../harness/model/scenario.ts'
import { irreducibleMs, waitsOf } from '../../harness/plan/irreducible.ts'
import { planOf } from '../support/plan-of.ts'

const cx = planOf('cx-worker-ha')
const stacked = planOf('kubeadm-stacked')
const worker: FaultPlan = { id: 'w', kind: 'power.kill', target: 'worker-with-database' }
const controlPlane: FaultPlan = { id: 'c', kind: 'power.kill', target: 'control-plane' }
const kill: FaultPlan = { id: 'k', kind: 'process.container-kill', target: 'worker-with-database' }

const plan = (faults: FaultPlan[], rest: Partial<Plan> = {}, base = cx): Plan => ({
  ...{ ...base, faults, observeUntil: [], settleUntil: [] },
  ...rest,
})
/** Seconds by what is waited for, the baseline left out: it is the same for all. */
function waits(of: Plan): Record<string, number> {
  const all = waitsOf(of)
  expect(all[0]).toEqual({ phase: 'baseline', what: 'baseline', ms: 11_000 })
  return Object.fromEntries(all.slice(1).map(({ what, ms }) => [what, ms / 1_000]))
}

describe('a goal', () => {
  it.each([
    ['node-not-ready', 50],
    ['workload-repaired', 350],
    ['watched', 360],
    ['a-while', 100],
    ['api-lost', 10],
    ['vantages-good', 11],
  ] as const)('%s of a lost node takes %i s', (goal, seconds) => {
    expect(waits(plan([worker], { observeUntil: [goal] }))).toEqual({
      ...{ observe: seconds, 'w boots': 5 },
    })
  })

  it.each(['node-ready', 'workload-whole'] as const)('%s needs no timer', (goal) => {
    expect(waits(plan([worker], { observeUntil: [goal] }))).toEqual({ 'w boots': 5 })
  })

  it('is waited for together with the others, but for being good after being repaired', () => {
    expect(waits(plan([worker], { observeUntil: ['node-not-ready', 'a-while'] })).observe).toBe(100)
    const repaired = ['workload-repaired', 'vantages-good'] as const
    expect(waits(plan([worker], { observeUntil: repaired })).observe).toBe(361)
  })

  it('lb-down takes each check to its time-out where the node is silent', () => {
    const down = { observeUntil: ['lb-down'], settleUntil: ['lb-up'] } as const
    const { check } = stacked.topology.loadBalancer ?? {}
    expect(check).toMatchObject({ intervalMs: 2_000, fall: 3, rise: 2 })
    expect(waits(plan([controlPlane], down, stacked))).toEqual({
      ...{ observe: 6, 'c boots': 5, settle: 2 },
    })
    const stop: FaultPlan = { ...controlPlane, kind: 'power.stop' }
    expect(waits(plan([stop], down, stacked)).observe).toBe(4)
  })

  it('that comes before a fault is waited for once: clocks that run do not begin anew', () => {
    const person: FaultPlan = {
      ...{ id: 'p', kind: 'operator.force-delete', target: 'hit-node' },
      after: ['node-not-ready', 'watched'],
    } as const
    expect(waits(plan([worker, person], { observeUntil: ['workload-repaired'] }))).toEqual({
      ...{ 'before p': 360, 'w boots': 5 },
    })
  })

  it('in settle is counted from the heal', () => {
    expect(waits(plan([worker], { settleUntil: ['watched', 'every-vantage-good'] }))).toEqual({
      ...{ 'w boots': 5, settle: 360 },
    })
  })

  it('needs no lost node where none is lost', () => {
    const goals = ['node-not-ready', 'workload-repaired'] as const
    expect(waits(plan([kill], { observeUntil: goals }))).toEqual({})
  })
})

describe('a fault', () => {
  it('that is a reboot takes a boot, in which the balancer may notice', () => {
    const reboot: FaultPlan = { ...controlPlane, kind: 'power.reboot' }
    expect(waits(plan([reboot], { observeUntil: ['lb-down'] }, stacked))).toEqual({ 'c ends': 15 })
  })

  it('that kills a container again waits for the back-off of the kubelet', () => {
    const again = ['k2', 'k3'].map((id) => ({ ...kill, id }))
    expect(waits(plan([kill, ...again]))).toEqual({ 'k2 ends': 10, 'k3 ends': 20 })
    expect(waits(plan([kill, { ...kill, id: 'page', component: 'page' }]))).toEqual({})
  })

  it('on the load balancer loses no node', () => {
    const balancer: FaultPlan = { ...controlPlane, target: 'load-balancer' }
    const goals = { observeUntil: ['node-not-ready', 'api-lost'] } as const
    expect(waits(plan([balancer], goals, stacked))).toEqual({ observe: 10 })
  })

  it('that lasts is not healed', () => {
    expect(waits(plan([{ ...worker, lasting: true }]))).toEqual({})
  })
})

describe('healing', () => {
  it('boots a group at once, and others one after another', () => {
    const group = [worker, controlPlane].map((fault) => ({ ...fault, group: 'both' }))
    expect(waits(plan(group))).toEqual({ 'w, c boots': 5 })
    expect(waits(plan([worker, controlPlane]))).toEqual({ 'c boots': 5, 'w boots': 5 })
  })

  it('of the only control plane starts the clocks of a lost worker anew', () => {
    const both = (afterUndo: FaultPlan['afterUndo']) => [
      { ...worker, group: 'both' },
      { ...controlPlane, group: 'both', ...(afterUndo ? { afterUndo } : {}) },
    ]
    const observeUntil = ['watched'] as const
    const anew = both(['node-not-ready', 'workload-repaired'])
    expect(waits(plan(anew, { observeUntil }))).toEqual({
      ...{ observe: 360, 'c boots': 5, 'after c': 350, 'w boots': 5 },
    })
    // One of three was not the only one: nothing began anew.
    expect(waits(plan(anew, { observeUntil }, stacked))).toEqual({
      ...{ observe: 360, 'c boots': 5, 'w boots': 5 },
    })
  })
})

it('is the sum of what is waited for, at any pace', () => {
  expect(irreducibleMs(planOf('cx-worker-ha'))).toBe(11_000 + 361_000 + 5_000 + 11_000)
  expect(irreducibleMs(planOf('cx-worker-ha', 'brisk'))).toBe(4_000 + 39_000 + 5_000 + 4_000)
  expect(irreducibleMs(plan([], {}, cx))).toBe(11_000)
})
