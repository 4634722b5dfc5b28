/**
 * The matrix in Markdown, for the summary of a nightly job: the grid, what changed, what nobody
 * accepted, and the documents' own tables folded away. Text from the matrix cannot break out of
 * its cell.
 */
import { cellName, type MatrixCell } from '../../harness/model/matrix.ts'
import { paceNoteOf, provenanceOf } from '../phrases.ts'
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
  sinceTitle,
  symbolOf,
  verdictOf,
  whatIfOf,
} from './phrases.ts'

/** Plain text in Markdown: nothing in it is markup, and it stays on one line. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/([\\`*_[\]|~#!@])/g, '\\$1')
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)]
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return []
  return ['', `### ${plain(title)}`, '', ...items.map((item) => `- ${plain(item)}`)]
}

function gridText(cell: MatrixCell): string {
  const outage = cell.result === null ? 'no run' : outageText(cell.result)
  const mark = isAccepted(cell) ? '' : ' **(!)**'
  const target = cell.target === null ? '' : `${plain(cell.target)}: `
  return `${target}${symbolOf(verdictOf(cell))} ${plain(outage)}${mark}`
}

function gridRows({ matrix }: MatrixInput): string[] {
  const { topologies, scenarios } = axesOf(matrix)
  const cellsAt = (scenario: string, topology: string) =>
    matrix.cells.filter((cell) => cell.scenario === scenario && cell.topology === topology)
  return table(
    ['', ...topologies.map(plain)],
    scenarios.map((scenario) => [
      plain(scenario),
      ...topologies.map((topology) => cellsAt(scenario, topology).map(gridText).join('<br>')),
    ]),
  )
}

function notAccepted({ matrix }: MatrixInput): string[] {
  return matrix.cells.flatMap((cell) => {
    const reason = reasonOf(cell)
    if (reason !== null) return [`${cellName(cell)}: ${reason}`]
    return differing(cell).map(
      ({ id, verdict, accepted, because }) =>
        `${id} in ${cellName(cell)}: ${verdict}, accepted is ${accepted.verdict}; ${because}`,
    )
  })
}

function documentTables({ matrix }: MatrixInput): string[] {
  return documentsOf(matrix).flatMap(({ document, rows }) => [
    '',
    `<details><summary>Document ${plain(document)}: what if, then</summary>`,
    '',
    ...table(
      ['What if', 'Then, as promised', 'Then, as measured', 'Verdict'],
      rows.map(({ cell, claim, says }) => [
        plain(whatIfOf(cell)),
        plain(`${says} (${claim.expected})`),
        plain(claim.measured),
        `${symbolOf(claim.verdict)} ${claim.verdict}${claim.verdict === claim.accepted.verdict ? '' : ', **not accepted**'}`,
      ]),
    ),
    '',
    '</details>',
  ])
}

/** Markdown that begins with a second-level heading and ends with a line feed. */
export function renderMatrixMarkdown(input: MatrixInput): string {
  const { matrix, since } = input
  const pace = paceNoteOf(matrix)
  const changed =
    since === null
      ? []
      : since.changes.length === 0
        ? ['', `${sinceTitle(since.startedAt)}: nothing.`]
        : list(sinceTitle(since.startedAt), since.changes.map(changeText))
  return [
    `## Matrix: ${plain(headlineOfMatrix(matrix))}`,
    '',
    `${plain(provenanceOf(matrix).text)}${pace === null ? '' : `; ${plain(pace)}`}. ${plain(effortOf(matrix))}`,
    '',
    ...gridRows(input),
    '',
    'The verdict of each drill and the outage of the service that was hit; ✓ confirmed, ✗ contradicted, ? undetermined, ! invalid, · not played, **(!)** not as accepted.',
    ...changed,
    ...list('Not as accepted', notAccepted(input)),
    ...list(
      'Runs that say nothing',
      invalidTries(matrix).map(({ name, run, problem }) => `${name}, ${run}: ${problem}`),
    ),
    ...documentTables(input),
    '',
  ].join('\n')
}
