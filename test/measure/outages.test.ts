/**
 * Outages from histories of a few rows: where they begin and end, what joins two failures into
 * one, and what is said of one that the run did not see end.
 */
import { describe, expect, it } from 'vitest'
import { joinMsOf, outagesOf } from '../../harness/measure/outages.ts'
import type { Outage } from '../../harness/model/record.ts'
import { type Row, samplesOf } from './run-of.ts'

const outages = (rows: readonly Row[], toMs: number): Outage[] =>
  outagesOf(samplesOf('save', rows), { fromMs: 0, toMs, joinMs: 1_000 })

describe('outagesOf', () => {
  it('finds none where every probe succeeded', () => {
    expect(
      outages(
        [
          [0, 1],
          [500, 1],
          [1_000, 1],
        ],
        1_500,
      ),
    ).toEqual([])
  })

  it('bounds an outage by the good probes around it', () => {
    const rows: Row[] = [
      [0, 1],
      [100, 1],
      [200, 0],
      [300, 0],
      [400, 0],
      [500, 1],
      [1_000, 1],
      [1_500, 1],
    ]
    expect(outages(rows, 2_000)).toEqual([
      {
        startMs: [100, 200],
        endMs: [400, 500],
        durationMs: [200, 400],
        failed: 3,
        probes: 3,
        darkMs: [200, 400],
        ended: true,
      },
    ])
  })

  it('counts a single failed probe as an outage that may have had no length', () => {
    const rows: Row[] = [
      [0, 1],
      [100, 0],
      [200, 1],
      [1_200, 1],
    ]
    expect(outages(rows, 1_300)).toEqual([
      {
        startMs: [0, 100],
        endMs: [100, 200],
        durationMs: [0, 200],
        failed: 1,
        probes: 1,
        darkMs: [0, 200],
        ended: true,
      },
    ])
  })

  it('joins every third failure into one partial outage, and says how dark it got', () => {
    const rows: Row[] = [
      [0, 1],
      [100, 0],
      [200, 1],
      [300, 1],
      [400, 0],
      [500, 0],
      [600, 1],
      [700, 1],
      [800, 0],
      [900, 1],
      [1_900, 1],
    ]
    expect(outages(rows, 2_000)).toEqual([
      {
        startMs: [0, 100],
        endMs: [800, 900],
        durationMs: [700, 900],
        failed: 4,
        probes: 8,
        darkMs: [100, 300],
        ended: true,
      },
    ])
  })

  it('keeps two outages apart when a second of good probes lies between them', () => {
    const rows: Row[] = [
      [0, 1],
      [100, 0],
      [200, 1],
      [700, 1],
      [1_200, 1],
      [1_300, 0],
      [1_400, 1],
      [2_400, 1],
    ]
    expect(outages(rows, 2_500).map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [
        [0, 100],
        [100, 200],
      ],
      [
        [1_200, 1_300],
        [1_300, 1_400],
      ],
    ])
  })

  it('joins the same two when the good probes between them fall short of a second', () => {
    const rows: Row[] = [
      [0, 1],
      [100, 0],
      [200, 1],
      [1_199, 1],
      [1_300, 0],
      [1_400, 1],
      [2_400, 1],
    ]
    expect(outages(rows, 2_500)).toHaveLength(1)
  })

  it('leaves an outage open that the run did not see end', () => {
    expect(
      outages(
        [
          [0, 1],
          [100, 0],
          [600, 0],
        ],
        1_000,
      ),
    ).toEqual([
      {
        startMs: [0, 100],
        endMs: [600, 1_000],
        durationMs: [500, 1_000],
        failed: 2,
        probes: 2,
        darkMs: [500, 1_000],
        ended: false,
      },
    ])
  })

  it('leaves an outage open that was good again for too short a time', () => {
    const [only] = outages(
      [
        [0, 1],
        [100, 0],
        [200, 1],
        [900, 1],
      ],
      1_000,
    )
    expect(only).toMatchObject({ ended: false, endMs: [100, 1_000], darkMs: [0, 200] })
  })

  it('begins with the run when the first probe failed', () => {
    const [only] = outages(
      [
        [50, 0],
        [100, 1],
        [1_100, 1],
      ],
      1_200,
    )
    expect(only).toMatchObject({ startMs: [0, 50], endMs: [50, 100] })
  })
})

describe('joinMsOf', () => {
  it.each([
    [50, 1_000],
    [10, 1_000],
    [250, 5_000],
  ])('at %i ms between probes waits %i ms', (intervalMs, joinMs) => {
    expect(joinMsOf(intervalMs)).toBe(joinMs)
  })
})
