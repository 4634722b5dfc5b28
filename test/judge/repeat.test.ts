/**
 * A set of runs as one result: medians and spreads by hand, claims on a duration judged by the
 * median, the others by agreement, and what is no set refused.
 */
import { describe, expect, it } from 'vitest'
import { judgeRepeat, medianOf, spreadOf } from '../../harness/judge/repeat.ts'
import type { ClaimResult, RunRecord } from '../../harness/model/record.ts'
import { repeatSchema } from '../../harness/model/repeat.ts'
import { workerDown } from '../reports/fixture.ts'

const claim = (over: Partial<ClaimResult>): ClaimResult => ({
  id: '000-test',
  source: '000: It holds.',
  verdict: 'confirmed',
  accepted: { verdict: 'confirmed', reason: '', date: '' },
  measured: 'this',
  expected: 'that',
  because: 'so it was',
  ...over,
})

const runWith = (runId: string, over: Partial<RunRecord>): RunRecord => ({
  ...workerDown.record,
  runId,
  claims: [],
  ...over,
})

const outage = (ms: [number, number] | null): Pick<RunRecord, 'recovery'> => ({
  recovery: { ...workerDown.record.recovery, outageMs: ms },
})

const timed = (lower: number, upper: number | null): ClaimResult =>
  claim({
    verdict: upper !== null && upper <= 5_000 ? 'confirmed' : 'contradicted',
    duration: { measuredMs: [lower, upper], promisedMs: [0, 5_000] },
  })

describe('medianOf', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[], 0],
  ])('of %j is %s', (values, median) => {
    expect(medianOf(values)).toBe(median)
  })
})

describe('spreadOf', () => {
  it('takes bounds apart, and knows no end where one has none', () => {
    expect(
      spreadOf([
        [1, 2],
        [5, null],
        [3, 9],
      ]),
    ).toEqual({ runs: 3, medianMs: [3, 9], minMs: 1, maxMs: null })
    expect(spreadOf([])).toBeNull()
  })
})

describe('judgeRepeat', () => {
  it('gives the median outage of the valid runs, and names the others', () => {
    const repeat = judgeRepeat([
      runWith('a', outage([1_000, 1_100])),
      runWith('b', outage([3_000, 3_100])),
      runWith('c', outage([2_000, 2_100])),
      runWith('d', { ...outage([90_000, 90_000]), verdict: 'invalid', problems: ['no proof'] }),
    ])
    expect(repeat.outageMs).toEqual({
      runs: 3,
      medianMs: [2_000, 2_100],
      minMs: 1_000,
      maxMs: 3_100,
    })
    expect(repeat.problems).toEqual(['d is invalid: no proof'])
    expect(repeatSchema.parse(repeat)).toEqual(repeat)
  })

  it('judges a duration by its median, though single runs found otherwise', () => {
    const repeat = judgeRepeat([
      runWith('a', { claims: [timed(3_000, 3_100)] }),
      runWith('b', { claims: [timed(4_000, 4_100)] }),
      runWith('c', { claims: [timed(9_000, null)] }),
    ])
    expect(repeat.claims[0]).toMatchObject({
      verdict: 'confirmed',
      found: { confirmed: 2, contradicted: 1, undetermined: 0 },
      duration: { medianMs: [4_000, 4_100], promisedMs: [0, 5_000] },
    })
    expect(repeat.claims[0]?.measured).toBe(
      'median 4 s to 4.1 s of 3 runs, from 3 s to without end',
    )
    expect(repeat.claims[0]?.because).toContain('lies within the promised at most 5 s')
    expect(repeat.verdict).toBe('confirmed')
  })

  it.each([
    [6_000, 6_100, 'contradicted'],
    [4_900, 5_100, 'undetermined'],
  ] as const)('with a median of %i to %i is %s', (lower, upper, verdict) => {
    expect(judgeRepeat([runWith('a', { claims: [timed(lower, upper)] })]).claims[0]?.verdict).toBe(
      verdict,
    )
  })

  it('hands on what all runs agree on', () => {
    const claims = [claim({ verdict: 'contradicted' })]
    const repeat = judgeRepeat([runWith('a', { claims }), runWith('b', { claims })])
    expect(repeat.claims[0]).toMatchObject({ verdict: 'contradicted', because: 'so it was' })
  })

  it('cannot determine what they do not agree on, and names both', () => {
    const repeat = judgeRepeat([
      runWith('a', { claims: [claim({})] }),
      runWith('b', { claims: [claim({ verdict: 'contradicted', because: 'it was otherwise' })] }),
    ])
    expect(repeat.claims[0]).toMatchObject({
      verdict: 'undetermined',
      because: 'undetermined, because the runs do not agree: so it was; but it was otherwise',
    })
    expect(repeat.claims[0]?.measured).toContain('contradicted in 1 of 2 runs')
  })

  it('is invalid without a valid run', () => {
    const repeat = judgeRepeat([runWith('a', { verdict: 'invalid', problems: [] })])
    expect(repeat).toMatchObject({ verdict: 'invalid', outageMs: null })
  })

  it('refuses nothing at all, and runs that are no repetition', () => {
    expect(() => judgeRepeat([])).toThrow(RangeError)
    expect(() => judgeRepeat([runWith('a', {}), runWith('b', { pace: 'documented' })])).toThrow(
      /b is no repetition of a/,
    )
  })
})
