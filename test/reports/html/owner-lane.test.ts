/**
 * The floating IP's lane: a segment for each tenure at its place, nobody and two owners told apart,
 * and no name drawn where it would not fit.
 */
import { expect, test } from 'vitest'
import type { FloatingIpRecord } from '../../../harness/model/record.ts'
import { ownerLane } from '../../../reports/html/owner-lane.ts'
import { scaleOf } from '../../../reports/html/scale.ts'

const lane = (tenures: FloatingIpRecord['tenures']): string =>
  ownerLane(
    { address: '10.0.0.9', engine: 'e', documented: 'd', tenures },
    scaleOf([0, 10_000], 0, 1_000),
    50,
    1_000,
  ).text

const told = lane([
  { owners: ['a'], fromMs: 1_000, toMs: 2_000 },
  { owners: [], fromMs: 2_000, toMs: 2_100 },
  { owners: ['b'], fromMs: 2_100, toMs: 6_000 },
  { owners: ['a', 'b'], fromMs: 6_000, toMs: 8_000 },
  { owners: ['a'], fromMs: 8_000, toMs: 10_000 },
])

test('each tenure is drawn where it was', () => {
  expect(told).toContain(
    '<path class="tenure owner-0" d="M100 42h100v16h-100zM800 42h200v16h-200z"/>',
  )
  expect(told).toContain('<path class="tenure owner-1" d="M210.75 42.75h388.5v14.5h-388.5z"/>')
  expect(told).toContain('<path class="tenure nobody" d="M200 40h10v20h-10z"/>')
  expect(told).toContain('<path class="tenure several" d="M600 40h200v20h-200z"/>')
})

test('a name that does not fit is left to the tooltip', () => {
  const names = [...told.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, name]) => name)
  expect(names).toEqual(['a', 'b', 'a and b at once', 'a'])
  expect(told).toContain('<title>floating IP: nobody from 1 s to 1.1 s, for 100 ms</title>')
})

test('before anyone watched the lane is empty', () => {
  expect(told).not.toMatch(/d="M0 /)
  expect(lane([])).toBe('')
})

test('an owner is text, whatever it is called', () => {
  const hostile = lane([{ owners: ['<script>'], fromMs: 0, toMs: 10_000 }])
  expect(hostile).not.toContain('<script')
  expect(hostile).toContain('>&lt;script&gt;</text>')
})

test('a thousand changes stay small', () => {
  const tenures = Array.from({ length: 10_000 }, (_, index) => ({
    owners: index % 2 === 0 ? ['a'] : [],
    fromMs: index,
    toMs: index + 1,
  }))
  expect(lane(tenures).length).toBeLessThan(350_000)
})
