/** Durations as Kubernetes components print them. */
import { expect, it } from 'vitest'
import { goDuration, parseDurationMs } from '../../../harness/cluster/containers/go-duration.ts'

it.each([
  ['10s', 10_000],
  ['500ms', 500],
  ['1m0s', 60_000],
  ['5m30s', 330_000],
  ['1h0m0.5s', 3_600_500],
  ['0s', 0],
  ['250us', 0.25],
])('%j is read', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms)
})

it.each(['', '10', 's', '10 s', '-10s', '10sx', 'x10s'])('%j is none', (text) => {
  expect(parseDurationMs(text)).toBeNull()
})

it('durations are written as Go reads them', () => {
  expect([5_000, 1_500, 500].map(goDuration)).toEqual(['5s', '1500ms', '500ms'])
})
