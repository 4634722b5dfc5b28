/** Who answers for the floating IP in the model, where it is shared without the API. */
import { describe, expect, test } from 'vitest'
import type { Machine } from '../../../harness/cluster/sim/machines.ts'
import { sharedByMemberlist } from '../../../harness/model/memberlist.ts'
import { modelOf, type Shape } from './model.ts'

const model = (shape: Shape = {}) => {
  const made = modelOf({ topology: 'cx-worker-ha-metallb', ...shape })
  const { machines, floatingIp } = made.cluster
  if (!floatingIp) throw new Error('no floating IP')
  return {
    ...made,
    machines,
    cut: (cut: boolean) => {
      machines.cut('site-a', 'site-b', cut)
      machines.cut('site-b', 'site-a', cut)
    },
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
    const { cut, names, pass } = model()
    cut(true)
    pass(4_000)
    expect(names()).toEqual(['worker-a', 'worker-b'])
    cut(false)
    pass(1)
    expect(names()).toEqual(['worker-a'])
  })
})

describe("MetalLB's memberlist", () => {
  const gossip = (seed = 1) => model({ change: sharedByMemberlist, seed })
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

  test('takes over 5 to 7 s after its holder lost its power', () => {
    const tookMs = seeds.map((seed) => {
      const { machines, holder, pass, toldAtMs } = gossip(seed)
      machines.take(holder, 'off')
      pass(10_000)
      return toldAtMs('floating-ip-owner', 'floating IP', /^worker-b$/) ?? Number.NaN
    })
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(5_000)
    expect(Math.min(...tookMs)).toBeLessThan(5_500)
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(7_000)
    expect(Math.max(...tookMs)).toBeGreaterThan(6_500)
  })

  test('gives the address back to one that returns, once its speaker runs, and nobody is missed', () => {
    const { cluster, machines, holder, events, names, pass } = gossip()
    machines.take(holder, 'off')
    pass(60_000)
    cluster.powerOn(holder)
    pass(4_000)
    expect(names()).toEqual(['worker-b'])
    pass(60_000)
    expect(names()).toEqual(['worker-a'])
    const told = events.filter(({ name }) => name === 'floating-ip-owner')
    expect(told.map(({ detail }) => detail)).toEqual(['worker-a', 'nobody', 'worker-b', 'worker-a'])
  })

  test('has two owners in a cut, and for up to a minute after it', () => {
    const longestMs = seeds.map((seed) => {
      const { cut, names, pass } = gossip(seed)
      cut(true)
      pass(7_000)
      expect(names()).toEqual(['worker-a', 'worker-b'])
      cut(false)
      pass(1)
      expect(names()).toHaveLength(2)
      let secondsBoth = 0
      for (; names().length === 2; secondsBoth += 1) pass(1_000)
      expect(names()).toEqual(['worker-a'])
      return secondsBoth * 1_000
    })
    expect(Math.max(...longestMs)).toBeGreaterThan(30_000)
    expect(Math.max(...longestMs)).toBeLessThanOrEqual(60_000)
  })

  test('needs no API', () => {
    const { machines, names, pass } = gossip()
    machines.take(machines.get('control-plane'), 'off')
    pass(120_000)
    expect(names()).toEqual(['worker-a'])
  })
})
