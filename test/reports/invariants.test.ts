/**
 * Invariants in words: all hold, some do not, nobody looked.
 */
import { expect, test } from 'vitest'
import { invariantSentences, invariantsOf } from '../../reports/invariants.ts'
import { holderDown, workerDown, zoneDown } from './fixture.ts'

test('all hold: one line', () => {
  expect(invariantSentences(holderDown.record)).toEqual(['4 of 4 invariants hold.'])
})

test('each that does not hold says what was expected and what was seen', () => {
  expect(invariantSentences(zoneDown.record)).toEqual([
    '2 of 3 invariants hold.',
    'statistics page does NOT hold before the fault: expected answers on port 9000; seen no answer: refused.',
  ])
})

test('one alone is not called many', () => {
  const invariants = invariantsOf(holderDown.record).slice(0, 1)
  expect(invariantSentences({ ...holderDown.record, invariants })).toEqual([
    '1 of 1 invariant holds.',
  ])
})

test('records of versions that did not look say nothing', () => {
  expect(invariantSentences(workerDown.record)).toEqual([])
  expect(invariantSentences({ ...workerDown.record, invariants: [] })).toEqual([])
})
