/** Lost packets and pauses: how late a renewal is, and when a node that lives is taken for dead. */
import { expect, test } from 'vitest'
import { disturb, renewalDelayMs } from '../../../harness/cluster/sim/disturbances.ts'
import { renewalPeriodMs } from '../../../harness/cluster/sim/heartbeats.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import { modelOf } from './model.ts'

const timers = timersOf('documented')
const hourMs = 3_600_000

/** `lost` packets are lost, and those after them are through. */
function losing(lost: number): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return drawn <= lost ? 0 : 0.999
  }
}

test.each([
  [0, 0],
  [1, 200],
  [2, 600],
  // Six tries of TCP: 0.2, 0.4, 0.8, 1.6, 3.2 and 6.4 s.
  [6, 12_600],
  // The seventh would come after both tries were given up: a new connection, at once.
  [7, 20_000],
  // One more packet is lost: the first of the new connection, sent again after a second.
  [8, 21_000],
  // Five: at 1, 2, 4 and 8 s, which is longer than a try; the fourth try is through.
  [11, 30_000],
])('after %d lost packets a renewal arrives %d ms late', (lost, delayMs) => {
  expect(renewalDelayMs(losing(lost), 0.5, timers)).toBe(delayMs)
})

test('a late renewal is believed when it comes, and the one before it until then', () => {
  const { cluster, pass, nowMs } = modelOf()
  const worker = cluster.machines.get('worker-a')
  const { heartbeats } = cluster
  pass(hourMs)
  const last = heartbeats.lastMs(worker)
  pass(last + renewalPeriodMs(timers) - nowMs())
  heartbeats.late(worker, 15_000)
  expect(heartbeats.flows(worker)).toBe(false)
  expect(heartbeats.lastMs(worker)).toBeCloseTo(last, 3)
  pass(15_000)
  expect(heartbeats.flows(worker)).toBe(true)
  expect(heartbeats.lastMs(worker)).toBe(nowMs())
})

const notReady = (lossShare: number, pause: { lengthMs: number; perHour: number } | null) => {
  const { cluster, events, pass } = modelOf({ seed: 5 })
  disturb(cluster, { lossShare, pause })
  pass(3 * hourMs)
  return events.filter(({ name }) => name === 'node-not-ready').map(({ subject }) => subject)
}

test('few lost packets and short pauses mark no node, many and long ones do', () => {
  expect(notReady(0.1, { lengthMs: 8_000, perHour: 10 })).toEqual([])
  expect(notReady(0.7, null).length).toBeGreaterThan(10)
  const paused = notReady(0, { lengthMs: 70_000, perHour: 10 })
  expect(paused.length).toBeGreaterThan(20)
  expect(new Set(paused)).toEqual(new Set(['worker-a', 'worker-b']))
})

test('a renewal is late by itself, and never twice at once', () => {
  const { cluster, pass, nowMs } = modelOf({ seed: 2 })
  disturb(cluster, { lossShare: 0.6, pause: { lengthMs: 30_000, perHour: 30 } })
  const worker = cluster.machines.get('worker-b')
  let lastMs = cluster.heartbeats.lastMs(worker)
  for (let step = 0; step < 2_000; step += 1) {
    pass(1_000)
    const now = cluster.heartbeats.lastMs(worker)
    expect(now).toBeGreaterThanOrEqual(lastMs - 1e-6)
    expect(now).toBeLessThanOrEqual(nowMs())
    lastMs = now
  }
})
