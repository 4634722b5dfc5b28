/**
 * Chance from a seed: the same numbers on every machine. Every part of the model draws from a stream
 * of its own, so that one that draws more often does not change what the others see.
 */

import { hashOf } from '../../../model/hash.ts'

/** Uniform in [0, 1), with 32 bits. */
export type Draw = () => number

/** splitmix32: spreads one number over the four of a state. */
function spreader(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}

/** xoshiro128** of Blackman and Vigna, seeded by `seed` and the name of the stream. */
export function streamOf(seed: number, name: string): Draw {
  const spread = spreader(hashOf(name, seed))
  let a = spread()
  let b = spread()
  let c = spread()
  let d = spread()
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result / 0x1_0000_0000
  }
}

export const between = (draw: Draw, from: number, to: number): number => from + draw() * (to - from)

/** One of them, each as likely as the others. Throws a RangeError where there is none. */
export function oneOf<T>(draw: Draw, things: readonly T[]): T {
  const chosen = things[Math.floor(draw() * things.length)]
  if (chosen === undefined) throw new RangeError('nothing to choose from')
  return chosen
}
