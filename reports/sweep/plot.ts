/**
 * The outages of every combination on one axis: how many runs fell where, with the middle and the
 * range in which nine of ten lie below it. Drawn in two sizes, as every picture of a page.
 */
import type { Combination } from '../../harness/model/sweep.ts'
import { formatMs } from '../../harness/model/units.ts'
import { type Markup, markup } from '../html/escape.ts'
import { type Frame, fitted, scaleOf, tickLabel, ticksOf } from '../html/scale.ts'
import { nameOf } from './phrases.ts'

const bins = 90
const edgePx = 10
const labelPx = 17
const barsPx = 46
const rangePx = 14
const gapPx = 14

/** `played`: with at least one valid run each; an empty picture of none. */
export function outagePlot(played: readonly Combination[], { name, widthPx }: Frame): Markup {
  const longestMs = Math.max(1, ...played.map(({ summary }) => summary.outage?.maxMs ?? 0))
  const scale = scaleOf([0, longestMs], edgePx, widthPx - edgePx)
  /** A line for each timer where the picture is narrow. */
  const labelsOf = ({ settings }: Combination): readonly string[] =>
    name === 'wide' || settings.length === 0 ? [nameOf({ settings })] : settings
  const lines = Math.max(1, ...played.map((combination) => labelsOf(combination).length))
  const rowPx = lines * labelPx + 5 + barsPx + rangePx + gapPx
  const heightPx = played.length * rowPx
  const ticks = ticksOf([0, longestMs], name === 'wide' ? 10 : 4)
  return markup`<svg class="${name}" viewBox="0 0 ${widthPx} ${heightPx + 24}" role="img" aria-label="Outages of each combination">
${ticks.map(
  (tick) =>
    markup`<g class="axis"><path d="M${scale.toPx(tick)} 0V${heightPx}"/><text class="small muted" x="${scale.toPx(tick)}" y="${heightPx + 16}" text-anchor="${tick === 0 ? 'start' : 'middle'}">${tickLabel(tick)}</text></g>`,
)}
${played.map((combination, index) => {
  const topPx = index * rowPx
  const barsTopPx = topPx + lines * labelPx + 5
  const { outage } = combination.summary
  return markup`<g>${labelsOf(combination).map(
    (label, line) =>
      markup`<text class="strong" x="${edgePx}" y="${topPx + 15 + line * labelPx}">${fitted(label, widthPx - 2 * edgePx, 8)}</text>`,
  )}
${bars(combination, longestMs, scale.toPx, barsTopPx)}${
  outage === null
    ? null
    : markup`<g class="range"><title>half of the runs below ${formatMs(outage.medianMs)}, nine of ten from ${formatMs(outage.p5Ms)} to ${formatMs(outage.p95Ms)}</title><rect x="${scale.toPx(outage.p5Ms)}" y="${barsTopPx + barsPx + 3}" width="${Math.max(1, scale.toPx(outage.p95Ms) - scale.toPx(outage.p5Ms))}" height="5"/><rect class="middle" x="${scale.toPx(outage.medianMs) - 1.5}" y="${barsTopPx + barsPx}" width="3" height="11"/></g>`
}</g>
`
})}</svg>`
}

/** The tallest bar of a row is as high as the row. */
function bars(
  { runs }: Combination,
  longestMs: number,
  toPx: (ms: number) => number,
  topPx: number,
): Markup {
  const binMs = longestMs / bins
  const counts = new Array<number>(bins).fill(0)
  for (const run of runs) {
    if ('invalid' in run) continue
    const bin = Math.min(bins - 1, Math.floor(run.outageMs / binMs))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const most = Math.max(1, ...counts)
  return markup`${counts.map((count, bin) => {
    if (count === 0) return null
    const heightPx = Math.max(1, (count / most) * barsPx)
    const [fromPx, untilPx] = [toPx(bin * binMs), toPx((bin + 1) * binMs)]
    return markup`<rect class="bar outage" x="${fromPx}" y="${topPx + barsPx - heightPx}" width="${Math.max(1, untilPx - fromPx - 0.5)}" height="${heightPx}"><title>${count} runs from ${formatMs(bin * binMs)} to ${formatMs((bin + 1) * binMs)}</title></rect>`
  })}`
}
