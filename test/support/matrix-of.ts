/** Matrices of which a test gives only what it is about. */
import type { Matrix, MatrixCell, MatrixResult, MatrixTry } from '../../harness/model/matrix.ts'
import type { ClaimResult, Verdict } from '../../harness/model/record.ts'

export function claimOf(
  id: string,
  verdict: Verdict = 'confirmed',
  accepted: Verdict = 'confirmed',
): ClaimResult {
  return {
    id,
    source: `${id.slice(0, 3)}: what ${id} says`,
    verdict,
    accepted: { verdict: accepted, reason: 'looked at', date: '2026-03-01' },
    ...{ measured: 'as measured', expected: 'as promised', because: 'of a cause' },
  }
}

export function resultOf(over: Partial<MatrixResult> = {}): MatrixResult {
  return {
    ...{ run: 'runs/run-1', verdict: 'confirmed', kubernetes: 'v1.34.4' },
    ...{ outageMs: [37_900, 38_000], recoveryMs: [38_000, 38_100], vantage: 'save-b' },
    ...{ lostWrites: 0, claims: [claimOf('000-a')], lacks: [], problems: [] },
    ...over,
  }
}

export function tryOf(over: Partial<MatrixTry> = {}): MatrixTry {
  return {
    ...{ run: 'runs/run-1', startedAt: '2026-03-01T00:00:00.000Z', verdict: 'confirmed' },
    ...{ problem: null, wallMs: 60_000, bringUpMs: 0, comeBackMs: 0, reused: true },
    ...over,
  }
}

export function cellOf(over: Partial<MatrixCell> = {}): MatrixCell {
  return {
    ...{ topology: 'cx-worker-ha', scenario: 'worker-down', target: null },
    ...{ title: 'A worker dies', whatIf: 'What if a worker dies?', irreducibleMs: 35_000 },
    ...{ tries: [], result: resultOf() },
    ...over,
  }
}

export function matrixOf(over: Partial<Matrix> = {}): Matrix {
  return {
    ...{ schema: 'clusterdrill/matrix/v1', harnessVersion: '0.1.0', provider: 'kind' },
    ...{ pace: 'brisk', set: [], only: [], seed: 1, startedAt: '2026-03-01T00:00:00.000Z' },
    ...{ endedAt: '2026-03-01T01:00:00.000Z', standing: [], cells: [cellOf()] },
    sittings: [{ startedAt: '2026-03-01T00:00:00.000Z', wallMs: 3_600_000 }],
    totals: {
      ...{
        cells: 1,
        played: 1,
        bringUps: 1,
        bringUpMs: 60_000,
        comeBackMs: 20_000,
        wallMs: 3_600_000,
      },
      ...{ irreducibleMs: 35_000, ratio: 1.2 },
    },
    ...over,
  }
}
