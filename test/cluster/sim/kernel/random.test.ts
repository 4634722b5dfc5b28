/** Streams of chance: the same from the same seed and name, and apart from each other. */
import { expect, test } from 'vitest'
import { between, oneOf, streamOf } from '../../../../harness/cluster/sim/kernel/random.ts'

const taken = (seed: number, name: string, many: number): number[] => {
  const draw = streamOf(seed, name)
  return Array.from({ length: many }, draw)
}

test('a seed and a name give the same numbers each time', () => {
  expect(taken(7, 'etcd', 100)).toEqual(taken(7, 'etcd', 100))
})

test('the numbers of a seed are written down, so that another machine can be held against them', () => {
  expect(taken(1, 'etcd', 3)).toMatchInlineSnapshot(`
    [
      0.9840474999509752,
      0.9321175760123879,
      0.16016942099668086,
    ]
  `)
})

test('another seed or another name gives others', () => {
  const first = taken(7, 'etcd', 20)
  expect(taken(8, 'etcd', 20)).not.toEqual(first)
  expect(taken(7, 'kubelets', 20)).not.toEqual(first)
})

test('they are spread evenly, also over the first number of many seeds', () => {
  const of = (numbers: number[]) => {
    const tenths = new Array<number>(10).fill(0)
    for (const number of numbers)
      tenths[Math.floor(number * 10)] = (tenths[Math.floor(number * 10)] ?? 0) + 1
    return tenths
  }
  const one = of(taken(3, 'pods', 10_000))
  const many = of(Array.from({ length: 10_000 }, (_, seed) => streamOf(seed, 'pods')()))
  // 1,000 are expected in each; six standard deviations are 180.
  for (const count of [...one, ...many]) expect(Math.abs(count - 1_000)).toBeLessThan(180)
})

test('between and one of', () => {
  const draw = streamOf(1, 'x')
  for (let index = 0; index < 100; index += 1) {
    const number = between(draw, 5, 7)
    expect(number).toBeGreaterThanOrEqual(5)
    expect(number).toBeLessThan(7)
    expect(['a', 'b']).toContain(oneOf(draw, ['a', 'b']))
  }
  expect(() => oneOf(draw, [])).toThrow(RangeError)
})
