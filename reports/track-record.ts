/** Predictions beside what was measured: a table in Markdown, which a terminal shows as well. */
import type { TrackedRun, TrackRecord } from '../harness/model/track-record.ts'
import { formatInterval, formatMs, type Interval } from '../harness/model/units.ts'
import { harmless } from './terminal-text.ts'

const heads = ['drill', 'pace', 'measured', 'the model said', 'median', '', 'error'] as const

/** Without a line feed at its end. */
export function renderTrackRecord({ runs, judged }: TrackRecord): string {
  const { inside, medianError } = judged
  const others = runs.filter(({ calibration }) => calibration)
  const share = judged.runs === 0 ? '' : ` (${percent(inside / judged.runs)})`
  const error = medianError === null ? '' : `; median error ${percent(medianError)}`
  return [
    `Measured inside what was predicted: ${inside} of ${judged.runs} live runs${share} on ${judged.topologies} ${judged.topologies === 1 ? 'topology' : 'topologies'}${error}.`,
    `${judged.before} of them were predicted before they were played, the others afterwards, by the model as it is now; none of them calibrated it.`,
    '',
    ...table(runs.filter(({ calibration }) => !calibration)),
    ...(others.length === 0
      ? []
      : ['', 'The model was calibrated in these, so they do not count:', '', ...table(others)]),
  ].join('\n')
}

function table(runs: readonly TrackedRun[]): string[] {
  const rows = [heads, ...runs.map(cellsOf)]
  const widths = heads.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = heads, ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)]
}

function cellsOf(run: TrackedRun): string[] {
  const { topology, scenario, target, pace, measuredMs, predictedMs, medianMs, error } = run
  const drill = [topology, scenario, ...(target ? [target] : [])].join('/')
  return [
    harmless(drill).replaceAll('|', '\\|'),
    pace,
    outage(measuredMs),
    predictedMs === null ? 'nothing' : outage(predictedMs),
    medianMs === null ? '' : formatMs(medianMs),
    missText(run),
    error === null ? '' : percent(error),
  ]
}

const outage = (interval: Interval): string =>
  interval[1] === 0 ? 'none' : formatInterval(interval)

function missText({ inside, missedByMs, predictedMs, before }: TrackedRun): string {
  if (predictedMs === null) return '✗ no prediction'
  const when = before ? '' : ', said afterwards'
  if (inside) return `✓ inside${when}`
  return `✗ ${formatMs(Math.abs(missedByMs))} ${missedByMs > 0 ? 'longer' : 'shorter'}${when}`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
