/**
 * What the made-up runs are made of: samples from a few windows, what would be measured from them,
 * outages, steps and events. Nothing here is random.
 */
import type { DrillEvent } from '../../harness/model/event.ts'
import type { Outage, Step, VantageMeasure } from '../../harness/model/record.ts'
import type { Sample } from '../../harness/model/vantage.ts'

const intervalMs = 50

interface Window {
  fromMs: number
  toMs: number
  /** One in this many fails. */
  oneIn: number
  error: string
}

export interface View {
  id: string
  kind: VantageMeasure['kind']
  through: string
  throughNode: string | null
  connection: VantageMeasure['connection']
  latencyMs: number
  windows: Window[]
  outages: Outage[]
}

export function samplesOf(view: View, endMs: number): Sample[] {
  return Array.from({ length: Math.floor(endMs / intervalMs) }, (_, index): Sample => {
    const atMs = index * intervalMs
    const window = view.windows.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)
    const failed = window !== undefined && index % window.oneIn === 0
    return {
      vantage: view.id,
      scheduledAtMs: atMs,
      sentAtMs: atMs + (index % 7) / 10,
      latencyMs: failed ? 1_000 : view.latencyMs + (index % 11),
      ok: !failed,
      error: failed ? window.error : null,
      number: view.kind === 'save' || view.kind === 'api-write' ? index : null,
    }
  })
}

export function measured(
  view: View,
  samples: readonly Sample[],
  faultAtMs: number,
): VantageMeasure {
  const own = samples.filter(({ vantage }) => vantage === view.id)
  const after = own.filter(({ sentAtMs }) => sentAtMs >= faultAtMs)
  const failures = own.filter(({ ok }) => !ok)
  const errors: Record<string, number> = {}
  for (const { error } of failures) if (error !== null) errors[error] = (errors[error] ?? 0) + 1
  return {
    id: view.id,
    kind: view.kind,
    through: view.through,
    throughNode: view.throughNode,
    connection: view.connection,
    samples: own.length,
    failed: failures.length,
    slow: view.kind === 'save' ? 3 : 0,
    availability: after.filter(({ ok }) => ok).length / after.length,
    outages: view.outages,
    errors,
    latencyMs: { p50: view.latencyMs + 5, p99: view.latencyMs + 10, max: view.latencyMs + 10 },
  }
}

export function outage(fromMs: number, toMs: number, oneIn = 1): Outage {
  const probes = Math.round((toMs - fromMs) / intervalMs)
  return {
    startMs: [fromMs - intervalMs, fromMs],
    endMs: [toMs - intervalMs, toMs],
    durationMs: [toMs - fromMs - intervalMs, toMs - fromMs + intervalMs],
    failed: Math.floor(probes / oneIn),
    probes,
    ended: true,
  }
}

export function steps(faultAtMs: number, rows: readonly [string, number, string][]): Step[] {
  return rows.map(([name, sinceFaultMs, cause]) => ({
    name,
    atMs: faultAtMs + sinceFaultMs,
    sinceFaultMs,
    cause,
  }))
}

export const event = (
  atMs: number,
  rest: Partial<DrillEvent> & Pick<DrillEvent, 'name'>,
): DrillEvent => ({
  atMs,
  source: 'api',
  subject: 'worker-b',
  node: 'worker-b',
  component: null,
  detail: '',
  ...rest,
})
