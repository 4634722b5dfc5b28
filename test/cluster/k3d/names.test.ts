/** What k3d calls things, and what becomes of names that are too long for it. */
import { describe, expect, it } from 'vitest'
import {
  containersOf,
  k3dName,
  labelOf,
  loadBalancerOf,
} from '../../../harness/cluster/k3d/names.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import { clusterNameOf } from '../../../harness/plan/compile.ts'
import { topologies } from '../../../topologies/index.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

describe('names', () => {
  it('of nodes are numbered by role from nought, control planes first', () => {
    expect(
      containersOf(kubeadmStacked, 'drill-x').map(({ node, container }) => [node.name, container]),
    ).toEqual([
      ['cka-cp-1', 'k3d-drill-x-server-0'],
      ['cka-cp-2', 'k3d-drill-x-server-1'],
      ['cka-cp-3', 'k3d-drill-x-server-2'],
      ['cka-wk-1', 'k3d-drill-x-agent-0'],
      ['cka-wk-2', 'k3d-drill-x-agent-1'],
      ['cka-wk-3', 'k3d-drill-x-agent-2'],
    ])
    expect(loadBalancerOf('drill-x')).toBe('k3d-drill-x-serverlb')
    expect(labelOf('drill-x')).toBe('k3d.cluster=drill-x')
  })

  it('that k3d takes are kept, and longer ones are cut and marked', () => {
    expect(k3dName('a'.repeat(32))).toBe('a'.repeat(32))
    expect(k3dName('drill-cx-worker-ha-metallb-local-brisk')).toBe(
      'drill-cx-worker-ha-metall-938358',
    )
  })

  it('of every topology are short enough and differ', () => {
    const names = topologies.flatMap(({ name }) =>
      (['documented', 'brisk'] as const).flatMap((pace) =>
        [false, true].map((changed) =>
          k3dName(clusterNameOf('k3d', name, pace, timersOf(pace), changed)),
        ),
      ),
    )
    expect(
      names.filter((name) => name.length > 32 || !/^[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(name)),
    ).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })
})
