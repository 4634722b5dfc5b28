/** Writes a matrix down: `matrix.json`, and beside it the page, the summary and the JUnit file. */
import { renderMatrixHtml } from '../../reports/matrix/html.ts'
import type { MatrixInput } from '../../reports/matrix/input.ts'
import { renderMatrixJunit } from '../../reports/matrix/junit.ts'
import { renderMatrixMarkdown } from '../../reports/matrix/markdown.ts'
import { changesBetween } from '../judge/matrix.ts'
import { cellName, type Matrix, type MatrixCell } from '../model/matrix.ts'
import { writeMatrix } from '../record/matrix-folder.ts'
import { writeInto } from '../record/new-folder.ts'

/**
 * The matrix beside the one it is compared with; `previous`: null where there is none. While it is
 * under way, what was not played yet is no change.
 */
export function inputOf(matrix: Matrix, previous: Matrix | null): MatrixInput {
  if (previous === null) return { matrix, since: null }
  const played = new Set(matrix.cells.filter(({ result }) => result !== null).map(cellName))
  const counts = (cell: MatrixCell) => matrix.endedAt !== null || played.has(cellName(cell))
  const changes = changesBetween(
    { cells: previous.cells.filter(counts) },
    { cells: matrix.cells.filter(counts) },
  )
  return { matrix, since: { startedAt: previous.startedAt, changes } }
}

/** `matrix.json` first: it is what a matrix is taken up again from. */
export async function writePage(
  folder: string,
  matrix: Matrix,
  previous: Matrix | null,
): Promise<void> {
  await writeMatrix(folder, matrix)
  const input = inputOf(matrix, previous)
  await writeInto(folder, 'matrix.html', renderMatrixHtml(input))
  await writeInto(folder, 'matrix.md', renderMatrixMarkdown(input))
  await writeInto(folder, 'junit.xml', renderMatrixJunit(input))
}
