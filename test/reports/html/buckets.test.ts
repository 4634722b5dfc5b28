/**
 * Samples reduced to lanes: no failure is lost, no gap is filled, and outages stand in for samples
 * that were not kept.
 */
import { expect, test } from 'vitest'
import type { VantageMeasure } from '../../../harness/model/record.ts'
import type { Sample } from '../../../harness/model/vantage.ts'
import { laneRuns, laneRunsFromOutages } from '../../../reports/html/buckets.ts'

const sample = (sentAtMs: number, ok: boolean): Sample => ({
  vantage: 'page',
  scheduledAtMs: sentAtMs,
  sentAtMs,
  latencyMs: 1,
  ok,
  error: ok ? null : 'timeout',
  number: null,
})

const row = (fromMs: number, answers: string): Sample[] =>
  [...answers].map((answer, index) => sample(fromMs + index * 10, answer === '+'))

test('good, partial and failed stretches become runs, equal neighbours one run', () => {
  const samples = row(0, '++++++++-+-+----')
  expect(laneRuns(samples, [0, 160], 4)).toEqual([
    { state: 'good', fromMs: 0, toMs: 80 },
    { state: 'partial', fromMs: 80, toMs: 120 },
    { state: 'failed', fromMs: 120, toMs: 160 },
  ])
})

test('a stretch without samples stays empty', () => {
  const samples = [...row(0, '+'.repeat(20)), ...row(400, '+'.repeat(20))]
  const runs = laneRuns(samples, [0, 600], 6)
  expect(runs).toEqual([
    { state: 'good', fromMs: 0, toMs: 200 },
    { state: 'good', fromMs: 400, toMs: 600 },
  ])
})

test('one failed sample among thousands is not lost', () => {
  const samples = Array.from({ length: 60_000 }, (_, index) => sample(index, index !== 31_234))
  const runs = laneRuns(samples, [0, 60_000], 800)
  expect(runs.map(({ state }) => state)).toEqual(['good', 'partial', 'good'])
})

test('more pixels than samples leave no gaps between samples', () => {
  expect(laneRuns(row(0, '++++++++'), [0, 80], 1_000)).toEqual([
    { state: 'good', fromMs: 0, toMs: 80 },
  ])
})

test('without samples the measured outages speak', () => {
  const vantage = {
    outages: [
      {
        startMs: [90, 100],
        endMs: [200, 210],
        durationMs: [100, 120],
        failed: 5,
        probes: 10,
        ended: true,
      },
      {
        startMs: [290, 300],
        endMs: [400, 400],
        durationMs: [100, 110],
        failed: 10,
        probes: 10,
        ended: false,
      },
    ],
  } as unknown as VantageMeasure
  expect(laneRunsFromOutages(vantage, [0, 400])).toEqual([
    { state: 'good', fromMs: 0, toMs: 100 },
    { state: 'partial', fromMs: 100, toMs: 200 },
    { state: 'good', fromMs: 200, toMs: 300 },
    { state: 'failed', fromMs: 300, toMs: 400 },
  ])
})
