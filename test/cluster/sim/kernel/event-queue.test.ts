/**
 * The event queue against a list that is sorted each time: the same order under any mixture of asking,
 * cancelling and letting happen, and time that never goes back.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventId, EventQueue } from '../../../../harness/cluster/sim/kernel/event-queue.ts'

const act = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), delayMs: fc.nat(1_000) }),
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(50) }),
  fc.record({ kind: fc.constant('step' as const) }),
  fc.record({ kind: fc.constant('until' as const), delayMs: fc.nat(300) }),
)

test('events happen by their time, and those of one instant as they were asked for', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const queue = new EventQueue()
      const ids: EventId[] = []
      const happened: number[] = []
      let waiting: { number: number; atMs: number }[] = []
      let nowMs = 0
      const first = () => waiting.toSorted((a, b) => a.atMs - b.atMs || a.number - b.number)[0]
      const expected: number[] = []
      const letHappen = (untilMs: number): boolean => {
        const next = first()
        if (!next || next.atMs > untilMs) return false
        waiting = waiting.filter(({ number }) => number !== next.number)
        expected.push(next.number)
        nowMs = next.atMs
        return true
      }
      for (const each of acts) {
        if (each.kind === 'ask') {
          const number = ids.length
          waiting.push({ number, atMs: nowMs + each.delayMs })
          ids.push(queue.after(each.delayMs, () => happened.push(number)))
        } else if (each.kind === 'cancel') {
          const id = ids[each.which]
          if (id === undefined) continue
          queue.cancel(id)
          waiting = waiting.filter(({ number }) => number !== each.which)
        } else if (each.kind === 'step') {
          expect(queue.step()).toBe(letHappen(Number.POSITIVE_INFINITY))
        } else {
          const untilMs = nowMs + each.delayMs
          queue.runUntil(untilMs)
          while (letHappen(untilMs));
          nowMs = untilMs
        }
        expect(queue.nowMs).toBe(nowMs)
        expect(queue.waiting).toBe(waiting.length)
        expect(queue.nextAtMs()).toBe(first()?.atMs ?? null)
      }
      expect(happened).toEqual(expected)
      expect(queue.happened).toBe(expected.length)
    }),
  )
})

test('an event may ask for others, at its own instant too', () => {
  const queue = new EventQueue()
  const happened: string[] = []
  queue.at(5, () => {
    happened.push('first')
    queue.after(0, () => happened.push('of the same instant'))
    queue.at(6, () => happened.push('later'))
  })
  queue.at(5, () => happened.push('second'))
  queue.runUntil(10)
  expect(happened).toEqual(['first', 'second', 'of the same instant', 'later'])
})

test('an id is of one event, also when its slot has been used again', () => {
  const queue = new EventQueue()
  const happened: string[] = []
  const first = queue.at(1, () => happened.push('first'))
  queue.step()
  queue.at(2, () => happened.push('second'))
  queue.cancel(first)
  queue.runUntil(3)
  expect(happened).toEqual(['first', 'second'])
})

test('it keeps its order while it grows', () => {
  const queue = new EventQueue()
  const atMs: number[] = []
  const many = 5_000
  for (let index = 0; index < many; index += 1) {
    queue.at((index * 7_919) % many, () => atMs.push(queue.nowMs))
  }
  queue.runUntil(many)
  expect(atMs).toEqual(Array.from({ length: many }, (_, index) => index))
})

test('nothing can be asked for in the past, or at no time', () => {
  const queue = new EventQueue()
  queue.runUntil(10)
  expect(() => queue.at(9, () => undefined)).toThrow(RangeError)
  expect(() => queue.at(Number.NaN, () => undefined)).toThrow(RangeError)
})

test('time passes within an event for as long as no other is due', () => {
  const queue = new EventQueue()
  const passed: number[] = []
  queue.at(1, () => {
    while (queue.passTo(queue.nowMs + 1)) passed.push(queue.nowMs)
  })
  queue.at(4, () => expect(queue.passTo(5)).toBe(false))
  queue.runUntil(10)
  expect(passed).toEqual([2, 3])
  expect(queue.happened).toBe(4)
})

test('it passes no further than it was told to run', () => {
  const queue = new EventQueue()
  const passed: number[] = []
  queue.at(1, () => {
    while (queue.passTo(queue.nowMs + 1)) passed.push(queue.nowMs)
  })
  queue.at(10, () => undefined)
  queue.runUntil(3)
  expect(passed).toEqual([2, 3])
  expect(queue.nowMs).toBe(3)
})
