/**
 * Scales, ticks and the stacking of marks, with literal pixels.
 */
import { expect, test } from 'vitest'
import { fitted, scaleOf, stackedRows, tickLabel, ticksOf } from '../../../reports/html/scale.ts'

test('a scale is linear and clamped', () => {
  const { toPx } = scaleOf([1_000, 3_000], 100, 300)
  expect([0, 1_000, 2_000, 3_000, 9_000].map(toPx)).toEqual([100, 100, 200, 300, 300])
})

test('ticks are round, and no more than asked for', () => {
  expect(ticksOf([-10_000, 69_000], 10)).toEqual([
    -10_000, 0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000,
  ])
})

test('labels before the fault carry a minus sign', () => {
  expect([-10_000, 0, 90_000].map(tickLabel)).toEqual(['−10 s', '0', '1 min 30 s'])
})

test('marks that would touch are stacked', () => {
  const marks = [
    { fromPx: 0, untilPx: 10 },
    { fromPx: 5, untilPx: 15 },
    { fromPx: 10, untilPx: 20 },
  ]
  expect(stackedRows(marks)).toEqual([0, 1, 0])
})

test('text is cut to the room there is', () => {
  expect(fitted('control-plane', 70, 7)).toBe('control-p…')
})
