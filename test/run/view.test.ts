/** When a goal is reached: by what was answered and told, and never by time alone. */
import { describe, expect, it } from 'vitest'
import { watchedMs } from '../../harness/model/scenario.ts'
import type { Sample } from '../../harness/model/vantage.ts'
import { DrillView } from '../../harness/run/view.ts'
import { planOf } from '../support/plan-of.ts'
import { briskPlan, event, vantage } from './fake-drill.ts'

const ways = [vantage('page-a', 'page', 'worker-a'), vantage('page-b', 'page', 'worker-b')]
const newView = (wanted = { database: 1 }) => new DrillView(briskPlan, ways, wanted)

function sample(vantageId: string, sentAtMs: number, ok = true): Sample {
  const error = ok ? null : 'timeout'
  return {
    ...{ vantage: vantageId, scheduledAtMs: sentAtMs, sentAtMs, latencyMs: 5 },
    ...{ ok, error, number: null },
  }
}

/** Every 50 ms from `fromMs` up to, not with, `toMs`. */
function samples(vantageId: string, fromMs: number, toMs: number, ok = true): Sample[] {
  const count = Math.ceil((toMs - fromMs) / 50)
  return Array.from({ length: count }, (_, index) => sample(vantageId, fromMs + index * 50, ok))
}

describe('a vantage is good', () => {
  it('after the stable time of answers, less those that may be under way', () => {
    const view = newView()
    expect(view.waitingFor(['vantages-good'], 9_000)).toEqual(['page-a good', 'page-b good'])
    view.takeSamples([...samples('page-a', 0, 4_000), ...samples('page-b', 0, 4_000)])
    expect(view.holds('vantages-good', 4_000)).toBe(true)
  })

  it('not while one answer in the stable time is bad, were it the newest', () => {
    const view = newView()
    view.takeSamples([...samples('page-a', 0, 10_000), ...samples('page-b', 0, 9_950)])
    view.takeSamples([sample('page-b', 9_950, false)])
    expect(view.waitingFor(['vantages-good'], 10_000)).toEqual(['page-b good'])
    view.takeSamples([...samples('page-a', 10_000, 14_000), ...samples('page-b', 10_000, 14_000)])
    expect(view.holds('vantages-good', 13_900)).toBe(false)
    expect(view.holds('vantages-good', 14_000)).toBe(true)
  })

  it('not when its probes go out and nothing comes back', () => {
    const view = newView()
    view.takeSamples([...samples('page-a', 0, 10_000), ...samples('page-b', 0, 7_000)])
    expect(view.waitingFor(['vantages-good'], 10_000)).toEqual(['page-b good'])
  })

  it('with a tenth of its slots unanswered, and no more', () => {
    const some = (share: number) => {
      const view = newView()
      const answered = samples('page-b', 6_000, 9_050).slice(0, 61 - share)
      view.takeSamples([...samples('page-a', 5_000, 10_000), ...answered])
      return view.holds('vantages-good', 10_000)
    }
    expect(some(7)).toBe(true)
    expect(some(8)).toBe(false)
  })

  it('or left out, where it leads through the hit node, unless every one is wanted', () => {
    const view = newView()
    view.markHit('worker-a', 'power.kill', false)
    view.takeSamples([...samples('page-a', 0, 4_000, false), ...samples('page-b', 0, 4_000)])
    expect(view.holds('vantages-good', 4_000)).toBe(true)
    expect(view.waitingFor(['every-vantage-good'], 4_000)).toEqual(['page-a good'])
  })
})

