/**
 * The report of one run as one file: verdict and number first, then the picture, the timeline,
 * where the time went, the claims, and everything a doubter would ask for. It asks the network for
 * nothing, and refuses no record: what is missing is said to be missing.
 */
import type { RunRecord } from '../harness/model/record.ts'
import { formatMs } from '../harness/model/units.ts'
import { lostApiWrites, splitBrainSentence } from './explanation.ts'
import { figuresOf, formatShare, judgedVantage, originMs } from './figures.ts'
import { floatingIpSentence } from './floating-ip.ts'
import { recoveryFigures, stepWaterfall } from './html/decomposition.ts'
import { Markup, type MarkupPart, markup } from './html/escape.ts'
import { explanationBar, explanationBody } from './html/explanation-section.ts'
import { type Frame, frames } from './html/scale.ts'
import { styleSheet } from './html/style.ts'
import {
  claimsTable,
  clocksTable,
  eventsTable,
  faultCards,
  invariantsTable,
  phasesTable,
  stepsTable,
  timersTable,
  vantageTable,
  verdictPill,
  versionsTable,
} from './html/tables.ts'
import { timeline, timelineLegend } from './html/timeline.ts'
import { topologyLegend, topologyPicture } from './html/topology-picture.ts'
import type { ReportInput } from './input.ts'
import { invariantSentences, invariantsOf } from './invariants.ts'
import {
  acceptanceOf,
  differingClaims,
  headlineOf,
  integritySentence,
  paceNoteOf,
  predictionSentence,
  provenanceOf,
  reproduceCommand,
  unbroken,
} from './phrases.ts'

function tagsOf(record: RunRecord): Markup {
  const { word, text } = provenanceOf(record)
  const pace = paceNoteOf(record)
  return markup`<span class="tag ${word}" title="${text}">${word}</span>${
    pace === null ? null : markup`<span class="tag pace" title="${pace}">${record.pace}</span>`
  }`
}

function section(record: RunRecord, id: string, title: string, ...body: MarkupPart[]): Markup {
  return sectionOf(null, record, id, title, body)
}

/** With a warning's looks. */
function alert(record: RunRecord, id: string, title: string, ...body: MarkupPart[]): Markup {
  return sectionOf('alert', record, id, title, body)
}

function sectionOf(
  kind: 'alert' | null,
  record: RunRecord,
  id: string,
  title: string,
  body: MarkupPart[],
): Markup {
  return markup`<section${kind === null ? null : markup` class="${kind}"`} aria-labelledby="${id}"><h2 id="${id}">${title} ${tagsOf(record)}</h2>
${body}</section>
`
}

const drawn = (draw: (frame: Frame) => Markup): Markup => markup`${frames.map(draw)}`

/** Longer words may break, so that none is wider than the page. */
const longestWhole = 24

/** A sentence in which figures and their units, and names with hyphens, stay on one line. */
function whole(text: string): Markup {
  const words = unbroken(text).split(' ')
  return markup`${words.map((word, index) => [
    index === 0 ? '' : ' ',
    word.includes('-') && word.length <= longestWhole
      ? markup`<span class="whole">${word}</span>`
      : word,
  ])}`
}

function header(record: RunRecord): Markup {
  const { word, text } = provenanceOf(record)
  const pace = paceNoteOf(record)
  const floatingIp = floatingIpSentence(record)
  return markup`<header><p class="eyebrow">Clusterdrill · ${record.title} · <code>${record.scenario}</code> on <code>${record.topology}</code></p>
<div class="badges"><span class="badge ${word}">${text}</span>${pace === null ? null : markup`<span class="badge pace">${pace}</span>`}</div>
<h1>${whole(headlineOf(record))}</h1>
<p>${verdictPill(record.verdict)} ${acceptanceOf(record)}</p>
${floatingIp === null ? null : markup`<p>${whole(floatingIp)}</p>`}<p class="muted">What if: ${record.whatIf}</p></header>`
}

