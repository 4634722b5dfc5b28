/** The downtime of a year and a quiet sweep on a terminal. */
import { expect, test } from 'vitest'
import type { Availability, Cause } from '../../harness/model/availability.ts'
import type { Quiet } from '../../harness/model/quiet.ts'
import { renderAvailability } from '../../reports/availability.ts'
import { renderQuiet } from '../../reports/quiet.ts'

const minuteMs = 60_000
const none = { meanMs: 0, intervalMs: [0, 0] as [number, number] }
const away = (minutes: number) => ({
  meanMs: minutes * minuteMs,
  intervalMs: [(minutes / 2) * minuteMs, minutes * 2 * minuteMs] as [number, number],
})
const cause = (over: Partial<Cause>): Cause => ({
  ...{ scenario: 'worker-down', perYear: 0.5, targets: ['a', 'b'], failures: 7, invalid: 0 },
  ...{ repair: { medianMs: 30 * minuteMs, p95Ms: 480 * minuteMs }, workload: none, api: none },
  ...over,
})
const availability: Availability = {
  ...{ schema: 'clusterdrill/availability/v1', provider: 'sim', timeSource: 'virtual' },
  ...{ topology: 'cx-worker-ha', pace: 'documented', set: [], harnessVersion: '0.1.0' },
  ...{ years: 10, seed: 4, failures: 9, overlapping: 2, invalid: [{ why: 'no', runs: 1 }] },
  ...{ workload: away(125), api: none },
  causes: [
    cause({ workload: away(5) }),
    cause({ scenario: 'site-down', workload: away(120), targets: [null] }),
    cause({ scenario: 'site-cut', failures: 0, repair: null }),
  ],
}

test('the downtime of a year, the worst cause first', () => {
  const text = renderAvailability(availability)
  expect(text).toContain('SIMULATED')
  expect(text).toContain('99.97621 % available, down 2 h 5 min (1 h 3 min to 4 h 10 min) a year')
  expect(text).toContain('API       100.00000 % available, down 0 a year')
  expect(text).toMatch(
    /site-down +0\.5 +7 +2 h \(1 h to 4 h\)[\s\S]+worker-down +2 × 0\.5 +7 +5 min/,
  )
  expect(text).toContain('30 min, one in twenty over 8 h')
  expect(text).toMatch(/site-cut +2 × 0\.5 +0 +none came +none came +passes by itself/)
  expect(text).toContain('2 of 9 failures came while another was not over')
  expect(text).toContain('1 failures without a valid run, counted as no downtime: no')
})

test('how often a node is taken for dead', () => {
  const chance = (runs: number, share: number, lower: number, upper: number) => ({
    ...{ runs, share, interval: [lower, upper] as [number, number] },
  })
  const quiet: Quiet = {
    ...{ schema: 'clusterdrill/quiet/v1', provider: 'sim', timeSource: 'virtual' },
    ...{ topology: 'cx-worker-ha', pace: 'documented', set: [], harnessVersion: '0.1.0' },
    ...{ seeds: { from: 1, to: 100 }, hours: 2, nodes: 2 },
    combinations: [
      {
        ...{ settings: ['loss=5%'], timers: {}, refused: null, runs: 100 },
        ...{ notReady: chance(10, 0.1, 0.055, 0.174), evicted: chance(0, 0, 0, 0.037) },
        ...{ notReadyPerNodeYear: 12_345.6, podsEvictedPerNodeYear: 0 },
      },
      {
        ...{ settings: ['loss=9%'], timers: {}, refused: 'it cannot', runs: 0 },
        ...{ notReady: chance(0, 0, 0, 1), evicted: chance(0, 0, 0, 1) },
        ...{ notReadyPerNodeYear: 0, podsEvictedPerNodeYear: 0 },
      },
    ],
  }
  const text = renderQuiet(quiet)
  expect(text).toContain('SIMULATED')
  expect(text).toMatch(/loss=5% +10 % \(5\.5 % to 17\.4 %\) +12,346 +none seen, below 3\.7 % +0$/m)
  expect(text).toContain('loss=9%: not played, it cannot')
})
