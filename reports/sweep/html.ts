/**
 * The page of a sweep as one file: where the outages of each combination lie, their figures, what
 * took most of them, and what was not played. It asks the network for nothing.
 */
import type { Sweep } from '../../harness/model/sweep.ts'
import { Markup, type MarkupPart, markup } from '../html/escape.ts'
import { frames } from '../html/scale.ts'
import { styleSheet } from '../html/style.ts'
import { table } from '../html/table.ts'
import { paceNoteOf, provenanceOf, timerName } from '../phrases.ts'
import {
  figureNames,
  figuresOfSummary,
  headlineOfSweep,
  invalidRuns,
  nameOf,
  percentOf,
  sweepCommand,
} from './phrases.ts'
import { outagePlot } from './plot.ts'

const ownStyle = `
.range rect{fill:var(--muted)}.range .middle{fill:var(--ink)}
.figures th:first-child{width:30%}`

/** One self-contained HTML file, safe against any string in the sweep. */
export function renderSweepHtml(sweep: Sweep): string {
  const { word, text } = provenanceOf(sweep)
  const pace = paceNoteOf(sweep)
  const played = sweep.combinations.filter(({ refused }) => refused === null)
  const section = (id: string, title: string, ...body: MarkupPart[]) =>
    markup`<section aria-labelledby="${id}"><h2 id="${id}">${title} <span class="tag ${word}" title="${text}">${word}</span></h2>
${body}</section>
`
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${word}: ${headlineOfSweep(sweep)}</title><style>${new Markup(styleSheet + ownStyle)}</style></head>
<body><header><p class="eyebrow">Clusterdrill · a sweep · ${sweep.title}</p>
<div class="badges"><span class="badge ${word}">${text}</span>${pace === null ? null : markup`<span class="badge pace">${pace}</span>`}</div>
<h1>${headlineOfSweep(sweep)}</h1>
<p class="muted">Seeds ${sweep.seeds.from} to ${sweep.seeds.to}${sweep.target === null ? '' : `, aimed at ${sweep.target}`}${sweep.set.length === 0 ? '' : `, with ${sweep.set.join(', ')}`}.</p></header>
<main>${section(
    'outages',
    'How long the service was away',
    frames.map((frame) => outagePlot(played, frame)),
    markup`<p class="muted below">Each bar: so many runs; the tallest of a row is as high as the row. Below: the middle, and where nine of ten runs lie.</p>`,
    table(
      'Of all valid runs, those without an outage as 0',
      ['Combination', ...figureNames, 'No outage', 'Invalid', 'Runs'],
      played.map((combination) => [
        nameOf(combination),
        ...figuresOfSummary(combination.summary),
        combination.summary.without,
        invalidRuns(combination.summary),
        combination.summary.runs,
      ]),
      'figures',
    ),
  )}${section(
    'longest',
    'What took most of it',
    table(
      'The step with the greatest share of the way from the fault to the first good answer',
      ['Combination', 'Step', 'Waited for', 'Runs', 'Share, in the middle'],
      played.flatMap((combination) =>
        combination.summary.longest.map(({ step, timer, runs, share }) => [
          nameOf(combination),
          markup`<code>${step}</code>`,
          timer === null ? 'work, no timer' : timerName(timer),
          `${runs} of ${combination.summary.runs}`,
          percentOf(share),
        ]),
      ),
    ),
  )}${notPlayed(sweep, section)}${section(
    'again',
    'To make it again',
    markup`<pre>${sweepCommand(sweep)}</pre>`,
  )}</main>
<footer><p>${sweep.schema} · Clusterdrill ${sweep.harnessVersion} · plans and calibration ${sweep.fingerprint.slice(0, 12)}</p></footer></body></html>
`.text
}

function notPlayed(
  { combinations }: Sweep,
  section: (id: string, title: string, ...body: MarkupPart[]) => Markup,
): Markup | null {
  const refused = combinations.flatMap((combination) =>
    combination.refused === null ? [] : [[nameOf(combination), combination.refused]],
  )
  const invalid = combinations.flatMap((combination) =>
    combination.summary.invalid.map(({ why, runs }) => [nameOf(combination), why, runs]),
  )
  if (refused.length === 0 && invalid.length === 0) return null
  return section(
    'not-played',
    'What says nothing',
    refused.length === 0 ? null : table('Not played', ['Combination', 'Why'], refused),
    invalid.length === 0 ? null : table('Invalid', ['Combination', 'Why', 'Runs'], invalid),
  )
}
