/**
 * The run over time: a lane for each vantage, phases behind them, faults, undos and numbered steps
 * above them, and a lane for the owner of the floating IP. Zero is the first fault. A lane's height
 * says what its colour says.
 */
import type { RunRecord, Step, VantageMeasure } from '../../harness/model/record.ts'
import { formatInterval, formatMs, type Interval } from '../../harness/model/units.ts'
import { isPartial, originMs, runSpanMs } from '../figures.ts'
import type { ReportInput } from '../input.ts'
import { faultSentence } from '../phrases.ts'
import { type LaneRun, type LaneState, laneRuns, laneRunsFromOutages } from './buckets.ts'
import { type Markup, markup } from './escape.ts'
import { ownerLane, ownerLegend } from './owner-lane.ts'
import {
  type Frame,
  fitted,
  type Scale,
  scaleOf,
  stackedRows,
  tickLabel,
  ticksOf,
} from './scale.ts'

const laneHeightPx: Record<LaneState, number> = { good: 6, partial: 12, failed: 20 }
const stepRadiusPx = 9
const rowPx = 21
const phaseRowPx = 20
/** More outages than this in one lane get no tooltip of their own: nobody could point at them. */
const tooltipsPerLane = 200

/** Steps in the order of time; their place in it is their number everywhere on the page. */
export function orderedSteps(record: RunRecord): Step[] {
  return record.recovery.steps.toSorted((a, b) => a.atMs - b.atMs)
}

interface Layout {
  frame: Frame
  scale: Scale
  span: Interval
  originMs: number
  lanesTopPx: number
  lanesEndPx: number
}

function phaseBands(record: RunRecord, { scale, lanesEndPx }: Layout): Markup[] {
  return record.phases.map(({ name, fromMs, toMs }, index) => {
    const fromPx = scale.toPx(fromMs)
    const widthPx = scale.toPx(toMs) - fromPx
    const label = name.length * 7 <= widthPx ? name : ''
    return markup`<g><title>phase ${name}: ${formatMs(toMs - fromMs)}</title>
<rect class="phase phase-${index % 2}" x="${fromPx}" y="0" width="${widthPx}" height="${lanesEndPx}"/>
<text class="small muted" x="${fromPx + widthPx / 2}" y="14" text-anchor="middle">${label}</text></g>`
  })
}

/** From a fault's taking hold to its undo, of a node and of a link alike. */
function faultShades(record: RunRecord, layout: Layout): Markup[] {
  return record.faults.map((fault) => {
    const heldMs = fault.tookHoldAtMs ?? fault.injectedAtMs
    const endMs = fault.undoneAtMs ?? layout.span[1]
    const fromPx = layout.scale.toPx(heldMs)
    return markup`<rect class="held" x="${fromPx}" y="${layout.lanesTopPx}" width="${Math.max(0, layout.scale.toPx(endMs) - fromPx)}" height="${layout.lanesEndPx - layout.lanesTopPx}"><title>${faultSentence(fault)}: held for ${formatMs(endMs - heldMs)}</title></rect>`
  })
}

interface Mark {
  atPx: number
  undo: boolean
  label: string
  title: string
}

function faultMarks(record: RunRecord, scale: Scale, origin: number, short: boolean): Mark[] {
  return record.faults
    .flatMap((fault) => {
      const at = (ms: number) => tickLabel(ms - origin)
      const hit: Mark = {
        atPx: scale.toPx(fault.injectedAtMs),
        undo: false,
        label: short ? fault.target : faultSentence(fault),
        title: `Fault ${fault.id} at ${at(fault.injectedAtMs)}: ${faultSentence(fault)} (${fault.role})`,
      }
      if (fault.undoneAtMs === null) return [hit]
      const undone: Mark = {
        atPx: scale.toPx(fault.undoneAtMs),
        undo: true,
        label: short ? 'restored' : `${fault.target} restored`,
        title: `Fault ${fault.id} undone at ${at(fault.undoneAtMs)}: ${fault.target}`,
      }
      return [hit, undone]
    })
    .toSorted((a, b) => a.atPx - b.atPx)
}

