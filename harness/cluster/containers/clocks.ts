/**
 * How far the clocks of the nodes are from the session's. A look takes time, and the node's clock
 * was read somewhere in it: hence bounds, and no figure. A node that cannot be asked is left out.
 */
import type { Clock } from '../../model/clock.ts'
import type { NodeClock } from '../../model/record.ts'
import type { Engine } from './engine.ts'
import type { OwnedNode } from './ownership.ts'

/** A session knows the time of day at which it began to the millisecond, cut off below. */
const originMs = 1

/** All nodes at once; in the order given. */
export async function clocksOf(
  engine: Pick<Engine, 'docker'>,
  nodes: readonly Pick<OwnedNode, 'name' | 'container'>[],
  clock: Clock,
): Promise<NodeClock[]> {
  const seen = await Promise.all(
    nodes.map(async ({ name, container }): Promise<NodeClock | null> => {
      try {
        const beforeMs = clock.nowMs()
        const said = await engine.docker(['exec', container, 'date', '+%s %N'])
        const afterMs = clock.nowMs()
        const read = readingIn(said)
        if (!read) return null
        const lower = clock.fromEpochMs(read.epochMs) - originMs - afterMs
        const upper = clock.fromEpochMs(read.epochMs) + read.widthMs - beforeMs
        return { node: name, aheadMs: [lower, upper] }
      } catch {
        return null
      }
    }),
  )
  return seen.filter((each) => each !== null)
}

/**
 * `1764000000 123456789` → the epoch time in milliseconds. A `date` that knows no nanoseconds
 * (busybox) tells the second alone, so the clock was anywhere in it. Null for anything else.
 */
export function readingIn(said: string): { epochMs: number; widthMs: number } | null {
  const [, seconds, nanoseconds] = /^(\d+) (\d{9})?/.exec(said.trim()) ?? []
  if (seconds !== undefined && nanoseconds !== undefined) {
    return { epochMs: Number(seconds) * 1_000 + Number(nanoseconds) / 1e6, widthMs: 0 }
  }
  const [, second] = /^(\d+)\b/.exec(said.trim()) ?? []
  return second === undefined ? null : { epochMs: Number(second) * 1_000, widthMs: 1_000 }
}
