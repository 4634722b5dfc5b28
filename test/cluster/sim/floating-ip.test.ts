/** Who answers for the floating IP in the model, where it is shared without the API. */
import { describe, expect, test } from 'vitest'
import type { Machine } from '../../../harness/cluster/sim/machines.ts'
import { modelOf } from './model.ts'

const model = (seed = 1) => {
  const made = modelOf({ topology: 'cx-worker-ha-metallb', seed })
  const { machines, floatingIp } = made.cluster
  if (!floatingIp) throw new Error('no floating IP')
  return {
    ...made,
    machines,
    names: () => floatingIp.owners.map(({ name }) => name),
    holder: floatingIp.owners[0] as Machine,
  }
}

describe('keepalived', () => {
  test('takes over after three silent seconds, and one that comes back takes nothing', () => {
    const { cluster, machines, holder, names, pass } = model()
    expect(holder.name).toBe('worker-a')
    machines.take(holder, 'off')
    pass(2_400)
    expect(names()).toEqual([])
    pass(1_200)
    expect(names()).toEqual(['worker-b'])
    cluster.powerOn(holder)
    for (let second = 0; second < 120; second += 1) {
      pass(1_000)
      expect(names()).toEqual(['worker-b'])
    }
  })

  test('has two owners while the sites do not see each other, and one again at once', () => {
    const { machines, names, pass } = model()
    for (const [from, to] of [['site-a', 'site-b'] as const, ['site-b', 'site-a'] as const])
      machines.cut(from, to, true)
    pass(4_000)
    expect(names()).toEqual(['worker-a', 'worker-b'])
    for (const [from, to] of [['site-a', 'site-b'] as const, ['site-b', 'site-a'] as const])
      machines.cut(from, to, false)
    pass(1)
    expect(names()).toEqual(['worker-a'])
  })
})