function drawnMarks(marks: readonly Mark[], layout: Layout, topPx: number): [Markup[], number] {
  const boxes = marks.map(({ atPx, label }) => {
    const widthPx = Math.min(layout.frame.widthPx, 22 + label.length * 7)
    const fromPx = Math.max(0, Math.min(atPx - 7, layout.frame.widthPx - widthPx))
    return { fromPx, untilPx: fromPx + widthPx }
  })
  const rows = stackedRows(boxes)
  const drawn = marks.map((mark, index) => {
    const y = topPx + (rows[index] ?? 0) * rowPx
    const box = boxes[index] ?? { fromPx: 0, untilPx: 0 }
    const kind = mark.undo ? 'undo' : 'fault'
    const tip = mark.undo
      ? `M${mark.atPx - 6} ${y + 12}h12l-6-10z`
      : `M${mark.atPx - 6} ${y + 2}h12l-6 10z`
    const besideTip = box.fromPx + 20 > mark.atPx + 6
    const textPx = besideTip ? Math.max(box.fromPx + 20, mark.atPx + 10) : mark.atPx - 10
    return markup`<g class="mark ${kind}"><title>${mark.title}</title>
<path class="mark-line" d="M${mark.atPx} ${y + 8}V${layout.lanesEndPx}"/><path class="mark-tip" d="${tip}"/>
<text class="mark-text" x="${textPx}" y="${y + 12}" text-anchor="${besideTip ? 'start' : 'end'}">${fitted(mark.label, layout.frame.widthPx - 22)}</text></g>`
  })
  return [drawn, topPx + (Math.max(-1, ...rows) + 1) * rowPx]
}

function drawnSteps(steps: readonly Step[], layout: Layout, topPx: number): [Markup[], number] {
  const boxes = steps.map(({ atMs }) => {
    const atPx = layout.scale.toPx(atMs)
    return { fromPx: atPx - stepRadiusPx - 1, untilPx: atPx + stepRadiusPx + 1 }
  })
  const rows = stackedRows(boxes)
  const drawn = steps.map((step, index) => {
    const x = layout.scale.toPx(step.atMs)
    const y = topPx + (rows[index] ?? 0) * rowPx + stepRadiusPx + 1
    return markup`<g class="step"><title>${index + 1}. ${step.name}, ${formatMs(step.sinceFaultMs)} after the fault: ${step.cause}</title>
<path class="step-line" d="M${x} ${y}V${layout.lanesEndPx}"/><circle cx="${x}" cy="${y}" r="${stepRadiusPx}"/>
<text x="${x}" y="${y + 4}" text-anchor="middle">${index + 1}</text></g>`
  })
  return [drawn, topPx + (Math.max(-1, ...rows) + 1) * rowPx]
}

function bars(runs: readonly LaneRun[], scale: Scale, middlePx: number): Markup[] {
  const states: readonly LaneState[] = ['good', 'partial', 'failed']
  return states.flatMap((state) => {
    const path = runs
      .filter((run) => run.state === state)
      .map((run) => {
        const fromPx = scale.toPx(run.fromMs)
        const widthPx = Math.max(state === 'good' ? 0.5 : 1.5, scale.toPx(run.toMs) - fromPx)
        return `M${fromPx} ${middlePx}h${Math.round(widthPx * 10) / 10}`
      })
      .join('')
    if (path === '') return []
    return [markup`<path class="lane ${state}" stroke-width="${laneHeightPx[state]}" d="${path}"/>`]
  })
}

function outageTitles(vantage: VantageMeasure, layout: Layout, middlePx: number): Markup[] {
  return vantage.outages.slice(0, tooltipsPerLane).map((outage) => {
    const fromPx = layout.scale.toPx(outage.startMs[1])
    const widthPx = Math.max(3, layout.scale.toPx(outage.endMs[0]) - fromPx)
    const how = isPartial(outage) ? 'partly failed' : 'failed'
    const from = tickLabel(outage.startMs[1] - layout.originMs)
    return markup`<rect class="hover" x="${fromPx}" y="${middlePx - 11}" width="${widthPx}" height="22"><title>${vantage.id} ${how} from ${from} for ${formatInterval(outage.durationMs)}${outage.ended ? '' : ', to the end of the run'}: ${outage.failed} of ${outage.probes} probes</title></rect>`
  })
}

function axis({ scale, span, originMs: origin, lanesEndPx, frame }: Layout): Markup {
  const relative: Interval = [span[0] - origin, span[1] - origin]
  const ticks = ticksOf(
    relative,
    (scale.untilPx - scale.fromPx) / (frame.name === 'wide' ? 80 : 60),
  )
  return markup`<g class="axis">${ticks.map((ms) => {
    const x = scale.toPx(ms + origin)
    const anchor = x > frame.widthPx - 24 ? 'end' : x < 24 ? 'start' : 'middle'
    return markup`<path d="M${x} ${lanesEndPx}v5"/><text class="small muted" x="${x}" y="${lanesEndPx + 18}" text-anchor="${anchor}">${tickLabel(ms)}</text>`
  })}</g>`
}

