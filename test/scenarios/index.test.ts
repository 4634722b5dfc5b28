/**
 * The indexes hold together: names that exist, no name twice, goals that a topology can reach,
 * and a listing that says so.
 */
import { describe, expect, it } from 'vitest'
import { courseOn, watchedMs } from '../../harness/model/scenario.ts'
import { timersOf } from '../../harness/model/timers.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { scenarios } from '../../scenarios/index.ts'
import { listingOf } from '../../scenarios/list.ts'
import { topologies } from '../../topologies/index.ts'

const topologyNames = topologies.map(({ name }) => name)
const scenarioNames = scenarios.map(({ name }) => name)

describe('scenarios', () => {
  it('have names of their own', () => {
    expect(new Set(scenarioNames).size).toBe(scenarioNames.length)
  })

  it.each(scenarios)('$name runs on topologies that exist', ({ topologies: on, on: courses }) => {
    expect(topologyNames).toEqual(expect.arrayContaining([...on]))
    expect(on).toEqual(expect.arrayContaining(Object.keys(courses ?? {})))
  })

  it.each(scenarios.flatMap((scenario) => scenario.topologies.map((on) => ({ scenario, on }))))(
    '$scenario.name asks nothing of a load balancer that $on lacks',
    ({ scenario, on }) => {
      const goals = courseOn(scenario, on)
      const asked = [...goals.observeUntil, ...goals.settleUntil].filter((goal) =>
        goal.startsWith('lb-'),
      )
      const topology = topologies.find(({ name }) => name === on)
      expect(asked.length === 0 || topology?.loadBalancer !== null).toBe(true)
    },
  )

  it('watch a fault that nothing answers for detection and toleration together', () => {
    expect(watchedMs(timersOf('documented'))).toBe(355_000)
    expect(watchedMs(timersOf('brisk'))).toBe(35_500)
  })
})

describe('claims', () => {
  it('have ids of their own that begin with their document', () => {
    expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length)
    for (const claim of claims) expect(claim.id.startsWith(`${claim.document}-`)).toBe(true)
  })

  it.each(claims)('$id names scenarios and topologies that exist', (claim) => {
    expect(scenarioNames).toEqual(expect.arrayContaining([...claim.scenarios]))
    expect(topologyNames).toEqual(expect.arrayContaining([...(claim.topologies ?? [])]))
  })
})

describe('listingOf', () => {
  const listing = listingOf(topologies, scenarios, claims)

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(listing))).toEqual(listing)
  })

  it('says what a scenario can speak to', () => {
    expect(listing.topologies).toEqual(topologyNames)
    expect(listing.scenarios[0]).toMatchObject({
      id: 'worker-down',
      title: 'A worker dies',
      claims: [
        '000-pod-down',
        '000-worker-down',
        '000-worker-restored',
        '001-tainted',
        '004-any-node',
      ],
    })
  })

  it('says where a claim is judged', () => {
    const claim = listing.claims.find(({ id }) => id === '004-any-node')
    expect(claim).toMatchObject({
      source: '004: The cluster tolerates the outage of any one node and goes on.',
      scenarios: ['control-plane-down', 'worker-down'],
      topologies: ['kubeadm-stacked'],
      accepted: [],
    })
  })
})
