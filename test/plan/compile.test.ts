/** From names and options to a plan, or to everything that is wrong with them. */
import { describe, expect, it } from 'vitest'
import { sharedByMemberlist } from '../../harness/model/memberlist.ts'
import { watchedMs } from '../../harness/model/scenario.ts'
import { timersOf } from '../../harness/model/timers.ts'
import { clusterNameOf, compile, type PlanRequest } from '../../harness/plan/compile.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

const all = (named: readonly { name: string }[]) => named.map(({ name }) => name).join(', ')

const request: PlanRequest = {
  scenario: 'worker-down',
  topology: null,
  provider: 'kind',
  pace: 'documented',
  set: [],
  target: null,
  seed: 1,
  harnessVersion: '0.1.0',
}
const compiled = (changes: Partial<PlanRequest> = {}) =>
  compile({ ...request, ...changes }, { scenarios, topologies })

function plan(changes: Partial<PlanRequest> = {}) {
  const result = compiled(changes)
  if (!result.plan) throw new Error(result.problems.join('\n'))
  return result.plan
}

describe('a plan', () => {
  it('takes the first topology of the scenario, its faults and its goals', () => {
    expect(plan()).toMatchObject({
      schema: 'clusterdrill/plan/v1',
      clusterName: 'drill-cx-worker-ha',
      topology: { name: 'cx-worker-ha' },
      provider: 'kind',
      pace: 'documented',
      seed: 1,
      changedTimers: [],
      timers: { nodeMonitorGraceMs: 50_000, unreachableTolerationMs: 300_000 },
      faults: [{ id: 'worker-power', kind: 'power.kill', target: 'worker-with-database' }],
      observeUntil: ['node-not-ready', 'workload-repaired', 'vantages-good'],
    })
  })

  it('has other goals on a topology that cannot reach the usual ones', () => {
    const stacked = plan({ scenario: 'control-plane-down' })
    const single = plan({ scenario: 'control-plane-down', topology: 'cx-worker-ha' })
    expect(stacked.observeUntil).toContain('lb-down')
    expect(single.observeUntil).toEqual(['watched'])
    expect(single.settleUntil).toEqual(['node-ready', 'every-vantage-good'])
  })

  it('bounds each phase by the timers', () => {
    expect(plan().bounds).toEqual({ baselineMs: 120_000, observeMs: 420_000, settleMs: 170_000 })
    expect(plan({ pace: 'brisk' }).bounds).toEqual({
      baselineMs: 120_000,
      observeMs: 100_500,
      settleMs: 125_000,
    })
    expect(plan({ set: ['unreachableTolerationMs=400s'] }).bounds.observeMs).toBe(520_000)
    expect(plan({ set: ['nodeMonitorGraceMs=80s'] }).bounds.settleMs).toBe(200_000)
  })

  it.each(['documented', 'brisk'])('observes longer than it must watch at %s pace', (pace) => {
    const { bounds, timers } = plan({ pace })
    expect(bounds.observeMs).toBeGreaterThan(watchedMs(timers))
  })

  it('asks for a shorter stable time at brisk pace', () => {
    expect(plan().probe.stableMs).toBe(10_000)
    expect(plan({ pace: 'brisk' }).probe.stableMs).toBe(3_000)
  })

  it('has the timers of the release that a simulated cluster is of, unless they are set', () => {
    const graceMs = (changes: Parameters<typeof plan>[0]) =>
      plan({ provider: 'sim', ...changes }).timers.nodeMonitorGraceMs
    expect(graceMs({})).toBe(50_000)
    expect(graceMs({ kubernetes: 'v1.34+k3s' })).toBe(50_000)
    expect(graceMs({ kubernetes: 'v1.31' })).toBe(40_000)
    expect(graceMs({ kubernetes: 'v1.31', pace: 'brisk' })).toBe(4_000)
    expect(graceMs({ kubernetes: 'v1.31', set: ['nodeMonitorGraceMs=20s'] })).toBe(20_000)
    expect(plan({ provider: 'sim', kubernetes: 'v1.27' }).kubernetes).toBe('v1.27')
    expect(plan({ provider: 'sim' })).not.toHaveProperty('kubernetes')
  })

  it('is behind Envoy where that is asked of a simulated cluster, and says so', () => {
    const changes = { scenario: 'control-plane-down', topology: 'kubeadm-stacked' } as const
    const { topology } = plan({ ...changes, provider: 'sim', balancer: 'envoy' })
    expect(topology.loadBalancer).toMatchObject({ kind: 'envoy', name: 'cka-hap-1', retries: 0 })
    expect(topology.differences.at(-1)).toContain('Envoy')
    const documented = plan({ ...changes, provider: 'sim', balancer: 'haproxy' })
    expect(documented).toEqual(plan({ ...changes, provider: 'sim' }))
    expect(compiled({ ...changes, balancer: 'envoy' }).problems).toEqual([
      '--balancer envoy: a cluster on kind has the HAProxy of its document; --provider sim can have Envoy',
    ])
    expect(compiled({ provider: 'sim', balancer: 'envoy' }).problems).toEqual([
      "--balancer envoy: topology 'cx-worker-ha' has no load balancer",
    ])
  })

  it('shares the floating IP by memberlist where that is asked of a simulated cluster', () => {
    const changes = { topology: 'cx-worker-ha-metallb', floatingIp: 'memberlist' } as const
    const { topology } = plan({ ...changes, provider: 'sim' })
    expect(topology.floatingIp).toMatchObject({ documented: 'MetalLB', sharedBy: 'memberlist' })
    expect(topology.differences.join()).not.toContain('keepalived')
    expect(compiled({ ...changes, set: ['nope=1s'] }).problems).toEqual([
      '--floating-ip memberlist: a cluster on kind has keepalived in the place of MetalLB; --provider sim can have memberlist',
      expect.stringContaining('nope'),
    ])
    expect(compiled({ provider: 'sim', floatingIp: 'memberlist' }).problems).toEqual([
      "--floating-ip memberlist: topology 'cx-worker-ha' has no MetalLB",
    ])
    expect(compiled({ ...changes, provider: 'sim', floatingIp: 'vrrp' }).problems).toEqual([
      "--floating-ip vrrp: it can be memberlist, which is MetalLB's own way",
    ])
  })

  it('refuses a topology that declares memberlist on a real cluster, and plays it in the model', () => {
    const declaring = { scenarios, topologies: topologies.map(sharedByMemberlist) }
    const asked = { ...request, topology: 'cx-worker-ha-metallb' }
    expect(compile({ ...asked, provider: 'k3d' }, declaring).problems).toEqual([
      "topology 'cx-worker-ha-metallb' shares its floating IP by memberlist: a cluster on k3d has keepalived in the place of MetalLB; --provider sim can have memberlist",
    ])
    const { plan: drawn } = compile({ ...asked, provider: 'sim' }, declaring)
    expect(drawn?.topology.floatingIp?.sharedBy).toBe('memberlist')
  })

  it('aims at the node that is named', () => {
    const { faults } = plan({ target: 'worker-a' })
    expect(faults).toEqual([{ id: 'worker-power', kind: 'power.kill', target: 'node:worker-a' }])
    expect([plan().target, plan({ target: 'worker-a' }).target]).toEqual([null, 'worker-a'])
  })

  it('aims at every node of the site that is named', () => {
    const { faults } = plan({ target: 'site-b' })
    expect(faults).toMatchObject([
      { id: 'worker-power-worker-b', target: 'node:worker-b', group: 'worker-power' },
    ])
  })

  it('aims where the course of the topology says', () => {
    const course = {
      faults: [{ id: 'own', kind: 'power.stop', target: 'another-worker' }],
    } as const
    const changed = scenarios.map((each) => ({ ...each, on: { 'cx-worker-ha': course } }))
    const result = compile(request, { scenarios: changed, topologies })
    expect(result.plan?.faults).toEqual(course.faults)
  })

  it('settles longer than it must watch', () => {
    const changed = scenarios.map((each) => ({ ...each, settleUntil: ['watched'] as const }))
    const result = compile(request, { scenarios: changed, topologies })
    expect(result.plan?.bounds.settleMs).toBe(420_000)
  })
})

