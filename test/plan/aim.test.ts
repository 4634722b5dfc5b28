/** Where faults are aimed: by role, by `--target`, and at whole sites. */
import { describe, expect, it } from 'vitest'
import type { FaultPlan } from '../../harness/model/scenario.ts'
import { aim } from '../../harness/plan/aim.ts'
import { topologies } from '../../topologies/index.ts'

const worker: FaultPlan = { id: 'power', kind: 'power.kill', target: 'worker-with-database' }
const controlPlane: FaultPlan = { id: 'power', kind: 'power.kill', target: 'etcd-leader' }
const cut: FaultPlan = { id: 'cut', kind: 'network.cut', target: 'link:site-a/site-b' }
const eject: FaultPlan = { id: 'eject', kind: 'operator.eject', target: 'etcd-follower' }

function aimed(faults: FaultPlan[], name: string, target: string | null = null) {
  const topology = topologies.find((one) => one.name === name)
  if (!topology) throw new Error(`no ${name}`)
  const problems: string[] = []
  return { faults: aim({ scenario: 'drill', faults, topology, target }, problems), problems }
}
const targetOf = (fault: FaultPlan, topology: string, target: string) => {
  const { faults, problems } = aimed([fault], topology, target)
  expect(problems).toEqual([])
  return faults[0]?.target
}
const problemOf = (fault: FaultPlan, topology: string, target: string) => {
  const { faults, problems } = aimed([fault], topology, target)
  expect(faults[0]?.target).toBe(fault.target)
  expect(problems).toHaveLength(1)
  return problems[0]
}

describe('a target that is named', () => {
  it.each([
    [worker, 'cx-worker-ha', 'worker-a', 'node:worker-a'],
    [worker, 'cx-worker-ha', 'another-worker', 'another-worker'],
    [worker, 'cx-worker-ha-metallb', 'reporting', 'node:reporting'],
    [worker, 'cx-worker-ha-metallb', 'worker-with-reporting', 'worker-with-reporting'],
    [controlPlane, 'kubeadm-stacked', 'etcd-follower', 'etcd-follower'],
    // A node comes before a role of the same name.
    [controlPlane, 'cx-worker-ha', 'control-plane', 'node:control-plane'],
    [controlPlane, 'kubeadm-stacked', 'control-plane', 'control-plane'],
    [eject, 'k0s-three-zones', 'etcd-leader', 'etcd-leader'],
    // Here the controllers are the workers.
    [worker, 'k0s-three-zones', 'k0s-at-vie-1', 'node:k0s-at-vie-1'],
    [cut, 'cx-worker-ha', 'site-b/site-a', 'link:site-b/site-a'],
  ])('takes the place of the role: %o on %s, %s', (fault, topology, target, expected) => {
    expect(targetOf(fault, topology, target)).toBe(expected)
  })

  it('may be the load balancer where that is what the scenario hits', () => {
    const balancer: FaultPlan = { ...worker, target: 'load-balancer' }
    expect(targetOf(balancer, 'kubeadm-stacked', 'cka-hap-1')).toBe('node:cka-hap-1')
    expect(problemOf(balancer, 'kubeadm-stacked', 'cka-cp-1')).toBe(
      "--target cka-cp-1: 'drill' hits a load-balancer, and this is a control-plane (cka-hap-1, load-balancer)",
    )
    expect(problemOf(worker, 'kubeadm-stacked', 'cka-hap-1')).toContain('this is a load-balancer')
    expect(problemOf(balancer, 'cx-worker-ha', 'load-balancer')).toContain('no such node')
  })

  it('is hit by the first fault that is no intervention', () => {
    const { faults } = aimed([eject, worker, controlPlane], 'cx-worker-ha', 'worker-b')
    expect(faults.map(({ target }) => target)).toEqual([
      ...['etcd-follower', 'node:worker-b', 'etcd-leader'],
    ])
  })

  it.each([
    [worker, 'control-plane', 'hits a worker, and this is a control-plane'],
    [worker, 'etcd-leader', 'hits a worker, and this is a control-plane'],
    [controlPlane, 'worker-a', 'hits a control-plane, and this is a worker'],
    [worker, 'site-a', 'hits a worker, and there is also a control-plane'],
    [eject, 'site-a', 'does something to one node, and this is a site'],
    [worker, 'wrker-a', "has no such node, site or role; did you mean 'worker-a'?"],
    [worker, 'hit-node', 'has no such node, site or role'],
    [worker, 'worker-with-reporting', 'has no such node, site or role'],
    [controlPlane, 'etcd-follower', 'has no such node, site or role'],
    [cut, 'worker-a', '(site-a/site-b, site-b/site-a)'],
  ])('is refused where it does not fit: %o, %s', (fault, target, problem) => {
    expect(problemOf(fault, 'cx-worker-ha', target)).toContain(problem)
  })

  it('that is unknown brings all that would fit, and no other', () => {
    expect(problemOf(worker, 'cx-worker-ha', 'nobody-at-all')).toBe(
      "--target nobody-at-all: topology 'cx-worker-ha' has no such node, site or role (worker-a, worker-b, site-b, worker-with-database, worker-with-page, another-worker, worker-at-another-site, floating-ip-holder)",
    )
  })
})

describe('a site', () => {
  const site: FaultPlan = { ...worker, target: 'site:site-a', after: ['api-lost'] }

  it('is hit node by node, control planes too, all at once', () => {
    const { faults, problems } = aimed([site], 'cx-worker-ha')
    expect(problems).toEqual([])
    const common = { kind: 'power.kill', after: ['api-lost'], group: 'power' }
    expect(faults).toEqual([
      { ...common, id: 'power-control-plane', target: 'node:control-plane' },
      { ...common, id: 'power-worker-a', target: 'node:worker-a' },
    ])
  })

  it('keeps the group that its fault had', () => {
    const { faults } = aimed([{ ...site, group: 'both' }], 'cx-worker-ha')
    expect(faults.map(({ group }) => group)).toEqual(['both', 'both'])
  })

  it('may be named, also where the scenario hits another', () => {
    const { faults, problems } = aimed([site], 'cx-worker-ha', 'site-b')
    expect(problems).toEqual([])
    expect(faults.map(({ id, target }) => [id, target])).toEqual([
      ['power-worker-b', 'node:worker-b'],
    ])
  })

  it.each([
    ['site:site-c', 'no such site, or no node there'],
    ['node:worker-z', 'no such node'],
    ['link:site-a/site-z', 'no such link'],
  ] as const)('or node that is not there is a problem of the scenario: %s', (target, text) => {
    const { problems } = aimed([{ ...worker, target }], 'cx-worker-ha')
    expect(problems).toEqual([
      `fault 'power' is aimed at '${target}': topology 'cx-worker-ha' has ${text}`,
    ])
  })
})
