/** Live runs held against their predictions: what counts, and by how much they missed. */
import { expect, test } from 'vitest'
import type { Prediction, RunRecord } from '../../harness/model/record.ts'
import type { Interval } from '../../harness/model/units.ts'
import { isTracked, trackedRun, trackRecordOf } from '../../harness/predict/track-record.ts'
import { renderTrackRecord } from '../../reports/track-record.ts'

const recordOf = (outageMs: Interval | null, more: Partial<RunRecord> = {}) =>
  ({
    ...{ runId: 'one', topology: 'cx-worker-ha', scenario: 'worker-down', target: null },
    ...{ pace: 'brisk', provider: 'kind', timeSource: 'monotonic', verdict: 'confirmed' },
    recovery: { vantage: 'save', outageMs },
    ...more,
  }) as unknown as RunRecord

const said = (outageMs: Interval, medianMs: number): Prediction => ({
  ...{ provider: 'sim', outageMs, medianMs, runs: 100, steps: [] },
})
const before = { before: true, calibration: false }
const run = (measured: Interval | null, prediction: Prediction | null, how = before) =>
  trackedRun(recordOf(measured), prediction, how)

test('inside is what has an instant in common with what was said; beside it, by how much it missed', () => {
  const prediction = said([36_000, 41_000], 38_000)
  expect(run([40_900, 41_100], prediction)).toMatchObject({ inside: true, missedByMs: 0 })
  expect(run([42_000, 42_200], prediction)).toMatchObject({ inside: false, missedByMs: 1_000 })
  expect(run([30_000, 30_100], prediction)).toMatchObject({ inside: false, missedByMs: -5_900 })
})

test('the error is a share of what was measured, and of a second where that was less', () => {
  expect(run([39_900, 40_100], said([36_000, 41_000], 38_000)).error).toBeCloseTo(0.05)
  expect(run(null, said([0, 600], 250)).error).toBeCloseTo(0.25)
})

test('what the model said nothing of is never right', () => {
  const nothing = run([1_000, 1_100], null)
  expect(nothing).toMatchObject({ inside: false, predictedMs: null, error: null })
  expect(trackRecordOf([nothing]).judged).toMatchObject({ inside: 0, medianError: Infinity })
})

test('runs that the model was calibrated in are shown and do not count', () => {
  const good = run([38_000, 38_100], said([36_000, 41_000], 38_050))
  const bad = run([50_000, 50_100], said([36_000, 41_000], 38_050), {
    ...before,
    calibration: true,
  })
  const track = trackRecordOf([good, bad])
  expect(track.judged).toMatchObject({ runs: 1, topologies: 1, before: 1, inside: 1 })
  const text = renderTrackRecord(track)
  expect(text).toContain('1 of 1 live runs (100 %) on 1 topology; median error 0 %')
  expect(text.indexOf('calibrated in these')).toBeLessThan(text.indexOf('9 s longer'))
})

test('a run that was simulated, is invalid, was not played or speaks of nothing is left out', () => {
  expect(isTracked(recordOf([1, 2]))).toBe(true)
  expect(isTracked(recordOf([1, 2], { timeSource: 'virtual' }))).toBe(false)
  expect(isTracked(recordOf([1, 2], { verdict: 'invalid' }))).toBe(false)
  expect(isTracked(recordOf([1, 2], { lacks: ['storage'] }))).toBe(false)
  const speechless = { recovery: { vantage: null, outageMs: null } } as unknown as RunRecord
  expect(isTracked(recordOf(null, speechless))).toBe(false)
})
