/**
 * Samples of one vantage → its outages, as intervals. A sample speaks of the instant it was
 * sent, so an outage begins between the last good and the first bad one, and ends between the
 * last bad and the first good. Refuses to call an outage ended before good samples have followed
 * without a miss for `joinMs`.
 */
import type { Outage } from '../model/record.ts'
import type { Interval } from '../model/units.ts'
import type { Sample } from '../model/vantage.ts'

/**
 * A load balancer that still hands every third connection to a dead server gives a client good
 * answers in runs of two, ten or so by chance. Twenty good ones in a row happen by chance with a
 * probability of (2/3)^20, three in ten thousand, and at twenty probes a second take one second;
 * that is also shorter than any two failures that a person would tell apart.
 */
const joinProbes = 20
const joinMsMin = 1_000

/** How long a vantage must stay good for its outage to be over, from the time between probes. */
export function joinMsOf(intervalMs: number): number {
  return Math.max(joinMsMin, joinProbes * intervalMs)
}

interface OpenOutage {
  startMs: Interval
  lastBadMs: number
  /** Earliest good sample since the last bad one. */
  goodSinceMs: number | null
  failed: number
  /** Up to the last bad one. */
  probes: number
  goodPending: number
  darkMs: Interval
  /** Start of the present stretch without a good sample: last good before it, first bad in it. */
  darkFromMs: Interval
}

/** `lower` never below zero: two instants that may be one. */
function span(from: Interval, to: Interval): Interval {
  return [Math.max(0, to[0] - from[1]), Math.max(0, to[1] - from[0])]
}

function longer(a: Interval, b: Interval): Interval {
  return b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a
}

function close(open: OpenOutage, endMs: Interval, ended: boolean): Outage {
  return {
    startMs: open.startMs,
    endMs,
    durationMs: span(open.startMs, endMs),
    failed: open.failed,
    probes: open.probes,
    darkMs: open.darkMs,
    ended,
  }
}

/**
 * Outages in order of time. `samples` are of one vantage, sorted by `sentAtMs`; `fromMs` and
 * `toMs` bound the run. One that was not over by `toMs` has `ended: false` and an `endMs` between
 * its last bad sample and `toMs`: its duration is at least so long.
 */
export function outagesOf(
  samples: readonly Sample[],
  bounds: { fromMs: number; toMs: number; joinMs: number },
): Outage[] {
  const outages: Outage[] = []
  let lastGoodMs = bounds.fromMs
  let open: OpenOutage | null = null
  for (const { sentAtMs, ok } of samples) {
    if (open === null) {
      if (ok) lastGoodMs = sentAtMs
      else {
        const startMs: Interval = [Math.min(lastGoodMs, sentAtMs), sentAtMs]
        open = {
          startMs,
          lastBadMs: sentAtMs,
          goodSinceMs: null,
          failed: 1,
          probes: 1,
          goodPending: 0,
          darkMs: [0, 0],
          darkFromMs: startMs,
        }
      }
    } else if (ok) {
      if (open.goodSinceMs === null) {
        open.goodSinceMs = sentAtMs
        open.darkMs = longer(open.darkMs, span(open.darkFromMs, [open.lastBadMs, sentAtMs]))
      }
      open.goodPending += 1
      lastGoodMs = sentAtMs
      if (sentAtMs - open.goodSinceMs >= bounds.joinMs) {
        outages.push(close(open, [open.lastBadMs, open.goodSinceMs], true))
        open = null
      }
    } else {
      if (open.goodSinceMs !== null) open.darkFromMs = [lastGoodMs, sentAtMs]
      open.failed += 1
      open.probes += open.goodPending + 1
      open.goodPending = 0
      open.goodSinceMs = null
      open.lastBadMs = sentAtMs
    }
  }
  if (open !== null) {
    const endMs: Interval = [open.lastBadMs, Math.max(open.lastBadMs, bounds.toMs)]
    if (open.goodSinceMs === null) {
      open.darkMs = longer(open.darkMs, span(open.darkFromMs, endMs))
    }
    outages.push(close(open, endMs, false))
  }
  return outages
}
