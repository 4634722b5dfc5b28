/** What a matrix says as a whole, and what changed since another one. */
import { describe, expect, it } from 'vitest'
import {
  changesBetween,
  comeBackMsOf,
  differingVerdicts,
  exitCodeOfMatrix,
  totalsOf,
} from '../../harness/judge/matrix.ts'
import type { Verdict } from '../../harness/model/record.ts'
import { cellOf, claimOf, resultOf, tryOf } from '../support/matrix-of.ts'

const judged = (verdict: Verdict, accepted: Verdict = 'confirmed') => ({
  cells: [
    cellOf({ result: resultOf({ verdict, claims: [claimOf('000-a', verdict, accepted)] }) }),
    cellOf({ scenario: 'other' }),
  ],
})

describe('the exit code', () => {
  it.each([
    ['every verdict is the accepted one', judged('confirmed'), 0],
    ['a contradiction is the accepted one', judged('contradicted', 'contradicted'), 0],
    ['a verdict is not the accepted one', judged('contradicted'), 1],
    ['a contradiction went away', judged('confirmed', 'contradicted'), 1],
    ['a claim could not be determined', judged('undetermined'), 2],
    ['a cell was not played', { cells: [cellOf({ result: null })] }, 2],
    ['a run is invalid', { cells: [cellOf({ result: resultOf({ verdict: 'invalid' }) })] }, 2],
    [
      'one verdict is not accepted and another cell has no run',
      { cells: [...judged('contradicted').cells, cellOf({ result: null })] },
      1,
    ],
  ])('when %s', (_, matrix, code) => {
    expect(exitCodeOfMatrix(matrix)).toBe(code)
  })
})

describe('the totals', () => {
  it('compare what was spent with what the bring-ups took and the timers ask', () => {
    const cells = [
      cellOf({ irreducibleMs: 10_000, tries: [tryOf({ wallMs: 70_000, bringUpMs: 50_000 })] }),
      cellOf({ irreducibleMs: 30_000, tries: [tryOf({}), tryOf({ bringUpMs: 20_000 })] }),
      cellOf({ irreducibleMs: 99_000, result: resultOf({ lacks: ['storage'] }) }),
      cellOf({ irreducibleMs: 99_000, result: null }),
    ]
    const startedAt = '2026-03-01T00:00:00.000Z'
    const sittings = [
      { startedAt, wallMs: 100_000 },
      { startedAt, wallMs: 30_000 },
    ]
    expect(totalsOf({ cells, sittings })).toEqual({
      ...{ cells: 4, played: 3, bringUps: 2, bringUpMs: 70_000, comeBackMs: 0 },
      ...{ wallMs: 130_000, irreducibleMs: 40_000, ratio: 130 / 110 },
    })
  })

  it('count what came back after a heal, and what people did', () => {
    const tries = [tryOf({ wallMs: 70_000, bringUpMs: 50_000, comeBackMs: 15_000 })]
    const sittings = [{ startedAt: '2026-03-01T00:00:00.000Z', wallMs: 90_000 }]
    const cells = [cellOf({ irreducibleMs: 10_000, tries })]
    expect(totalsOf({ cells, sittings })).toMatchObject({ comeBackMs: 15_000, ratio: 90 / 75 })
  })

  it('have no ratio before anything was played', () => {
    expect(totalsOf({ cells: [cellOf({ result: null })], sittings: [] }).ratio).toBeNull()
  })
})