function tiles(record: RunRecord): Markup {
  const least = record.vantages.toSorted((a, b) => a.availability - b.availability)[0]
  const vantage = judgedVantage(record) ?? least
  const [, , recovery, outage] = figuresOf(record)
  const tile = (name: string, value: string, says: string) =>
    markup`<li><span>${name}</span><b>${unbroken(value)}</b><span>${says}</span></li>`
  return markup`<ul class="tiles">${tile('Outage', outage?.text ?? '', vantage === undefined ? '' : `of ${vantage.id}`)}
${tile('Recovery', recovery?.text ?? '', 'from the fault to service')}
${vantage === undefined ? null : tile('Availability', formatShare(vantage.availability), `of ${vantage.id}, from the fault on`)}
${tile('Saves lost', record.integrity.readBack ? `${record.integrity.lostWrites}` : 'not read back', `of ${record.integrity.acknowledgedWrites} acknowledged`)}
${tile('Verdicts not as accepted', `${differingClaims(record).length}`, `of ${record.claims.length} claims`)}</ul>`
}

function listOf(items: readonly string[], otherwise: string): Markup {
  if (items.length === 0) return markup`<p class="muted">${otherwise}</p>`
  return markup`<ul class="plain">${items.map((item) => markup`<li>${item}</li>`)}</ul>`
}

function integrity(record: RunRecord): Markup {
  const { apiWrites } = record.integrity
  const held =
    apiWrites === null
      ? null
      : apiWrites.held === null
        ? markup`<p>${apiWrites.acknowledged} API writes acknowledged, the highest numbered ${apiWrites.highest}; what the API held at the end could not be read.</p>`
        : markup`<p>${apiWrites.acknowledged} API writes acknowledged, the highest numbered ${apiWrites.highest}; the API held ${apiWrites.held} at the end${apiWrites.held < apiWrites.highest ? markup`: <strong class="differs">acknowledged writes are missing</strong>` : null}.</p>`
  return markup`<p><strong>${integritySentence(record)}</strong> Every save that the client was told had succeeded is read back after the run.</p>${held}${lostWrites(record)}${splitBrain(record)}`
}

function lostWrites(record: RunRecord): Markup | null {
  const lost = lostApiWrites(record)
  if (lost === null) return null
  return lost === 0
    ? markup`<p>By etcd’s own history none of the acknowledged API writes is gone.</p>`
    : markup`<p><strong class="differs">By etcd’s own history ${lost} of the acknowledged API writes ${lost === 1 ? 'is' : 'are'} gone.</strong></p>`
}

function splitBrain(record: RunRecord): Markup | null {
  const sentence = splitBrainSentence(record)
  if (sentence === null) return null
  const found = (record.splitBrain?.found.length ?? 0) > 0
  return found
    ? markup`<p><strong class="differs">${sentence}</strong></p>`
    : markup`<p>${sentence}</p>`
}

/** Lateness is mostly below a millisecond, and `0 ms` would claim too much. */
function fine(ms: number): string {
  return ms < 10 ? `${Math.round(ms * 10) / 10} ms` : formatMs(ms)
}

function lateness({ latenessMs }: RunRecord): Markup {
  if (latenessMs === null) return markup`<p class="muted">No lateness was recorded.</p>`
  return markup`<p>Probes left late by ${fine(latenessMs.p50)} at the median, ${fine(latenessMs.p99)} at the 99th percentile, ${fine(latenessMs.max)} at most.</p>`
}

const invariantsTitle = 'What must be so before anything is broken'

/** A warning where one does not hold; nothing where nobody looked. */
function invariants(record: RunRecord): { holds: boolean; shown: Markup } | null {
  const all = invariantsOf(record)
  if (all.length === 0) return null
  const holds = all.every((invariant) => invariant.holds)
  const said = markup`<p><strong>${invariantSentences(record)[0] ?? ''}</strong></p>`
  const show = holds ? section : alert
  return {
    holds,
    shown: show(record, 'invariants', invariantsTitle, said, invariantsTable(record)),
  }
}

