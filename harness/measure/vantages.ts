/**
 * Samples of one vantage → what it saw: availability from the injection to the end of the run,
 * errors by class, latency of the good answers, and its outages over the whole run.
 */
import type { Outage, VantageMeasure } from '../model/record.ts'
import type { Sample, Vantage } from '../model/vantage.ts'
import { joinMsOf, outagesOf } from './outages.ts'

/** The nearest-rank percentile of ascending values; `fraction` from 0 to 1. */
function percentile(ascending: readonly number[], fraction: number): number {
  const rank = Math.max(1, Math.ceil(fraction * ascending.length))
  return ascending[rank - 1] ?? 0
}

const waitedFor = ({ sentAtMs, latencyMs }: Sample, healMs: number | null): boolean =>
  healMs !== null && sentAtMs < healMs && sentAtMs + latencyMs > healMs

export interface RunBounds {
  startMs: number
  injectedAtMs: number
  /** Null: nothing was healed. */
  healFromMs: number | null
  endMs: number
  slowMs: number
}

/** What recovery and outage are made of, without the figures that only a report shows. */
export type VantageOutages = Pick<
  VantageMeasure,
  'id' | 'kind' | 'throughNode' | 'connection' | 'samples' | 'outages'
>

/** As `measureVantage`, of its outages alone. */
export function measureOutages(
  vantage: Vantage,
  samples: readonly Sample[],
  bounds: RunBounds,
): VantageOutages {
  const { id, kind, throughNode, connection } = vantage
  const first = samples.findIndex((sample) => sample.sentAtMs >= bounds.injectedAtMs)
  return {
    ...{ id, kind, throughNode, connection },
    samples: first < 0 ? 0 : samples.length - first,
    outages: outagesSeen(vantage, samples, bounds),
  }
}

const outagesSeen = (
  { intervalMs }: Vantage,
  samples: readonly Sample[],
  { startMs, endMs }: RunBounds,
): Outage[] => outagesOf(samples, { fromMs: startMs, toMs: endMs, joinMs: joinMsOf(intervalMs) })

/**
 * `samples` are this vantage's, sorted by `sentAtMs`. Counts, errors and latency speak of the
 * requests begun at or after `injectedAtMs`. Availability without a single sample is 0.
 */
export function measureVantage(
  vantage: Vantage,
  samples: readonly Sample[],
  bounds: RunBounds,
): VantageMeasure {
  const since = samples.filter((sample) => sample.sentAtMs >= bounds.injectedAtMs)
  const good = since.filter((sample) => sample.ok)
  const latencies = good.map((sample) => sample.latencyMs).sort((a, b) => a - b)
  const errors: Record<string, number> = {}
  for (const sample of since) {
    if (sample.ok) continue
    const kind = sample.error ?? 'unknown'
    errors[kind] = (errors[kind] ?? 0) + 1
  }
  return {
    id: vantage.id,
    kind: vantage.kind,
    through: vantage.through,
    throughNode: vantage.throughNode,
    connection: vantage.connection,
    samples: since.length,
    failed: since.length - good.length,
    slow: latencies.filter((latencyMs) => latencyMs > bounds.slowMs).length,
    late: good.filter((sample) => waitedFor(sample, bounds.healFromMs)).length,
    availability: since.length === 0 ? 0 : good.length / since.length,
    outages: outagesSeen(vantage, samples, bounds),
    errors,
    latencyMs:
      latencies.length === 0
        ? null
        : {
            p50: percentile(latencies, 0.5),
            p99: percentile(latencies, 0.99),
            max: latencies.at(-1) ?? 0,
          },
  }
}
