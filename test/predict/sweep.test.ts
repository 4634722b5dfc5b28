/** What is said of many runs, and parts that are put together. */
import { expect, test } from 'vitest'
import type { SweepRun } from '../../harness/model/sweep.ts'
import { mergeSweeps } from '../../harness/predict/merge-sweeps.ts'
import { summaryOf, sweepRun } from '../../harness/predict/sweep.ts'
import { planOf } from '../support/plan-of.ts'
import { ended, sweepWith } from './sweeps.ts'

test('ranks are those of the valid runs, and what says nothing is counted with its reason', () => {
  const runs: SweepRun[] = [
    ...Array.from({ length: 98 }, (_, index) => ended(index + 1, (index + 1) * 1_000)),
    ended(99, 0),
    ended(100, 200_000, 'node-not-ready'),
    { seed: 101, invalid: 'the baseline was not good' },
  ]
  expect(summaryOf(runs)).toEqual({
    runs: 101,
    without: 1,
    invalid: [{ why: 'the baseline was not good', runs: 1 }],
    outage: {
      ...{ minMs: 0, p5Ms: 4_000, medianMs: 49_000, p95Ms: 94_000, p99Ms: 98_000 },
      maxMs: 200_000,
    },
    longest: [
      { step: 'evicted', timer: 'unreachableTolerationMs', runs: 98, share: 0.75 },
      { step: 'node-not-ready', timer: 'unreachableTolerationMs', runs: 1, share: 0.75 },
    ],
  })
  expect(summaryOf([]).outage).toBeNull()
})

test('a run is its seed’s, and says what took most of its outage', async () => {
  const plan = { ...planOf('cx-worker-ha', 'brisk'), provider: 'sim' as const, seed: 7 }
  const run = await sweepRun(plan)
  expect(run).toMatchObject({ seed: 7, longest: { step: 'evicted' } })
  expect(await sweepRun(plan)).toEqual(run)
  expect(await sweepRun({ ...plan, seed: 8 })).not.toEqual({ ...run, seed: 8 })
})

const runs = Array.from({ length: 9 }, (_, index) => ended(index + 1, (index * 7_919) % 5_000))
const part = (path: string, from: number, to: number, over = {}) => ({
  path,
  sweep: sweepWith(runs.slice(from - 1, to), over),
})

test('parts in any order are the whole', () => {
  const { sweep } = mergeSweeps([part('c', 7, 9), part('a', 1, 3), part('b', 4, 6)])
  expect(JSON.stringify(sweep)).toBe(JSON.stringify(sweepWith(runs)))
})

test.each([
  ['overlap', [part('a', 1, 5), part('b', 4, 9)], ['b: the seeds 4..5 are in a too']],
  [
    'one inside another',
    [part('a', 1, 8), part('b', 2, 3), part('c', 9, 9)],
    ['b: the seeds 2..3'],
  ],
  ['a gap', [part('a', 1, 3), part('b', 6, 9)], ['the seeds 4..5 are in none of them']],
  [
    'other timers, and an overlap, at once',
    [part('a', 1, 5), part('b', 5, 9, { set: ['b=1s'] })],
    ['b: its set is ["b=1s"], that of a is []', 'b: the seeds 5..5'],
  ],
  [
    'another calibration',
    [part('a', 1, 5), part('b', 6, 9, { fingerprint: 'f01' })],
    ['b: its plans or its calibration are not those of a'],
  ],
])('%s is refused', (_, parts, wanted) => {
  const { sweep, problems } = mergeSweeps(parts)
  expect(sweep).toBeNull()
  expect(problems).toHaveLength(wanted.length)
  for (const [index, text] of wanted.entries()) expect(problems[index]).toContain(text)
})
