/** A set of runs on a terminal and in Markdown: the median, the spread, and each claim over all. */
import { describe, expect, it } from 'vitest'
import { judgeRepeat } from '../../harness/judge/repeat.ts'
import type { RunRecord } from '../../harness/model/record.ts'
import { renderRepeatMarkdown, renderRepeatText } from '../../reports/repeat.ts'
import { explained, hostile } from './fixture-explained.ts'

const run = (runId: string, ms: number, over: Partial<RunRecord> = {}): RunRecord => ({
  ...explained.record,
  runId,
  recovery: { ...explained.record.recovery, outageMs: [ms, ms + 100] },
  ...over,
})

const repeat = judgeRepeat([
  run('run-a', 30_000),
  run('run-b', 40_000),
  run('run-c', 36_000, {
    claims: explained.record.claims.map((claim) => ({ ...claim, because: hostile })),
  }),
  run('run-d', 1, { verdict: 'invalid', problems: ['No proof | that it held.'] }),
])

describe('a set of runs', () => {
  const markdown = renderRepeatMarkdown(repeat)
  const text = renderRepeatText(repeat)

  it('begins with the median and the spread', () => {
    const says =
      'Four runs, 3 of them valid: the median outage is 36 s to 36.1 s, the spread 30 s to 40.1 s.'
    expect(markdown).toContain(says)
    expect(text).toContain(says)
    expect(text.split('\n')[0]).toContain('worker-down on cx-worker-ha, target worker-b')
  })

  it('says which timer took most, and what it was measured on', () => {
    for (const shown of [markdown, text]) {
      expect(shown).toContain('MEASURED on a real kind cluster')
      expect(shown.replace(/\s+/g, ' ')).toContain(
        '--default-unreachable-toleration-seconds in three runs',
      )
    }
  })

  it('counts the verdicts of single runs beside that of the set', () => {
    expect(markdown).toContain(
      '| `000-worker-down` | ✗ contradicted | = contradicted | contradicted × 3 |',
    )
    expect(text).toContain('✗ contradicted 000-worker-down  as accepted')
  })

  it('names the run that counts for nothing, and lets no cell be broken out of', () => {
    expect(markdown).toContain('run-d is invalid: No proof \\| that it held.')
    expect(markdown).not.toContain(hostile)
    expect(text).toContain('run-d is invalid')
  })
})
