/** Tenures of a floating IP: no gap between them, none of no length, none after the end. */
import { describe, expect, it } from 'vitest'
import { tenuresOf } from '../../harness/measure/floating-ip.ts'
import { type EventRow, eventsOf } from './run-of.ts'

const address = '172.28.255.1'

/** `[atMs, detail]` of the observer's events → tenures as `[owners, fromMs, toMs]`. */
function tenures(rows: readonly [atMs: number, detail: string, subject?: string][], endMs: number) {
  const events = rows.map(
    ([atMs, detail, subject = address]): EventRow => [
      atMs,
      'floating-ip-owner',
      subject,
      { detail },
    ],
  )
  return tenuresOf(eventsOf(events), address, endMs).map(({ owners, fromMs, toMs }) => [
    owners.join(' '),
    fromMs,
    toMs,
  ])
}

describe('tenures', () => {
  it('follow one another without a gap, nobody and two among them, up to the end', () => {
    expect(
      tenures(
        [
          [10, 'worker-a'],
          [500, 'nobody'],
          [4_000, 'worker-b'],
          [9_000, 'worker-a, worker-b'],
          [9_400, 'worker-a'],
        ],
        20_000,
      ),
    ).toEqual([
      ['worker-a', 10, 500],
      ['', 500, 4_000],
      ['worker-b', 4_000, 9_000],
      ['worker-a worker-b', 9_000, 9_400],
      ['worker-a', 9_400, 20_000],
    ])
  })

  it('go on where the same owner is told again', () => {
    expect(
      tenures(
        [
          [10, 'worker-a'],
          [20, 'worker-a'],
          [500, 'worker-b'],
        ],
        1_000,
      ),
    ).toEqual([
      ['worker-a', 10, 500],
      ['worker-b', 500, 1_000],
    ])
  })

  it('have a length: of two states at one instant the later told counts', () => {
    expect(
      tenures(
        [
          [10, 'worker-a'],
          [500, 'nobody'],
          [500, 'worker-b'],
        ],
        1_000,
      ),
    ).toEqual([
      ['worker-a', 10, 500],
      ['worker-b', 500, 1_000],
    ])
    expect(
      tenures(
        [
          [10, 'worker-a'],
          [500, 'nobody'],
          [500, 'worker-a'],
        ],
        1_000,
      ),
    ).toEqual([['worker-a', 10, 1_000]])
  })

  it('are none where nobody watched', () => {
    expect(tenures([], 1_000)).toEqual([])
    expect(tenuresOf(eventsOf([[10, 'note', address]]), address, 1_000)).toEqual([])
  })

  it('leave out what is told at the end or after it, and of other addresses', () => {
    expect(
      tenures(
        [
          [10, 'worker-a'],
          [50, 'worker-b', '172.28.255.2'],
          [1_000, 'nobody'],
          [1_200, 'worker-b'],
        ],
        1_000,
      ),
    ).toEqual([['worker-a', 10, 1_000]])
  })
})
