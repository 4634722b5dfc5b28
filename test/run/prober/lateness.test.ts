/** Lateness in three figures, from lists short enough to rank by eye. */
import { expect, test } from 'vitest'
import { latenessOf } from '../../../harness/run/prober/lateness.ts'

test('no probes have no lateness', () => {
  expect(latenessOf([])).toBeNull()
})

test('figures are values that occurred, by the nearest rank', () => {
  expect(latenessOf([4, 1, 3, 2])).toEqual({ p50: 2, p99: 4, max: 4 })
})

test('one straggler in two hundred is the maximum but not the 99th percentile', () => {
  const late = Array.from({ length: 199 }, () => 1)
  expect(latenessOf([80, ...late])).toEqual({ p50: 1, p99: 1, max: 80 })
})

test('ten is not taken for less than nine', () => {
  expect(latenessOf([10, 9, 10])).toEqual({ p50: 10, p99: 10, max: 10 })
})
