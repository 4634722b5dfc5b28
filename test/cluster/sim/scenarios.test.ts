/**
 * Every cell of the matrix in the model, at both paces: valid, with proof of each fault, and judged as
 * a person has accepted it of real clusters; of what the model does not have it says nothing.
 */
import { describe, expect, test } from 'vitest'
import { judgeRun } from '../../../harness/cli/judge-run.ts'
import { planMatrix } from '../../../harness/cli/matrix-plan.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import { simulate } from '../../../harness/predict/simulate.ts'

/** About certificates, refusals counted one by one, and etcd's two truths. */
const beyondTheModel: readonly string[] = ['003-first-lb', '003-second-lb', '004-etcd']

/** Whose turn it is at the load balancer is chance, and one run in twenty may see nothing of a fault. */
const seeds = [0, 1, 2]

async function played(plan: Plan) {
  const simulated = await simulate(plan)
  const record = judgeRun({ ...simulated, plan, directory: '', record: null, problems: [] })
  const differing = record.claims.filter(
    ({ id, verdict, accepted }) =>
      verdict !== (beyondTheModel.includes(id) ? 'undetermined' : accepted.verdict),
  )
  return { record, differing }
}

describe.each(['brisk', 'documented'])('at %s pace', (pace) => {
  const { drafts } = planMatrix({ provider: 'sim', pace, set: [] }, new Date(0))

  test.each([...drafts])(
    '%s',
    async (_, draft) => {
      const plan: Plan = { ...draft, runId: 'simulated' }
      const { record, differing } = await played(plan)
      expect(record.problems).toEqual([])
      expect(record.timeSource).toBe('virtual')
      for (const { receipt, tookHoldAtMs } of record.faults) {
        expect(tookHoldAtMs).not.toBeNull()
        expect(Object.values(receipt)).not.toContain('')
      }
      if (differing.length > 0) {
        const others = []
        for (const add of seeds.slice(1))
          others.push(await played({ ...plan, seed: plan.seed + add }))
        expect(others.flatMap((other) => other.differing)).toEqual([])
      }
      const { acknowledgedWrites, lostWrites } = record.integrity
      expect(acknowledgedWrites).toBeGreaterThan(0)
      if (record.splitBrain?.found.length === 0) expect(lostWrites).toBe(0)
    },
    60_000,
  )
})
