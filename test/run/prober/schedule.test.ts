/** The open-loop schedule: due times, and what becomes of slots that were missed. */
import { expect, test } from 'vitest'
import { OpenLoopSchedule } from '../../../harness/run/prober/schedule.ts'

test('vantages are staggered over the interval', () => {
  const schedule = new OpenLoopSchedule([50, 50], 1_000)
  expect(schedule.nextDueMs()).toBe(1_000)
  expect(schedule.take(1_060)).toEqual([
    { vantage: 0, scheduledAtMs: 1_000 },
    { vantage: 1, scheduledAtMs: 1_025 },
    { vantage: 0, scheduledAtMs: 1_050 },
  ])
  expect(schedule.nextDueMs()).toBe(1_075)
})

test('nothing is handed out before it is due, nor twice', () => {
  const schedule = new OpenLoopSchedule([50], 0)
  expect(schedule.take(-1)).toEqual([])
  expect(schedule.take(0)).toEqual([{ vantage: 0, scheduledAtMs: 0 }])
  expect(schedule.take(49.9)).toEqual([])
  expect(schedule.take(50)).toEqual([{ vantage: 0, scheduledAtMs: 50 }])
})

test('after a short hold-up every missed slot comes late', () => {
  const schedule = new OpenLoopSchedule([50], 0)
  expect(schedule.take(199).map((slot) => slot.scheduledAtMs)).toEqual([0, 50, 100, 150])
  expect(schedule.skipped).toBe(0)
})

test('after a long hold-up the newest five come late and the others are counted', () => {
  const schedule = new OpenLoopSchedule([50, 100], 0)
  const slots = schedule.take(1_000)
  const of = (vantage: number) =>
    slots.filter((slot) => slot.vantage === vantage).map((slot) => slot.scheduledAtMs)
  expect(of(0)).toEqual([800, 850, 900, 950, 1_000])
  expect(of(1)).toEqual([550, 650, 750, 850, 950])
  expect(schedule.skipped).toBe(16 + 5)
  expect(schedule.nextDueMs()).toBe(1_050)
})

test('the hundred-thousandth slot is where the first one and the interval put it', () => {
  const schedule = new OpenLoopSchedule([0.1], 0)
  schedule.take(9_999.95)
  expect(schedule.nextDueMs()).toBe(100_000 * 0.1)
})

test('without vantages nothing is ever due', () => {
  expect(new OpenLoopSchedule([], 0).nextDueMs()).toBe(Number.POSITIVE_INFINITY)
})
