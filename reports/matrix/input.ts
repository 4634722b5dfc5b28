/** What the page of a matrix is made from: the matrix alone, and what changed since an earlier one. */
import type { Matrix, MatrixChange } from '../../harness/model/matrix.ts'

export interface MatrixInput {
  matrix: Matrix
  /** Null where there is no earlier one to compare with. */
  since: { startedAt: string; changes: readonly MatrixChange[] } | null
}
