/**
 * Every cell of the matrix in the model, at both paces: valid, with proof of each fault, and judged as
 * a person has accepted it of real clusters.
 */
import { describe, expect, test } from 'vitest'
import { judgeRun } from '../../../harness/cli/judge-run.ts'
import { planMatrix } from '../../../harness/cli/matrix-plan.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import { simulate } from '../../support/simulate.ts'

describe.each(['brisk', 'documented'])('at %s pace', (pace) => {
  const { drafts } = planMatrix({ provider: 'sim', pace, set: [] }, new Date(0))

  test.each([...drafts])(
    '%s',
    async (_, draft) => {
      const plan: Plan = { ...draft, runId: 'simulated' }
      const simulated = await simulate(plan)
      const record = judgeRun({ ...simulated, plan, directory: '', record: null, problems: [] })
      expect(record.problems).toEqual([])
      expect(record.timeSource).toBe('virtual')
      for (const { receipt, tookHoldAtMs } of record.faults) {
        expect(tookHoldAtMs).not.toBeNull()
        expect(Object.values(receipt)).not.toContain('')
      }
      const differing = record.claims.filter(
        ({ verdict, accepted }) => verdict !== accepted.verdict,
      )
      expect(
        differing.map(({ id, verdict, measured, because }) => ({ id, verdict, measured, because })),
      ).toEqual([])
      const { acknowledgedWrites, lostWrites } = record.integrity
      expect(acknowledgedWrites).toBeGreaterThan(0)
      expect(lostWrites).toBe(0)
    },
    60_000,
  )
})
