/**
 * The parts of a run, and what each vantage saw of the requests begun in them. Parts are closed
 * at their start and open at their end, so that no request is counted in two neighbours.
 */
import type { Span, SpanCount } from '../model/claim.ts'
import type { Sample } from '../model/vantage.ts'
import type { History } from './history.ts'
import type { Moments } from './moments.ts'

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
  const { startMs, fault } = moments
  // The last request may have been begun at the very end.
  const endMs = moments.endMs + 1
  const part = (name: Span['name'], fromMs: number, toMs: number): Span => ({
    name,
    fromMs,
    toMs,
    counts: [...samples].map(([vantage, rows]) => countIn(vantage, rows, { fromMs, toMs, slowMs })),
  })
  if (fault === null) return [part('baseline', startMs, endMs)]

  const { injectedAtMs, heldFromMs, healFromMs, node } = fault
  const down = history.first('lb-down', {
    subject: node,
    afterMs: injectedAtMs,
    untilMs: healFromMs,
  })
  const ejection =
    down === null
      ? []
      : [
          part('before-ejection', injectedAtMs, down.atMs),
          part('after-ejection', down.atMs, healFromMs),
        ]
  return [
    part('baseline', startMs, injectedAtMs),
    part('held', heldFromMs, healFromMs),
    ...ejection,
    part('healed', healFromMs, endMs),
  ]
}
