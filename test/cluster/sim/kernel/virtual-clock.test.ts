/** The clock of a simulation: sleepers wake in order, nobody waits in real time, and a sleep can be given up. */
import { expect, test } from 'vitest'
import { EventQueue } from '../../../../harness/cluster/sim/kernel/event-queue.ts'
import { VirtualClock } from '../../../../harness/cluster/sim/kernel/virtual-clock.ts'

const newClock = () => {
  const queue = new EventQueue()
  return { queue, clock: new VirtualClock(queue, 1_000_000) }
}

test('an hour is over at once, and everything of it has happened', async () => {
  const { queue, clock } = newClock()
  let ticks = 0
  const tick = () => {
    ticks += 1
    queue.after(1_000, tick)
  }
  queue.after(1_000, tick)
  await clock.sleepUntil(3_600_500)
  expect(clock.nowMs()).toBe(3_600_500)
  expect(ticks).toBe(3_600)
})

test('sleepers wake by their time, and one who sleeps again is not passed over', async () => {
  const { clock } = newClock()
  const woken: string[] = []
  const sleeper = async (name: string, ...untilMs: number[]) => {
    for (const atMs of untilMs) {
      await clock.sleepUntil(atMs)
      woken.push(`${name} ${clock.nowMs()}`)
    }
  }
  await Promise.all([sleeper('a', 10, 30, 50), sleeper('b', 20, 40), sleeper('c', 30)])
  expect(woken).toEqual(['a 10', 'b 20', 'c 30', 'a 30', 'b 40', 'a 50'])
})

test('what is past is now', async () => {
  const { clock } = newClock()
  await clock.sleepUntil(10)
  await clock.sleepUntil(5)
  expect(clock.nowMs()).toBe(10)
})

test('a sleep that is given up rejects with the reason, and time does not wait for it', async () => {
  const { clock } = newClock()
  const given = new AbortController()
  const long = clock.sleepUntil(1_000, given.signal)
  const short = clock.sleepUntil(10).then(() => given.abort(new Error('enough')))
  await expect(long).rejects.toThrow('enough')
  await short
  expect(clock.nowMs()).toBe(10)
  await expect(clock.sleepUntil(20, given.signal)).rejects.toThrow('enough')
})

test('its times of day follow from its beginning', () => {
  expect(newClock().clock.fromEpochMs(1_000_250)).toBe(250)
})

test('who waits for something wakes at the first look that finds it so, or at the latest instant', async () => {
  const { queue, clock } = newClock()
  let so = false
  queue.after(120, () => {
    so = true
  })
  await clock.sleepUntilMet(() => so, 50, 1_000)
  expect(clock.nowMs()).toBe(150)
  await clock.sleepUntilMet(() => false, 50, 180)
  expect(clock.nowMs()).toBe(180)
})

test('sleepers that wait for nothing else wake in the same order, and let the event loop turn', async () => {
  const clock = new VirtualClock(new EventQueue(), 0, true)
  const woken: string[] = []
  let turned = false
  setImmediate(() => {
    turned = true
  })
  const sleeper = async (name: string, everyMs: number) => {
    while (clock.nowMs() < 3_000) {
      await clock.sleepUntil(clock.nowMs() + everyMs)
      if (clock.nowMs() <= 6) woken.push(`${name} ${clock.nowMs()}`)
    }
  }
  await Promise.all([sleeper('a', 2), sleeper('b', 3)])
  expect(woken).toEqual(['a 2', 'b 3', 'a 4', 'b 6', 'a 6'])
  expect(turned).toBe(true)
})