/** Inline SVG of the whole run, as wide as the frame. */
export function timeline({ record, samples }: ReportInput, frame: Frame): Markup {
  const stacked = frame.name === 'narrow'
  const span = runSpanMs(record)
  const origin = originMs(record)
  const scale = scaleOf(span, stacked ? 4 : 230, frame.widthPx - 6)
  const steps = orderedSteps(record)
  const marks = faultMarks(record, scale, origin, stacked)
  const lanePx = stacked ? 42 : 30
  const layout: Layout = { frame, scale, span, originMs: origin, lanesTopPx: 0, lanesEndPx: 0 }
  const stepsTopPx = drawnMarks(marks, layout, phaseRowPx)[1]
  layout.lanesTopPx = drawnSteps(steps, layout, stepsTopPx)[1] + 6
  const floatingIp = record.floatingIp ?? null
  const lanesCount = record.vantages.length + (floatingIp === null ? 0 : 1)
  layout.lanesEndPx = layout.lanesTopPx + lanesCount * lanePx + 4
  const bySample = Map.groupBy(samples, ({ vantage }) => vantage)
  const hit = new Set(record.faults.map(({ target }) => target))

  const middleOf = (index: number) =>
    layout.lanesTopPx + index * lanePx + (stacked ? 28 : lanePx / 2)
  const edgeOf = (index: number) =>
    markup`<path class="lane-edge" d="M0 ${layout.lanesTopPx + (index + 1) * lanePx}H${frame.widthPx}"/>`
  const labelOf = (index: number, label: string, says: string) => {
    const y = layout.lanesTopPx + index * lanePx + (stacked ? 13 : lanePx / 2 + 4)
    return markup`<text class="lane-name" x="${stacked ? 4 : 0}" y="${y}">${fitted(label, stacked ? 330 : 224)}<title>${says}</title></text>
`
  }

  const lanes = record.vantages.map((vantage, index) => {
    const middlePx = middleOf(index)
    const own = bySample.get(vantage.id)
    const runs =
      own === undefined
        ? laneRunsFromOutages(vantage, span)
        : laneRuns(own, span, scale.untilPx - scale.fromPx)
    return markup`${edgeOf(index)}
${bars(runs, scale, middlePx)}${outageTitles(vantage, layout, middlePx)}`
  })
  const labels = record.vantages.map((vantage, index) => {
    const through = vantage.throughNode !== null && hit.has(vantage.throughNode)
    const label = `${through ? '✗ ' : ''}${vantage.id}`
    const says = `${vantage.id}, ${vantage.connection} connections, through ${vantage.through}${through ? ', which was hit' : ''}`
    return labelOf(index, label, says)
  })

  const ownerIndex = record.vantages.length
  const owners =
    floatingIp === null
      ? null
      : markup`${edgeOf(ownerIndex)}${ownerLane(floatingIp, scale, middleOf(ownerIndex), origin)}${labelOf(ownerIndex, `holder of ${floatingIp.address}`, `who answered for the floating IP ${floatingIp.address}, shared by ${floatingIp.engine}`)}`

  const heightPx = layout.lanesEndPx + 24
  const describe = `${record.vantages.length} vantages${floatingIp === null ? '' : ' and the holder of the floating IP'} from ${tickLabel(span[0] - origin)} to ${tickLabel(span[1] - origin)}, zero being the fault. The same figures are in the tables below.`
  return markup`<svg class="${frame.name}" viewBox="0 0 ${frame.widthPx} ${heightPx}" role="img" aria-labelledby="timeline-title-${frame.name} timeline-desc-${frame.name}">
<title id="timeline-title-${frame.name}">Timeline of the run by vantage</title><desc id="timeline-desc-${frame.name}">${describe}</desc>
${phaseBands(record, layout)}${faultShades(record, layout)}${lanes}${owners}${drawnSteps(steps, layout, stepsTopPx)[0]}${drawnMarks(marks, layout, phaseRowPx)[0]}${labels}${axis(layout)}</svg>`
}

/** What the lanes' heights and colours mean. */
export function timelineLegend(record: RunRecord): Markup {
  const swatch = (state: LaneState, says: string) =>
    markup`<li><svg viewBox="0 0 30 22" width="30" height="22" aria-hidden="true"><path class="lane ${state}" stroke-width="${laneHeightPx[state]}" d="M1 11h28"/></svg>${says}</li>`
  return markup`<ul class="legend">${swatch('good', 'good')}${swatch('partial', 'partly failed')}${swatch('failed', 'failed')}
<li><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="mark fault"><path class="mark-tip" d="M2 3h12l-6 10z"/></svg>fault</li>
<li><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="mark undo"><path class="mark-tip" d="M2 13h12l-6-10z"/></svg>undo</li>
<li><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" class="step"><circle cx="10" cy="10" r="8"/></svg>step, numbered as below</li><li>✗ vantage that leads through the node that was hit</li>${record.floatingIp ? ownerLegend() : null}</ul>`
}
