/** When a goal is reached: by what was answered and told, and never by time alone. */
import { describe, expect, it } from 'vitest'
import { aWhileMs, watchedMs } from '../../harness/model/scenario.ts'
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

  it('by what came since the fault and since the heal, not by what was before', () => {
    const view = newView()
    const good = (fromMs: number, toMs: number) =>
      view.takeSamples([...samples('page-a', fromMs, toMs), ...samples('page-b', fromMs, toMs)])
    good(0, 7_000)
    view.markHeld(6_000, ['power.kill'])
    expect(view.holds('vantages-good', 7_000)).toBe(false)
    good(7_000, 10_000)
    expect(view.holds('vantages-good', 10_000)).toBe(true)
    view.markHealed(9_000)
    expect(view.holds('every-vantage-good', 10_000)).toBe(false)
    good(10_000, 13_000)
    expect(view.holds('every-vantage-good', 13_000)).toBe(true)
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

  it('where there is no elsewhere: its only node was hit', () => {
    const plan = planOf('cx-worker-ha-metallb')
    const report = vantage('report-a', 'report', 'worker-a')
    const view = new DrillView(plan, [report], { reporting: 1, page: 2 })
    view.seePod({ name: 'reporting-1', component: 'reporting', node: 'reporting', ready: true })
    expect(view.waitingFor(['vantages-good'], 0)).toEqual(['report-a good'])
    view.markHit('reporting', 'power.kill', false)
    expect(view.holds('workload-repaired', 0)).toBe(true)
    expect(view.holds('vantages-good', 0)).toBe(true)
    expect(view.holds('every-vantage-good', 0)).toBe(false)
    view.seePod({ name: 'page-1', component: 'page', node: 'worker-a', ready: true })
    view.markHit('worker-a', 'power.kill', false)
    expect(view.holds('workload-repaired', 0)).toBe(false)
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
    expect(watchedMs(briskPlan.timers)).toBe(40_500)
    expect(view.holds('watched', 42_499)).toBe(false)
    expect(view.holds('watched', 42_500)).toBe(true)
  })
})

describe('hit nodes', () => {
  const stackedView = () => new DrillView(planOf('kubeadm-stacked', 'brisk'), ways, {})

  it('are asked for DOWN where they are balanced, and for NotReady where they are left', () => {
    const view = stackedView()
    view.markHit('cka-wk-1', 'power.kill', false)
    expect(view.holds('lb-down', 0)).toBe(true)
    expect(view.holds('node-not-ready', 0)).toBe(false)
    view.markHit('cka-cp-1', 'operator.eject', true)
    view.takeEvent(event('node-not-ready', 'cka-wk-1'))
    expect(view.waitingFor(['node-not-ready', 'lb-down'], 0)).toEqual(['lb down'])
    view.takeEvent(event('lb-down', 'cka-cp-1'))
    expect(view.holds('lb-down', 0)).toBe(true)
    expect(view.holds('lb-up', 0)).toBe(true)
  })

  it('that were healed are not waited for to go, nor those that are not to come back', () => {
    const view = stackedView()
    view.markHit('cka-cp-1', 'power.kill', false)
    view.markHit('cka-wk-1', 'power.kill', false)
    view.markHit('cka-wk-2', 'power.kill', true)
    for (const node of ['cka-wk-1', 'cka-wk-2', 'cka-cp-1']) {
      view.takeEvent(event('node-not-ready', node))
    }
    view.markUndone('cka-cp-1')
    expect(view.holds('node-ready', 0)).toBe(false)
    view.takeEvent(event('node-ready', 'cka-cp-1'))
    expect(view.waitingFor(['node-not-ready', 'node-ready', 'lb-down'], 0)).toEqual([])
    view.markUndone('cka-wk-1')
    expect(view.waitingFor(['node-ready'], 0)).toEqual(['node ready'])
    view.takeEvent(event('node-ready', 'cka-wk-1'))
    expect(view.holds('node-ready', 0)).toBe(true)
  })

  it('that came back by themselves have been DOWN when that was said since', () => {
    const view = stackedView()
    view.takeEvent(event('lb-down', 'cka-cp-1'))
    view.takeEvent(event('lb-up', 'cka-cp-1'))
    view.markHit('cka-cp-1', 'power.reboot', false)
    view.markUndone('cka-cp-1')
    expect(view.holds('lb-down', 0)).toBe(false)
    view.takeEvent(event('lb-down', 'cka-cp-1'))
    expect(view.waitingFor(['lb-down', 'lb-up'], 0)).toEqual(['lb up'])
    view.takeEvent(event('lb-up', 'cka-cp-1'))
    expect(view.waitingFor(['lb-down', 'lb-up'], 0)).toEqual([])
  })

  it.each([
    ['process.container-kill', false],
    ['operator.pod-delete', false],
    ['operator.force-delete', false],
    ['power.pause', true],
    ['process.kubelet-stop', true],
    ['network.route', true],
    ['operator.eject', true],
  ] as const)('are those of %s: %s', (kind, hit) => {
    const view = newView()
    view.markHit('worker-a', kind, false)
    view.takeSamples([...samples('page-a', 0, 4_000, false), ...samples('page-b', 0, 4_000)])
    expect(view.holds('vantages-good', 4_000)).toBe(hit)
  })

  it('that are lost for good lead nowhere, until what was restored takes their address', () => {
    const controlPlaneWays = [
      vantage('api-read', 'api-read', 'control-plane'),
      vantage('page-a', 'page', 'worker-a'),
    ]
    const view = new DrillView(briskPlan, controlPlaneWays, {})
    view.markHit('control-plane', 'power.kill', true)
    view.markHit('worker-a', 'power.kill', true)
    view.takeSamples([
      ...samples('api-read', 0, 4_000, false),
      ...samples('page-a', 0, 4_000, false),
    ])
    expect(view.waitingFor(['every-vantage-good', 'vantages-good'], 4_000)).toEqual([])
    view.markHeld(4_000, ['operator.restore'])
    expect(view.waitingFor(['every-vantage-good', 'vantages-good'], 4_000)).toEqual([
      ...['api-read good', 'api-read good'],
    ])
  })
})

