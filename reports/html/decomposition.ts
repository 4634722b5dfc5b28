/**
 * Where the time went: reaction, repair, recovery and outage as bars with their bounds, the
 * model's interval beside the outage, and the chain of steps as a waterfall on the same scale.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import { figuresOf, judgedOutages, originMs } from '../figures.ts'
import { type Markup, markup } from './escape.ts'
import { type Frame, fitted, type Scale, scaleOf, tickLabel, ticksOf } from './scale.ts'
import { orderedSteps } from './timeline.ts'

interface Row {
  label: string
  says: string
  value: string
  title: string
  /** Since the fault: begins, certainly lasts to, may last to. Null: there is nothing to draw. */
  bar: { fromMs: number; lowerMs: number; upperMs: number } | null
  kind: string
}

const wideLabelPx = 290
const wideValuePx = 170

function figureRows(record: RunRecord): Row[] {
  const first = judgedOutages(record)[0]
  const startMs = first === undefined ? 0 : Math.max(0, first.startMs[1] - originMs(record))
  const bar = (ms: Interval, fromMs: number): Row['bar'] => ({
    fromMs,
    lowerMs: fromMs + ms[0],
    upperMs: fromMs + ms[1],
  })
  const rows = figuresOf(record).map(({ name, says, ms, text }) => ({
    label: name,
    says,
    value: text,
    title: `${name}, ${says}: ${text}`,
    bar: ms === null ? null : bar(ms, name === 'Outage' ? startMs : 0),
    kind: name.toLowerCase(),
  }))
  if (record.prediction === null) return rows
  const value = formatInterval(record.prediction.outageMs)
  const title = `Outage that the model predicts: ${value}`
  const predicted = { label: 'Model', says: 'outage it predicts', value, title, kind: 'model' }
  return [...rows, { ...predicted, bar: bar(record.prediction.outageMs, startMs) }]
}

function stepRows(record: RunRecord): Row[] {
  let beforeMs = 0
  return orderedSteps(record).map((step, index) => {
    const fromMs = Math.min(beforeMs, step.sinceFaultMs)
    const tookMs = step.sinceFaultMs - beforeMs
    beforeMs = step.sinceFaultMs
    return {
      label: `${index + 1} ${step.name}`,
      says: '',
      value: `+${formatMs(Math.max(0, tookMs))} → ${formatMs(step.sinceFaultMs)}`,
      title: `${step.name} at ${formatMs(step.sinceFaultMs)}: ${step.cause}`,
      bar: { fromMs, lowerMs: step.sinceFaultMs, upperMs: step.sinceFaultMs },
      kind: 'waterfall',
    }
  })
}

function drawnBar(bar: NonNullable<Row['bar']>, kind: string, scale: Scale, yPx: number): Markup {
  const [fromPx, lowerPx, upperPx] = [bar.fromMs, bar.lowerMs, bar.upperMs].map(scale.toPx) as [
    number,
    number,
    number,
  ]
  const doubt =
    upperPx - lowerPx < 0.5
      ? null
      : markup`<rect class="bar-doubt ${kind}" x="${lowerPx}" y="${yPx}" width="${upperPx - lowerPx}" height="14"/>`
  return markup`<rect class="bar ${kind}" x="${fromPx}" y="${yPx}" width="${Math.max(2, lowerPx - fromPx)}" height="14" rx="1.5"/>${doubt}`
}

function chart(
  rows: readonly Row[],
  frame: Frame,
  untilMs: number,
  name: string,
  describe: string,
) {
  const stacked = frame.name === 'narrow'
  const scale = scaleOf(
    [0, untilMs],
    stacked ? 2 : wideLabelPx,
    frame.widthPx - (stacked ? 2 : wideValuePx),
  )
  const rowPx = stacked ? 40 : 27
  const endPx = rows.length * rowPx + 4
  const ticks = ticksOf([0, untilMs], (scale.untilPx - scale.fromPx) / (stacked ? 60 : 80))
  const grid = ticks.map((ms) => {
    const x = scale.toPx(ms)
    const anchor = stacked && x < 16 ? 'start' : x > frame.widthPx - 20 ? 'end' : 'middle'
    return markup`<path class="grid" d="M${x} 0V${endPx}"/><text class="small muted" x="${x}" y="${endPx + 15}" text-anchor="${anchor}">${tickLabel(ms)}</text>`
  })
  const drawn = rows.map((row, index) => {
    const topPx = index * rowPx
    const textPx = topPx + (stacked ? 14 : 18)
    const says =
      stacked || row.says === '' ? null : markup` <tspan class="muted small">${row.says}</tspan>`
    const labelPx = stacked ? frame.widthPx * 0.55 : wideLabelPx - 10
    return markup`<g><title>${row.title}</title><text x="${stacked ? 2 : 0}" y="${textPx}"><tspan class="strong">${fitted(row.label, labelPx)}</tspan>${says}</text>
${row.bar === null ? null : drawnBar(row.bar, row.kind, scale, stacked ? topPx + 20 : topPx + 6)}
<text class="value" x="${frame.widthPx - 2}" y="${textPx}" text-anchor="end">${row.value}</text></g>`
  })
  const id = `${name}-${frame.name}`
  return markup`<svg class="${frame.name}" viewBox="0 0 ${frame.widthPx} ${endPx + 22}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${describe}</title><desc id="${id}-desc">${rows.map((row) => `${row.label}: ${row.value}. `)}</desc>
${grid}${drawn}</svg>`
}

function longestMs(record: RunRecord): number {
  const uppers = [...figureRows(record), ...stepRows(record)].flatMap(({ bar }) =>
    bar === null ? [] : [bar.upperMs],
  )
  return Math.max(1, ...uppers)
}

/** The four figures of recovery as bars from the fault on: solid to the lower bound, light to the upper. */
export function recoveryFigures(record: RunRecord, frame: Frame): Markup {
  return chart(figureRows(record), frame, longestMs(record), 'figures', 'Figures of recovery')
}

/** The steps between fault and recovery, each bar beginning where the one before ended. */
export function stepWaterfall(record: RunRecord, frame: Frame): Markup {
  return chart(
    stepRows(record),
    frame,
    longestMs(record),
    'steps',
    'Chain of steps since the fault',
  )
}