describe('the name of a cluster', () => {
  it('tells paces apart, and timers that were changed', () => {
    const names = [
      plan().clusterName,
      plan({ pace: 'brisk' }).clusterName,
      plan({ set: ['unreachableTolerationMs=60s'] }).clusterName,
      plan({ set: ['unreachableTolerationMs=61s'] }).clusterName,
    ]
    expect(names.slice(0, 2)).toEqual(['drill-cx-worker-ha', 'drill-cx-worker-ha-brisk'])
    expect(names[2]).toMatch(/^drill-cx-worker-ha-[a-z0-9]{5}$/)
    expect(new Set(names).size).toBe(4)
  })

  it('is the same for the same timers, in whatever order they were set', () => {
    const [a, b] = ['unreachableTolerationMs=60s', 'nodeMonitorGraceMs=40s'] as const
    expect(plan({ set: [a, b] }).clusterName).toBe(plan({ set: [b, a] }).clusterName)
  })

  it('leaves room for what kind adds: a host name has at most 63 letters', () => {
    for (const topology of topologies) {
      const name = clusterNameOf('kind', topology.name, 'brisk', timersOf('brisk'), true)
      const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
      const longest = controlPlanes.length > 1 ? 'external-load-balancer' : 'control-plane'
      expect(`${name}-${longest}`.length).toBeLessThanOrEqual(63)
    }
  })
})

describe('what is wrong', () => {
  it('is said all at once', () => {
    const { plan: none, problems } = compiled({
      scenario: 'worker-dwn',
      topology: 'cx-worker',
      pace: 'fast',
      set: ['nodeMonitorGracMs=20s', 'nodeMonitorPeriodMs=2m'],
    })
    expect(none).toBeNull()
    expect(problems).toEqual([
      `there is no scenario 'worker-dwn'; did you mean 'worker-down'? (${all(scenarios)})`,
      `there is no topology 'cx-worker'; did you mean 'cx-worker-ha'? (${all(topologies)})`,
      '--pace fast: a pace is one of documented, brisk',
      expect.stringContaining("there is no timer 'nodeMonitorGracMs'"),
      expect.stringContaining('nodeMonitorPeriodMs (2 min) must be shorter'),
    ])
  })

  it('is a topology on which the scenario makes no sense', () => {
    const only = scenarios.map((scenario) => ({ ...scenario, topologies: ['kubeadm-stacked'] }))
    const result = compile(
      { ...request, topology: 'cx-worker-ha' },
      { scenarios: only, topologies },
    )
    expect(result.problems).toEqual([
      "scenario 'worker-down' makes no sense on topology 'cx-worker-ha'; it runs on kubeadm-stacked",
    ])
  })

  it.each([
    ['worker-down', 'control-plane', "'worker-down' hits a worker, and this is a control-plane"],
    [
      'control-plane-down',
      'cka-wk-1',
      "'control-plane-down' hits a control-plane, and this is a worker",
    ],
    ['worker-down', 'worker-c', "has no such node, site or role; did you mean 'worker-a'?"],
  ])('is a target that %s cannot have: %s', (scenario, target, problem) => {
    expect(compiled({ scenario, target }).problems).toEqual([expect.stringContaining(problem)])
  })
})
