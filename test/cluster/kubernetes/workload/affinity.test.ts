/** What a topology says of room and placement stands in the pod specs of a real cluster. */
import { describe, expect, it } from 'vitest'
import { hostKey, type Placement, regionKey, zoneKey } from '../../../../harness/model/placement.ts'
import type { Component } from '../../../../harness/model/topology.ts'
import { inputFor, topologyNamed, workloadOf } from './input.ts'

function podSpecOf(component: Component, placement: Placement, topology = 'cx-worker-ha') {
  const usual = topologyNamed(topology)
  const workload = { ...usual.workload, placement: { [component]: placement } }
  const { named } = workloadOf(inputFor({ ...usual, workload }))
  return named('Deployment', component).spec.template.spec
}

describe('what a part asks for', () => {
  it('is little where nothing is said, and what is said otherwise', () => {
    const requests = (placement: Placement) => podSpecOf('page', placement).containers[0].resources
    expect(requests({})).toEqual({ requests: { cpu: '10m', memory: '32Mi' } })
    expect(requests({ requests: { cpuMillis: 1_500, memoryBytes: 2 ** 30 } })).toEqual({
      requests: { cpu: '1500m', memory: '1024Mi' },
    })
    expect(requests({ requests: { cpuMillis: 1, memoryBytes: 1_000_000 } })).toEqual({
      requests: { cpu: '1m', memory: '1000000' },
    })
  })
})

describe('where a part runs', () => {
  it('is spread over the nodes where nothing is said, and has no affinity', () => {
    const { topologySpreadConstraints, affinity } = podSpecOf('page', {})
    expect(topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: hostKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        nodeTaintsPolicy: 'Honor',
        labelSelector: { matchLabels: { 'clusterdrill.dev/component': 'page' } },
        matchLabelKeys: ['pod-template-hash'],
      },
    ])
    expect(affinity).toBeUndefined()
  })

  it('is spread as the topology says', () => {
    const { topologySpreadConstraints } = podSpecOf('page', {
      spread: [
        { maxSkew: 2, topologyKey: zoneKey, whenUnsatisfiable: 'DoNotSchedule' },
        { maxSkew: 1, topologyKey: hostKey, whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    })
    expect(topologySpreadConstraints).toMatchObject([
      { maxSkew: 2, topologyKey: zoneKey, whenUnsatisfiable: 'DoNotSchedule' },
      { maxSkew: 1, topologyKey: hostKey, whenUnsatisfiable: 'ScheduleAnyway' },
    ])
  })

  it('asks all required terms of one node, and weighs each preferred one', () => {
    const { affinity } = podSpecOf('page', {
      nodeAffinity: {
        required: [
          { key: zoneKey, values: ['site-a', 'site-b'] },
          { key: regionKey, values: ['cx'] },
        ],
        preferred: [{ weight: 7, term: { key: zoneKey, values: ['site-a'] } }],
      },
    })
    expect(affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: zoneKey, operator: 'In', values: ['site-a', 'site-b'] },
                { key: regionKey, operator: 'In', values: ['cx'] },
              ],
            },
          ],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 7,
            preference: {
              matchExpressions: [{ key: zoneKey, operator: 'In', values: ['site-a'] }],
            },
          },
        ],
      },
    })
  })

  it('finds pods of other parts in the namespaces where they lie', () => {
    const { affinity } = podSpecOf(
      'page',
      {
        podAffinity: {
          preferred: [{ weight: 10, term: { component: 'database', topologyKey: zoneKey } }],
        },
        podAntiAffinity: { required: [{ component: 'page', topologyKey: hostKey }] },
      },
      'cx-worker-ha-metallb',
    )
    const near = (component: string, topologyKey: string, namespace: string) => ({
      topologyKey,
      labelSelector: { matchLabels: { 'clusterdrill.dev/component': component } },
      namespaces: [namespace],
    })
    expect(affinity).toEqual({
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, podAffinityTerm: near('database', zoneKey, 'ef-external') },
        ],
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [near('page', hostKey, 'expertflow')],
      },
    })
  })
})