function timeSource({ timeSource }: RunRecord): string {
  return timeSource === 'virtual' ? 'virtual time, exact' : 'monotonic clock'
}

/**
 * One self-contained HTML file, safe against any string in the record. Under a megabyte with
 * 60,000 samples, since lanes are drawn at the picture's own resolution.
 */
export function renderHtml(input: ReportInput): string {
  const { record, topology, events } = input
  const prediction = predictionSentence(record)
  const before = invariants(record)
  const { explanation } = record
  const sections = [
    record.problems.length === 0
      ? null
      : alert(record, 'problems', 'Problems', listOf(record.problems, '')),
    before?.holds === false ? before.shown : null,
    section(
      record,
      'topology',
      'What was hit',
      markup`<p class="muted">${topology.title}, as document ${topology.document} draws it.</p>`,
      drawn((frame) => topologyPicture(input, frame)),
      topologyLegend(input),
      markup`<p class="muted below">Storage, ${topology.storage.kind}: ${topology.storage.standIn}.</p>`,
    ),
    section(
      record,
      'timeline',
      'What happened, and when',
      markup`<p class="muted">Each lane is one vantage, seen from the client’s side. Zero is the fault.</p>`,
      drawn((frame) => timeline(input, frame)),
      timelineLegend(record),
      stepsTable(record),
    ),
    section(
      record,
      'decomposition',
      'Where the time went',
      markup`<p class="muted">Solid to the lower bound, pale to the upper. The true figure lies between the two.</p>`,
      prediction === null ? null : markup`<p><strong>${prediction}</strong></p>`,
      drawn((frame) => recoveryFigures(record, frame)),
      record.recovery.steps.length === 0
        ? null
        : markup`<h3>The chain of steps</h3>${drawn((frame) => stepWaterfall(record, frame))}`,
    ),
    explanation
      ? section(
          record,
          'explanation',
          'Why it took so long',
          explanationBody(
            record,
            explanation,
            drawn((frame) => explanationBar(explanation, frame)),
          ),
        )
      : null,
    section(record, 'claims', 'What the documents promised', claimsTable(record)),
    section(record, 'vantages', 'What clients saw', vantageTable(record)),
    before?.holds === true ? before.shown : null,
    section(record, 'faults', 'The fault, and the proof of it', faultCards(record)),
    section(record, 'integrity', 'Was anything lost', integrity(record)),
    section(
      record,
      'setup',
      'What this was run on',
      markup`<h3>Differences from the document</h3>${listOf(record.differences, 'None known.')}`,
      markup`<div class="columns"><div>${timersTable(record)}</div><div>${phasesTable(record)}</div><div>${versionsTable(record)}</div>
<div><h3>How well it was measured</h3>${lateness(record)}${clocksTable(record)}<p>Time source: ${timeSource(record)}.</p></div></div>`,
    ),
    section(
      record,
      'reproduce',
      'Run it again',
      markup`<pre><code>${reproduceCommand(record)}</code></pre><p class="muted">Run <code>${record.runId}</code>, started ${record.startedAt}.</p>`,
    ),
    events.length === 0
      ? null
      : markup`<section aria-labelledby="events"><h2 id="events">Event log ${tagsOf(record)}</h2><details><summary>Show the events</summary>${eventsTable(events, originMs(record))}</details></section>
`,
  ]
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${provenanceOf(record).word}: ${record.scenario} on ${record.topology}, ${record.verdict}</title><style>${new Markup(styleSheet)}</style></head>
<body>${header(record)}<main>${record.verdict === 'invalid' ? null : tiles(record)}${sections}</main>
<footer><p>${record.schema} · ${record.runId}</p></footer></body></html>
`.text
}
