/** The matrix for a terminal: a line for each drill, what changed, what nobody accepted. */
import chalk from 'chalk'
import { cellName, type MatrixCell, type MatrixChange } from '../../harness/model/matrix.ts'
import { paceNoteOf, provenanceOf } from '../phrases.ts'
import { harmless, padded } from '../terminal-text.ts'
import type { MatrixInput } from './input.ts'
import {
  changeText,
  differing,
  effortOf,
  headlineOfMatrix,
  isAccepted,
  outageText,
  reasonOf,
  sinceTitle,
  symbolOf,
  verdictOf,
} from './phrases.ts'

function cellLines(cell: MatrixCell, columns: number): string[] {
  const verdict = verdictOf(cell)
  const paint = isAccepted(cell) ? chalk.green : chalk.red
  const outage = cell.result === null ? '' : `outage ${outageText(cell.result)}`
  const reason = reasonOf(cell)
  return [
    `${paint(symbolOf(verdict))} ${padded(harmless(cellName(cell)), columns)}  ${padded(verdict, 12)}  ${outage}`.trimEnd(),
    ...differing(cell).map(
      ({ id, verdict: now, accepted }) =>
        `    ${harmless(id)}: ${now}, accepted is ${accepted.verdict}`,
    ),
    ...(reason === null ? [] : [`    ${harmless(reason)}`]),
  ]
}

/** Without a line feed at its end; `folder` is where the page lies. */
export function renderMatrixText({ matrix, since }: MatrixInput, folder: string): string {
  const pace = paceNoteOf(matrix)
  const columns = Math.max(0, ...matrix.cells.map((cell) => cellName(cell).length))
  return [
    chalk.bold(headlineOfMatrix(matrix)),
    `${provenanceOf(matrix).text}${pace === null ? '' : chalk.yellow(`; ${pace}`)}`,
    '',
    ...matrix.cells.flatMap((cell) => cellLines(cell, columns)),
    ...(since === null
      ? []
      : [
          '',
          chalk.bold(sinceTitle(since.startedAt)),
          ...(since.changes.length === 0 ? ['  nothing'] : since.changes.map(changeLine)),
        ]),
    '',
    effortOf(matrix),
    `Page: ${harmless(`${folder.replace(/\/+$/, '')}/matrix.html`)}`,
  ].join('\n')
}

/** A line of a comparison, for `--compare` too. */
export const changeLine = (change: MatrixChange): string => `  ${harmless(changeText(change))}`
