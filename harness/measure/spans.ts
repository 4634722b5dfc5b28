/**
 * The parts of a run, and what each vantage saw of the requests begun in them. Parts are closed
 * at their start and open at their end, so that no request is counted in two neighbours.
 */
import type { Span, SpanCount } from '../model/claim.ts'
import type { Sample } from '../model/vantage.ts'
import type { History } from './history.ts'
import type { Moments, PrimaryMoments } from './moments.ts'

function countIn(
  vantage: string,
  samples: readonly Sample[],
  bounds: { fromMs: number; toMs: number; slowMs: number },
): SpanCount {
  const inside = samples.filter(
    ({ sentAtMs }) => sentAtMs >= bounds.fromMs && sentAtMs < bounds.toMs,
  )
  return {
    vantage,
    samples: inside.length,
    failed: inside.filter((sample) => !sample.ok).length,
    slow: inside.filter((sample) => sample.ok && sample.latencyMs > bounds.slowMs).length,
    late: inside.filter((sample) => sample.ok && sample.sentAtMs + sample.latencyMs > bounds.toMs)
      .length,
    worstMs:
      inside.length === 0
        ? null
        : inside.reduce((worst, sample) => Math.max(worst, sample.latencyMs), 0),
  }
}

/** `samples` by vantage, each sorted by `sentAtMs`. */
export function spansOf(
  samples: ReadonlyMap<string, readonly Sample[]>,
  moments: Moments,
  history: History,
  slowMs: number,
): Span[] {
  const { startMs, fault, faults } = moments
  // The last request may have been begun at the very end.
  const endMs = moments.endMs + 1
  const part = (name: Span['name'], fromMs: number, toMs: number): Span => ({
    name,
    fromMs,
    toMs,
    counts: [...samples].map(([vantage, rows]) => countIn(vantage, rows, { fromMs, toMs, slowMs })),
  })
  if (fault === null) return [part('baseline', startMs, endMs)]

  const { injectedAtMs, heldFromMs, healFromMs } = fault
  const firstMs = Math.min(...faults.map((one) => one.injectedAtMs))
  const downMs = ejectedAtMs(history, fault)
  const ejection =
    downMs === null
      ? []
      : [part('before-ejection', injectedAtMs, downMs), part('after-ejection', downMs, healFromMs)]
  return [
    part('baseline', startMs, firstMs),
    part('away', injectedAtMs, healFromMs),
    part('held', heldFromMs, healFromMs),
    ...ejection,
    ...faults.map((one) => part(`during:${one.record.id}`, one.heldFromMs, one.overMs)),
    part('healed', healFromMs, endMs),
  ].sort((a, b) => a.fromMs - b.fromMs)
}

/** When the load balancer had taken out all that it took out of what was hit; null: nothing. */
function ejectedAtMs(history: History, fault: PrimaryMoments): number | null {
  const { injectedAtMs: afterMs, healFromMs: untilMs } = fault
  const down = fault.group.flatMap(
    ({ node }) => history.first('lb-down', { subject: node, afterMs, untilMs })?.atMs ?? [],
  )
  return down.length === 0 ? null : Math.max(...down)
}