describe('the workload is whole', () => {
  const there = { component: 'database', node: 'worker-a' }

  it('with as many pods as are wanted, wherever they are', () => {
    const view = newView({ database: 2 })
    view.takeEvent(event('pod-ready', 'database-1', there))
    expect(view.waitingFor(['workload-whole'], 0)).toEqual(['database whole'])
    view.takeEvent(event('pod-ready', 'database-2', there))
    expect(view.holds('workload-whole', 0)).toBe(true)
    view.takeEvent(event('pod-evicted', 'database-2', there))
    expect(view.holds('workload-whole', 0)).toBe(false)
  })

  it('without those of a machine that has no power, whatever is said of them', () => {
    const view = newView()
    view.takeEvent(event('pod-ready', 'database-1', there))
    view.markHit('worker-a', 'power.kill', false)
    expect(view.holds('workload-whole', 0)).toBe(false)
    view.markUndone('worker-a')
    expect(view.holds('workload-whole', 0)).toBe(true)
  })
})

describe('the API is lost', () => {
  const apiWays = (node: string | null) => [
    { ...vantage('api-read', 'api-read', node), timeoutMs: 10_000 },
    { ...vantage('api-read-reused', 'api-read', node), connection: 'reused' as const },
    vantage('api-write', 'api-write', node),
    vantage('api-cka-cp-2', 'api-read', 'cka-cp-2'),
  ]
  const balanced = () => new DrillView(planOf('kubeadm-stacked', 'brisk'), apiWays(null), {})

  it('when no new connection through the load balancer was answered for the stable time', () => {
    const view = balanced()
    expect(view.holds('api-lost', 0)).toBe(false)
    view.takeSamples([...samples('api-read', 0, 4_000), ...samples('api-cka-cp-2', 0, 9_000)])
    expect(view.holds('api-lost', 4_000)).toBe(false)
    view.takeSamples(samples('api-read', 4_000, 6_950, false))
    expect(view.waitingFor(['api-lost'], 7_000)).toEqual(['api lost'])
    view.takeSamples(samples('api-read', 6_950, 7_100, false))
    expect(view.holds('api-lost', 7_100)).toBe(true)
    view.takeSamples([sample('api-read', 7_100)])
    expect(view.holds('api-lost', 7_200)).toBe(false)
  })

  it('though what times out is known of only then', () => {
    const view = balanced()
    view.takeSamples(samples('api-read', 0, 4_000, false))
    expect(view.holds('api-lost', 14_000)).toBe(true)
    // Nothing at all ends any more: then it is the prober that is in trouble.
    expect(view.holds('api-lost', 17_000)).toBe(false)
  })

  it('though later ones fail at once meanwhile', () => {
    const view = balanced()
    // Every tenth is refused at once; the others have timed out only up to 4 s.
    view.takeSamples(samples('api-read', 0, 4_000, false))
    const refused = samples('api-read', 4_000, 13_900, false).filter((_, index) => index % 10 === 0)
    view.takeSamples(refused)
    expect(view.holds('api-lost', 14_000)).toBe(true)
    view.takeSamples([sample('api-read', 13_950)])
    expect(view.holds('api-lost', 14_000)).toBe(false)
  })

  it('without a load balancer, when the first API server does not answer', () => {
    const view = new DrillView(planOf('embedded-no-lb', 'brisk'), apiWays('master-1'), {})
    view.takeSamples([
      ...samples('api-read', 0, 4_000, false),
      ...samples('api-cka-cp-2', 0, 4_000),
    ])
    expect(view.holds('api-lost', 4_000)).toBe(true)
  })
})

it('a heal begins the watching anew', () => {
  const view = newView()
  expect(aWhileMs(briskPlan.timers)).toBe(10_000)
  view.markHeld(1_000, ['power.kill'])
  expect([view.holds('a-while', 10_999), view.holds('a-while', 11_000)]).toEqual([false, true])
  view.markHealed(40_000)
  expect(view.waitingFor(['a-while', 'watched'], 49_999)).toEqual(['a while', 'watched'])
  expect([view.holds('a-while', 50_000), view.holds('watched', 80_500)]).toEqual([true, true])
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
