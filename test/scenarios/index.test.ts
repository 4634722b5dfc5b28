/**
 * The indexes hold together: names that exist, no name twice, goals that a topology can reach,
 * and a listing that says so.
 */
import { describe, expect, it } from 'vitest'
import { courseOn, targetRoles, watchedMs } from '../../harness/model/scenario.ts'
import { timersOf } from '../../harness/model/timers.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { scenarios } from '../../scenarios/index.ts'
import { listingLines, listingOf } from '../../scenarios/list.ts'
import { topologies } from '../../topologies/index.ts'

/** Every promise, warning and instruction about failure that the five documents make. */
const documented = [
  ...'pod-down component-down component-up worker-down worker-restored workload-survives no-rescheduling no-config config-again manual backup both-down site-down vip vip-failover vip-daemonset'
    .split(' ')
    .map((id) => `000-${id}`),
  ...'pod-down component-down worker-down-shared worker-down-local terminating terminating-except tainted reporting rebuild vip'
    .split(' ')
    .map((id) => `001-${id}`),
  ...'lb quorum no-taint eject members addresses'.split(' ').map((id) => `002-${id}`),
  ...'lb no-lb first-lb second-lb registry storage-quorum joined-together alias'
    .split(' ')
    .map((id) => `003-${id}`),
  ...'failover down-up slow etcd any-node data-plane subnet-mask'
    .split(' ')
    .map((id) => `004-${id}`),
]

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
    expect(watchedMs(timersOf('documented'))).toBe(360_000)
    expect(watchedMs(timersOf('brisk'))).toBe(40_500)
  })
})

describe('what a scenario aims at', () => {
  const plays = scenarios.flatMap((scenario) =>
    scenario.topologies.map((on) => ({ scenario, on, faults: courseOn(scenario, on).faults })),
  )
  const named = (target: string, on: string): boolean => {
    const topology = topologies.find(({ name }) => name === on)
    const nodes = topology?.nodes.map(({ name }) => name) ?? []
    const sites = topology?.sites.map(({ name }) => name) ?? []
    const [kind = '', name = ''] = target.split(':')
    if (kind === 'node') return nodes.includes(name)
    if (kind === 'site') return sites.includes(name)
    if (kind === 'link') return name.split('/').every((end) => sites.includes(end))
    return (targetRoles as readonly string[]).includes(target)
  }

  it.each(plays)('$scenario.name finds its targets on $on', ({ on, faults }) => {
    for (const { target } of faults) expect([target, named(target, on)]).toEqual([target, true])
  })

  it.each(plays)('$scenario.name has faults with names of their own on $on', ({ faults }) => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length)
    expect(faults.length).toBeGreaterThan(0)
  })

  it.each(plays)('$scenario.name ends a person’s work on $on by itself, or never', ({ faults }) => {
    const used = faults.filter(({ kind }) => kind.startsWith('operator.'))
    for (const { kind, lasting = false } of used) {
      const passes = ['operator.pod-delete', 'operator.force-delete', 'operator.backup']
      expect([kind, lasting]).toEqual([kind, !passes.includes(kind)])
    }
  })

  it('has further targets that its topology knows', () => {
    for (const { name, topologies: on, targets = {} } of scenarios) {
      for (const [topology, aims] of Object.entries(targets)) {
        expect([name, on.includes(topology)]).toEqual([name, true])
        for (const aim of aims) {
          const known = [aim, `node:${aim}`, `site:${aim}`].some((way) => named(way, topology))
          expect([name, aim, known]).toEqual([name, aim, true])
        }
      }
    }
  })

  it.each(plays)('$scenario.name has a claim to judge on $on', ({ scenario, on }) => {
    const judged = claims.filter(
      (claim) =>
        claim.scenarios.includes(scenario.name) && (claim.topologies?.includes(on) ?? true),
    )
    expect(judged.length).toBeGreaterThan(0)
  })
})

describe('claims', () => {
  it('are those of the documents, all of them', () => {
    expect(claims.map(({ id }) => id).toSorted()).toEqual(documented.toSorted())
  })

  it.each(claims)('$id can be judged by some run, or says why none can', (claim) => {
    const places = scenarios
      .filter(({ name }) => claim.scenarios.includes(name))
      .flatMap(({ topologies: on }) => on)
      .filter((on) => claim.topologies?.includes(on) ?? true)
    expect(places.length > 0).toBe(claim.outOfScope === undefined)
  })

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
    const scenario = listing.scenarios.find(({ id }) => id === 'worker-down')
    expect(scenario).toMatchObject({
      title: 'A worker dies',
      claims: expect.arrayContaining(['000-worker-down', '001-terminating', '004-any-node']),
      needs: ['power'],
      targets: { 'cx-worker-ha': ['worker-a', 'worker-b'] },
    })
  })

  it('says where a claim is judged', () => {
    const claim = listing.claims.find(({ id }) => id === '004-any-node')
    expect(claim).toMatchObject({
      source: '004: The cluster tolerates the outage of any one node and goes on.',
      scenarios: ['control-plane-reboot', 'control-plane-down', 'worker-down'],
      topologies: ['kubeadm-stacked'],
      accepted: [],
      outOfScope: null,
    })
  })

  it('says for reading where a scenario runs, at what else it can be aimed, and what is left out', () => {
    const lines = listingLines(listing)
    const at = lines.indexOf('site-down: A site is lost')
    expect(lines.slice(at, at + 2)).toEqual([
      'site-down: A site is lost',
      '  on cx-worker-ha; also with --target site-b',
    ])
    expect(lines.slice(at + 2, at + 4).join()).toMatch(/000-worker-down .*000-site-down /)
    expect(lines.slice(lines.indexOf('out of scope') + 1)).toEqual([
      expect.stringMatching(/^ {4}003-alias .*an alias of a shell/),
    ])
  })
})
