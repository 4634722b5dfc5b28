/**
 * Why the outage lasted as long as it did: the chain as one stacked bar, each link as wide as its
 * share, and the same as a table with causes and timers, so that nothing hangs on colour.
 */
import type { Explanation, RunRecord } from '../../harness/model/record.ts'
import { formatMs } from '../../harness/model/units.ts'
import { explanationSentence, linkShare } from '../explanation.ts'
import { originMs } from '../figures.ts'
import { timerName } from '../phrases.ts'
import { type Markup, markup } from './escape.ts'
import { type Frame, fitted, scaleOf, tickLabel } from './scale.ts'
import { table } from './table.ts'

const barTopPx = 4
const barHeightPx = 34

/** What was waited for stands out against what was worked or left to a person. */
const kindOf = (timer: string | null, index: number): string =>
  `${timer === null ? 'work' : 'waiting'} link-${index % 2}`

/** One bar from the fault to the first good answer. */
export function explanationBar({ links }: Explanation, frame: Frame): Markup {
  const first = links[0]?.fromMs ?? 0
  const last = links.at(-1)?.toMs ?? first
  const scale = scaleOf([first, last], 1, frame.widthPx - 1)
  const says = links.map((link) => `${link.name}: ${linkShare(link)}`).join(', ')
  const drawn = links.map((link, index) => {
    const fromPx = scale.toPx(link.fromMs)
    const widthPx = Math.max(1, scale.toPx(link.toMs) - fromPx)
    const label = `${index + 1} ${link.name}`
    const text =
      label.length * 7 + 10 <= widthPx
        ? markup`<text class="chain-text" x="${fromPx + widthPx / 2}" y="${barTopPx + 22}" text-anchor="middle">${fitted(label, widthPx - 8)}</text>`
        : null
    return markup`<g class="chain ${kindOf(link.timer, index)}"><title>${index + 1}. ${link.name}: ${formatMs(link.toMs - link.fromMs)}, ${linkShare(link)}; ${link.cause}</title>
<rect x="${fromPx}" y="${barTopPx}" width="${widthPx}" height="${barHeightPx}"/>${text}</g>`
  })
  const id = `explanation-${frame.name}`
  return markup`<svg class="${frame.name}" viewBox="0 0 ${frame.widthPx} ${barTopPx + barHeightPx + 4}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">Shares of the outage</title><desc id="${id}-desc">${says}</desc>
${drawn}</svg>`
}

export function explanationTable(record: RunRecord, { links }: Explanation): Markup {
  const from = originMs(record)
  return table(
    'The chain, from the fault to the first good answer',
    ['Link ends with', 'From', 'Took', 'Share', 'Timer', 'Cause'],
    links.map((link, index) => [
      markup`<span class="number">${index + 1}</span> ${link.name}`,
      tickLabel(link.fromMs - from),
      formatMs(link.toMs - link.fromMs),
      linkShare(link),
      link.timer === null ? 'none' : timerName(link.timer),
      link.cause,
    ]),
    'chain',
  )
}

/** Sentence, legend and advice around the pictures; `bars` are the drawings of both frames. */
export function explanationBody(record: RunRecord, explanation: Explanation, bars: Markup): Markup {
  const swatch = (kind: string, says: string) =>
    markup`<li><svg viewBox="0 0 30 16" width="30" height="16" aria-hidden="true" class="chain ${kind}"><rect x="1" y="2" width="28" height="12"/></svg>${says}</li>`
  return markup`<p>${explanationSentence(explanation)}</p>
${bars}<ul class="legend">${swatch('waiting link-0', 'waited for a timer')}${swatch('work link-0', 'work, or a person')}</ul>
<p><strong>${explanation.advice}</strong></p>
${explanationTable(record, explanation)}`
}