describe('the workload is repaired', () => {
  const hitView = (wanted = { database: 1 }) => {
    const view = newView(wanted)
    view.seePod({ name: 'database-1', component: 'database', node: 'worker-a', ready: true })
    view.seePod({ name: 'page-1', component: 'page', node: 'worker-b', ready: true })
    view.markHit('worker-a', 'power.kill', false)
    return view
  }
  const elsewhere = { component: 'database', node: 'worker-b' }

  it('when what was on the hit node is ready elsewhere', () => {
    const view = hitView()
    expect(view.waitingFor(['workload-repaired'], 0)).toEqual(['database ready elsewhere'])
    view.takeEvent(event('pod-created', 'database-2', { component: 'database' }))
    view.takeEvent(event('pod-scheduled', 'database-2', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(false)
    view.takeEvent(event('pod-ready', 'database-2', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(true)
    view.takeEvent(event('pod-not-ready', 'database-2', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(false)
  })

  it('not when it is ready on the hit node, nor when it went again', () => {
    const view = hitView()
    const there = { component: 'database', node: 'worker-a' }
    view.takeEvent(event('pod-ready', 'database-2', there))
    expect(view.holds('workload-repaired', 0)).toBe(false)
    view.takeEvent(event('pod-ready', 'database-3', elsewhere))
    view.takeEvent(event('pod-deleted', 'database-3', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(false)
  })

  it('with as many replicas as are wanted', () => {
    const view = hitView({ database: 2 })
    view.takeEvent(event('pod-ready', 'database-2', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(false)
    view.takeEvent(event('pod-ready', 'database-3', elsewhere))
    expect(view.holds('workload-repaired', 0)).toBe(true)
  })

  it('at once, when nothing of it was on the hit node', () => {
    const view = newView()
    view.seePod({ name: 'database-1', component: 'database', node: 'worker-b', ready: true })
    view.markHit('worker-a', 'power.kill', false)
    expect(view.holds('workload-repaired', 0)).toBe(true)
  })
})

describe('what is told of the hit nodes', () => {
  it('decides on nodes and on servers, of all that were hit and of no other', () => {
    const view = new DrillView(planOf('kubeadm-stacked', 'brisk'), ways, {})
    view.markHit('cka-cp-1', 'power.kill', false)
    view.markHit('cka-cp-2', 'power.kill', false)
    view.takeEvent(event('node-not-ready', 'cka-cp-1'))
    view.takeEvent(event('lb-down', 'cka-cp-1'))
    view.takeEvent(event('node-not-ready', 'worker-b'))
    expect(view.waitingFor(['node-not-ready', 'lb-down'], 0)).toEqual(['node not ready', 'lb down'])
    view.takeEvent(event('node-not-ready', 'cka-cp-2'))
    view.takeEvent(event('lb-down', 'cka-cp-2'))
    expect(view.waitingFor(['node-not-ready', 'lb-down'], 0)).toEqual([])
    view.markUndone('cka-cp-1')
    view.markUndone('cka-cp-2')
    expect(view.waitingFor(['node-ready', 'lb-up'], 0)).toEqual(['node ready', 'lb up'])
    for (const node of ['cka-cp-1', 'cka-cp-2']) {
      view.takeEvent(event('node-ready', node))
      view.takeEvent(event('lb-up', node))
    }
    expect(view.waitingFor(['node-ready', 'lb-up'], 0)).toEqual([])
  })

  it('was watched long enough only after it held', () => {
    const view = newView()
    expect(view.holds('watched', 1_000_000)).toBe(false)
    view.markHeld(2_000, ['power.kill'])
    expect(watchedMs(briskPlan.timers)).toBe(35_500)
    expect(view.holds('watched', 37_499)).toBe(false)
    expect(view.holds('watched', 37_500)).toBe(true)
  })
})

describe('the live view', () => {
  it('says since when a way is up or down, and why', () => {
    const view = newView()
    view.takeSamples([...samples('page-a', 0, 1_000), ...samples('page-a', 1_000, 1_500, false)])
    expect(view.vantages(3_000)).toMatchObject([
      { id: 'page-a', up: false, sinceMs: 2_000, lastError: 'timeout' },
      { id: 'page-b', up: null, sinceMs: 0, lastError: null },
    ])
  })

  it('is not turned by an old probe that fails late', () => {
    const view = newView()
    view.takeSamples([sample('page-a', 2_000), sample('page-a', 500, false)])
    expect(view.vantages(3_000)[0]).toMatchObject({ up: true, sinceMs: 1_000, lastError: null })
  })
})