describe('coming back', () => {
  const phases = [
    { name: 'inject', fromMs: 0, toMs: 40_000 },
    { name: 'heal', fromMs: 40_000, toMs: 44_000 },
    { name: 'settle', fromMs: 44_000, toMs: 60_000 },
  ] as const
  const waits = [
    { phase: 'observe', ms: 30_000 },
    { phase: 'heal', ms: 5_000 },
    { phase: 'settle', ms: 3_000 },
  ] as const

  it('is what heal and settle took beyond their timers', () => {
    expect(comeBackMsOf({ phases: [...phases], faults: [] }, waits)).toBe(12_000)
  })

  it('is nothing where the timers took longer', () => {
    expect(comeBackMsOf({ phases: phases.slice(0, 2), faults: [] }, waits)).toBe(0)
  })

  it('has the work of people in it, and no other fault', () => {
    const done = { injectedAtMs: 1_000, tookHoldAtMs: 31_000 }
    const faults = [
      { ...done, kind: 'operator.join-together' },
      { ...done, kind: 'power.kill' },
      { ...done, kind: 'operator.restore', tookHoldAtMs: null },
    ] as const
    expect(comeBackMsOf({ phases: [], faults }, waits)).toBe(30_000)
  })
})

describe('changes since another matrix', () => {
  const outage = (lower: number, upper: number) => ({
    cells: [cellOf({ result: resultOf({ outageMs: [lower, upper] }) })],
  })

  it('are none between a matrix and itself', () => {
    expect(changesBetween(judged('confirmed'), judged('confirmed'))).toEqual([])
  })

  it('name the claim with both verdicts', () => {
    expect(changesBetween(judged('confirmed'), judged('contradicted'))).toEqual([
      {
        ...{ cell: 'cx-worker-ha/worker-down', kind: 'claim', what: '000-a' },
        ...{ before: 'confirmed', now: 'contradicted' },
      },
    ])
  })

  it.each([
    [
      'more than a fifth and more than 2 s longer',
      outage(10_000, 10_000),
      outage(12_500, 12_500),
      1,
    ],
    [
      'more than a fifth and more than 2 s shorter',
      outage(12_500, 12_500),
      outage(9_000, 9_000),
      1,
    ],
    ['less than a fifth', outage(100_000, 100_000), outage(115_000, 115_000), 0],
    ['less than 2 s', outage(1_000, 1_000), outage(2_900, 2_900), 0],
    ['not seen at all before', outage(0, 100), outage(5_000, 5_100), 1],
  ])('see an outage that is %s', (_, before, now, count) => {
    expect(changesBetween(before, now)).toHaveLength(count)
  })

  it('say an outage in words', () => {
    expect(changesBetween(outage(0, 100), outage(5_000, 5_100))).toMatchObject([
      { kind: 'outage', before: 'none over 100 ms', now: '5 s to 5.1 s' },
    ])
  })

  it('compare no outage of an invalid run, but name the run', () => {
    const invalid = {
      cells: [cellOf({ result: resultOf({ verdict: 'invalid', outageMs: null }) })],
    }
    expect(changesBetween(outage(10_000, 10_000), invalid)).toMatchObject([
      { kind: 'cell', what: 'run', before: 'confirmed', now: 'invalid' },
    ])
  })

  it('name cells that only one of them has', () => {
    const one = { cells: [cellOf({ scenario: 'old' })] }
    const two = { cells: [cellOf({ scenario: 'new' })] }
    expect(changesBetween(one, two)).toMatchObject([
      { cell: 'cx-worker-ha/new', before: 'not in the matrix', now: 'confirmed' },
      { cell: 'cx-worker-ha/old', before: 'confirmed', now: 'not in the matrix' },
    ])
  })

  it('are looked at in verdicts alone where that is asked', () => {
    expect(differingVerdicts(outage(0, 100), outage(50_000, 51_000))).toEqual([])
    expect(differingVerdicts(judged('confirmed'), judged('undetermined'))).toHaveLength(1)
  })

  it('name a claim that one of them did not judge', () => {
    const without = { cells: [cellOf({ result: resultOf({ claims: [] }) })] }
    const withOne = { cells: [cellOf({ result: resultOf({ claims: [claimOf('000-a')] }) })] }
    expect(differingVerdicts(without, withOne)).toMatchObject([
      { kind: 'claim', what: '000-a', before: 'not judged', now: 'confirmed' },
    ])
  })
})
