/**
 * The page of a matrix as one file: the grid of topologies and scenarios first, then what changed,
 * each document's own table with what was measured beside what was promised, and every claim of
 * every cell. It asks the network for nothing; its links lead to the runs' own reports beside it.
 */
import { cellName, type MatrixCell } from '../../harness/model/matrix.ts'
import { formatMs } from '../../harness/model/units.ts'
import { Markup, type MarkupPart, markup } from '../html/escape.ts'
import { styleSheet } from '../html/style.ts'
import { table } from '../html/table.ts'
import { paceNoteOf, provenanceOf, unbroken } from '../phrases.ts'
import type { MatrixInput } from './input.ts'
import {
  axesOf,
  changeText,
  differing,
  documentsOf,
  effortOf,
  headlineOfMatrix,
  invalidTries,
  isAccepted,
  outageText,
  reasonOf,
  reportLink,
  sinceTitle,
  symbolOf,
  verdictOf,
  whatIfOf,
} from './phrases.ts'

const ownStyle = `
main.matrix{max-width:1500px}.grid{table-layout:fixed}.grid th:first-child{width:11.5rem}.grid .cell+.cell{margin-top:8px;border-top:1px dashed var(--edge);padding-top:8px}
.grid .cell small{display:block;color:var(--muted)}.not-played{color:var(--muted)}
.documents th:first-child{width:22%}.documents td:last-child{width:13em}
@media (max-width:1000px){.scroll{overflow-x:auto}.scroll .grid{min-width:900px}}
@media (max-width:700px){.scroll .grid{min-width:0}.grid td:empty{display:none}}`

function section(id: string, title: string, ...body: MarkupPart[]): Markup {
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}</section>
`
}

function pill(verdict: ReturnType<typeof verdictOf>): Markup {
  const kind = verdict === 'not played' ? 'not-played' : verdict
  return markup`<span class="pill ${kind}"><span aria-hidden="true">${symbolOf(verdict)}</span> ${verdict}</span>`
}

const anchor = (cell: MatrixCell): string => `cell-${cellName(cell).replace(/[^\w-]+/g, '-')}`

/** Only what lies below the page's own folder is linked. */
function link(path: string, text: string): Markup {
  const safe = /^[\w./-]+$/.test(path) && !path.startsWith('/') && !path.includes('..')
  return safe ? markup`<a href="${path}">${text}</a>` : markup`${text}`
}

function gridCell(cell: MatrixCell): Markup {
  const report = reportLink(cell)
  const open = differing(cell).length
  const note = isAccepted(cell)
    ? markup`<small>as accepted</small>`
    : markup`<small class="differs">${open > 0 ? `${open} not accepted` : 'no verdict'}</small>`
  return markup`<div class="cell"><a href="#${anchor(cell)}">${pill(verdictOf(cell))}</a>
${cell.target === null ? null : markup`<small>${cell.target}</small>`}<small>${cell.result === null ? 'no run' : unbroken(`outage ${outageText(cell.result)}`)}</small>${note}
${report === null ? null : markup`<small>${link(report, 'report')}</small>`}</div>`
}

function grid({ matrix }: MatrixInput): Markup {
  const { topologies, scenarios } = axesOf(matrix)
  const rows = scenarios.map((scenario): MarkupPart[] => [
    markup`<code>${scenario}</code>`,
    ...topologies.map((topology) => {
      const own = matrix.cells.filter(
        (cell) => cell.topology === topology && cell.scenario === scenario,
      )
      return own.length === 0 ? null : own.map(gridCell)
    }),
  ])
  return markup`<div class="scroll">${table(
    'The verdict of each drill, the outage of the service that was hit, and its report; an empty field: no document speaks of it',
    ['Scenario', ...topologies],
    rows,
    'grid',
  )}</div>`
}

function changes({ since }: MatrixInput): Markup | null {
  if (since === null) return null
  const said =
    since.changes.length === 0
      ? markup`<p>Nothing: every verdict is the same, and no outage is another by more than a fifth and two seconds.</p>`
      : markup`<ul class="plain">${since.changes.map((change) => markup`<li>${changeText(change)}</li>`)}</ul>`
  return section('changes', sinceTitle(since.startedAt), said)
}

/** Each document in the form of its own table: what if, then; and then what was measured. */
function documents({ matrix }: MatrixInput): Markup {
  return markup`${documentsOf(matrix).map(({ document, rows }) =>
    section(
      `document-${document.replace(/[^\w-]+/g, '-')}`,
      `Document ${document}`,
      table(
        'What it says may happen, and what did',
        ['What if', 'Then, as promised', 'Then, as measured', 'Verdict'],
        rows.map(({ cell, claim, says }) => [
          markup`${whatIfOf(cell)}<br><small class="muted"><code>${claim.id}</code></small>`,
          markup`${says}<br><small class="muted">Read as: ${claim.expected}</small>`,
          markup`${claim.measured}<br><small class="muted">${claim.because}</small>`,
          markup`${pill(claim.verdict)}${claim.verdict === claim.accepted.verdict ? null : markup`<br><small class="differs">accepted is ${claim.accepted.verdict}</small>`}`,
        ]),
        'documents',
      ),
    ),
  )}`
}

function cellDetails(cell: MatrixCell): Markup {
  const { result } = cell
  const report = reportLink(cell)
  const reason = reasonOf(cell)
  return markup`<article class="card" id="${anchor(cell)}"><h3>${cellName(cell)} ${pill(verdictOf(cell))}</h3>
