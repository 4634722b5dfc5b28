/** What a plan needs of a provider, and what of it is not there. */
import { expect, it } from 'vitest'
import type { Capability, FaultPlan } from '../../harness/model/scenario.ts'
import { missingCapabilities } from '../../harness/plan/capabilities.ts'
import { planOf } from '../support/plan-of.ts'

const stacked = planOf('kubeadm-stacked')
const balancer = stacked.topology.loadBalancer?.name
const plan = (needs: Capability[], faults: FaultPlan[]) => ({
  ...{ ...stacked, faults },
  scenario: { ...stacked.scenario, needs },
})

it('is nothing where the provider can do all that is asked', () => {
  expect(missingCapabilities(stacked, new Set(['power', 'network']))).toEqual([])
})

it('is what the scenario needs, were its faults to need nothing', () => {
  const needs = plan(['storage', 'power'], [])
  expect(missingCapabilities(needs, new Set(['power']))).toEqual(['storage'])
})

it.each([
  [{ id: 'a', kind: 'power.kill', target: 'control-plane' }, ['power']],
  [{ id: 'a', kind: 'process.kubelet-stop', target: 'control-plane' }, ['process']],
  [{ id: 'a', kind: 'network.cut', target: 'link:a/b' }, ['network']],
  [{ id: 'a', kind: 'power.stop', target: 'load-balancer' }, ['power', 'loadBalancer']],
  [{ id: 'a', kind: 'power.stop', target: `node:${balancer}` }, ['power', 'loadBalancer']],
  [{ id: 'a', kind: 'power.kill', target: 'floating-ip-holder' }, ['power', 'floatingIp']],
  [{ id: 'a', kind: 'power.reboot', target: 'etcd-follower' }, ['power', 'etcd']],
  [{ id: 'a', kind: 'operator.eject', target: 'etcd-leader' }, ['etcd']],
  [{ id: 'a', kind: 'operator.pod-delete', target: 'worker-with-database' }, []],
] as [FaultPlan, Capability[]][])('is what a fault and its target need: %o', (fault, needs) => {
  expect(missingCapabilities(plan([], [fault, { ...fault, id: 'b' }]), new Set())).toEqual(needs)
})
