/**
 * A chain of links without a gap: each from where the one before ended, and how long each timer
 * was waited for in all of them.
 */
import type { Wait } from './found-step.ts'

/** A link before it has a share. `person`: it lasted until somebody did something. */
export interface ChainLink {
  name: string
  fromMs: number
  toMs: number
  cause: string
  wait: Wait | null
  person: boolean
}

export const lengthOf = ({ fromMs, toMs }: ChainLink): number => toMs - fromMs

/** Each from where the one before ended; what took no time is left out. */
export function joined(links: readonly ChainLink[], fromMs: number): ChainLink[] {
  let atMs = fromMs
  return links.flatMap((link) => {
    const one = { ...link, fromMs: atMs, toMs: Math.max(atMs, link.toMs) }
    atMs = one.toMs
    return lengthOf(one) > 0 ? [one] : []
  })
}

/** How long each timer was waited for, longest first. */
export function waitsOf(links: readonly ChainLink[]): { wait: Wait; ms: number }[] {
  const byTimer = new Map<string, { wait: Wait; ms: number }>()
  for (const link of links) {
    if (link.wait === null) continue
    const known = byTimer.get(link.wait.timer)
    byTimer.set(link.wait.timer, { wait: link.wait, ms: (known?.ms ?? 0) + lengthOf(link) })
  }
  return [...byTimer.values()].toSorted((a, b) => b.ms - a.ms)
}