<p class="muted">${cell.title}. ${cell.whatIf}</p>
${reason === null ? null : markup`<p class="differs">${reason}</p>`}${
  result === null
    ? null
    : markup`<p>Outage: ${outageText(result)}${result.vantage === null ? '' : ` (${result.vantage})`}. ${result.lostWrites} acknowledged saves lost.${report === null ? null : markup` ${link(report, 'Its report')}.`}</p>
${result.lacks.length === 0 ? null : markup`<p>Not played, for this provider cannot: ${result.lacks.join(', ')}.</p>`}${table(
  'Every claim that this drill speaks to',
  ['Claim', 'Verdict', 'Accepted', 'Because'],
  result.claims.map((claim) => [
    markup`<code>${claim.id}</code><br><small>${claim.source}</small>`,
    pill(claim.verdict),
    markup`<span class="${claim.verdict === claim.accepted.verdict ? 'same' : 'differs'}">${claim.verdict === claim.accepted.verdict ? '= ' : '≠ '}${claim.accepted.verdict}</span><br><small class="muted">${claim.accepted.reason} ${claim.accepted.date}</small>`,
    claim.because,
  ]),
  'claims',
)}`
}</article>
`
}

function effort({ matrix }: MatrixInput): Markup {
  return table(
    'Time by drill: from its beginning to its record, the part for a new cluster, the part until what was broken was back and what people do was done, and the least that its timers allow',
    ['Drill', 'Took', 'Bring-up', 'Coming back', 'Timers'],
    matrix.cells.flatMap((cell) =>
      cell.tries.map((each) => [
        cellName(cell),
        formatMs(each.wallMs),
        each.bringUpMs > 0 ? formatMs(each.bringUpMs) : each.run === null ? 'failed' : 'shared',
        formatMs(each.comeBackMs),
        formatMs(cell.irreducibleMs),
      ]),
    ),
    'effort',
  )
}

function tiles({ matrix, since }: MatrixInput): Markup {
  const { cells } = matrix
  const tile = (name: string, value: string | number, says: string) =>
    markup`<li><span>${name}</span><b>${value}</b><span>${says}</span></li>`
  const claims = cells.flatMap((cell) => cell.result?.claims ?? [])
  const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict).length
  return markup`<ul class="tiles">${tile('As accepted', cells.filter(isAccepted).length, `of ${cells.length} drills`)}
${tile('Claims confirmed', count('confirmed'), `of ${claims.length} judged`)}
${tile('Contradicted', count('contradicted'), 'with an accepted verdict or without')}
${tile('Undetermined', count('undetermined'), 'each says why')}
${tile(
  'Saves lost',
  cells.reduce((sum, cell) => sum + (cell.result?.lostWrites ?? 0), 0),
  'acknowledged, then gone',
)}
${since === null ? null : tile('Changed', since.changes.length, `since ${since.startedAt.slice(0, 10)}`)}</ul>`
}

/** One self-contained HTML file, safe against any string in the matrix. */
export function renderMatrixHtml(input: MatrixInput): string {
  const { matrix } = input
  const { word, text } = provenanceOf(matrix)
  const pace = paceNoteOf(matrix)
  const invalid = invalidTries(matrix)
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${word}: the matrix of ${matrix.startedAt.slice(0, 10)}</title><style>${new Markup(styleSheet + ownStyle)}</style></head>
<body><header><p class="eyebrow">Clusterdrill · the matrix of ${matrix.startedAt}</p>
<div class="badges"><span class="badge ${word}">${text}</span>${pace === null ? null : markup`<span class="badge pace">${pace}</span>`}</div>
<h1>${headlineOfMatrix(matrix)}</h1><p>${effortOf(matrix)}</p>
${matrix.endedAt === null ? markup`<p class="differs">It has not come to its end: ${matrix.totals.played} of ${matrix.totals.cells} drills have a valid run.</p>` : null}</header>
<main class="matrix">${tiles(input)}${section('grid', 'Every drill', grid(input))}${changes(input)}${documents(input)}${section('cells', 'Claim by claim', ...matrix.cells.map(cellDetails))}${
    invalid.length === 0
      ? null
      : section(
          'invalid',
          'Runs that say nothing',
          table(
            'Kept, and judged nothing',
            ['Drill', 'Run', 'Why'],
            invalid.map(({ name, run, problem }) => [name, run, problem]),
            'invalid-runs',
          ),
        )
  }${section('effort', 'Where the time went', effort(input))}</main>
<footer><p>${matrix.schema} · Clusterdrill ${matrix.harnessVersion} · ${matrix.provider}, ${matrix.pace}, seed ${matrix.seed}${matrix.set.length === 0 ? '' : `, ${matrix.set.join(', ')}`}</p></footer></body></html>
`.text
}
