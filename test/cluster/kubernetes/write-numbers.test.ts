/** Acknowledged numbers against a history that is whole, and against one that was cut off. */
import { describe, expect, it } from 'vitest'
import { compare, historyOf } from '../../../harness/cluster/kubernetes/write-numbers.ts'
import type { ApiWrite } from '../../../harness/cluster/port.ts'

const write = (number: number, sentAtMs: number, endedAtMs: number, acknowledged = true) =>
  ({ number, sentAtMs, endedAtMs, acknowledged }) satisfies ApiWrite
const numbers = (writes: readonly ApiWrite[]) => writes.map(({ number }) => number)
const history = (whole: boolean, ...held: number[]) => ({ held: new Set(held), whole })

describe('a whole history', () => {
  const writes = [write(1, 0, 10), write(2, 5, 40), write(3, 50, 60, false), write(4, 80, 90)]

  it('shows every acknowledged number, in any order', () => {
    expect(compare(history(true, 2, 1, 4), writes)).toEqual({ lost: [], older: [] })
  })

  it('lacks those that were lost, and says nothing of what was not acknowledged', () => {
    const { lost, older } = compare(history(true, 2), writes)
    expect([numbers(lost), numbers(older)]).toEqual([[1, 4], []])
  })
})

describe('a history whose beginning is gone', () => {
  const writes = [write(1, 0, 10), write(2, 20, 45), write(3, 40, 50), write(4, 60, 70)]

  it('speaks of what was begun after one of its own was acknowledged', () => {
    const { lost, older } = compare(history(false, 3), writes)
    expect([numbers(lost), numbers(older)]).toEqual([[4], [1, 2]])
  })

  it('leaves alone what overlapped its first one', () => {
    const { lost, older } = compare(history(false, 2, 4), writes)
    expect([numbers(lost), numbers(older)]).toEqual([[], [1, 3]])
  })

  it('shows nothing lost where none of its numbers was acknowledged', () => {
    const { lost, older } = compare(history(false, 9), writes)
    expect([numbers(lost), numbers(older)]).toEqual([[], [1, 2, 3, 4]])
  })
})

describe('the history of one vantage', () => {
  it('begins when the counter was last bare of it', () => {
    const states = [{ a: '7' }, {}, { b: '1' }, { a: '1', b: '1' }, { a: '2', b: '1' }]
    expect(historyOf('a', states)).toEqual(history(true, 1, 2))
    expect(historyOf('b', states)).toEqual(history(true, 1))
  })

  it('is cut off where it never was bare, and empty where it never was there', () => {
    expect(historyOf('a', [{ a: '5' }, { a: '6' }])).toEqual(history(false, 5, 6))
    expect(historyOf('c', [{ a: '5' }])).toEqual(history(true))
  })
})
