/** How far nodes' clocks are ahead: bounds from the time that the look took. */
import { expect, it } from 'vitest'
import { clocksOf, readingIn } from '../../../harness/cluster/containers/clocks.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const origin = Date.parse('2026-08-06T12:00:00Z')
const seconds = origin / 1_000

/** Each container says its line after some milliseconds, or cannot be asked. */
function engineWhere(
  said: Record<string, { line: string; afterMs: number } | 'gone'>,
  clock: FakeClock,
) {
  return {
    docker: async ([command, container = '', ...words]: readonly string[]) => {
      expect([command, ...words]).toEqual(['exec', 'date', '+%s %N'])
      const answer = said[container]
      if (answer === undefined || answer === 'gone') throw new Error(`no container ${container}`)
      await clock.sleepUntil(clock.nowMs() + answer.afterMs)
      return `${answer.line}\n`
    },
  }
}

const node = (name: string) => ({ name, container: `c-${name}` })

it('a clock that is two seconds ahead is so within the time of the look', async () => {
  const clock = new FakeClock(origin)
  await clock.sleepUntil(10_000)
  // Read somewhere between 10.000 and 10.100 s of the session, it said 12.050 s.
  const engine = engineWhere({ 'c-a': { line: `${seconds + 12} 050000000`, afterMs: 100 } }, clock)
  const [seen] = await clocksOf(engine, [node('a')], clock)
  // A millisecond more below, for the session's own beginning is known to the millisecond.
  expect(seen).toEqual({ node: 'a', aheadMs: [1_949, 2_050] })
})

it('a date without nanoseconds is anywhere in its second', async () => {
  const clock = new FakeClock(origin)
  const engine = engineWhere({ 'c-a': { line: `${seconds} %N`, afterMs: 0 } }, clock)
  expect(await clocksOf(engine, [node('a')], clock)).toEqual([{ node: 'a', aheadMs: [-1, 1_000] }])
})

it('what cannot be asked, or says no time, is left out', async () => {
  const clock = new FakeClock(origin)
  const engine = engineWhere(
    {
      'c-a': 'gone',
      'c-b': { line: `${seconds} 000000000`, afterMs: 0 },
      'c-c': { line: 'date: not found', afterMs: 0 },
    },
    clock,
  )
  const seen = await clocksOf(engine, ['a', 'b', 'c'].map(node), clock)
  expect(seen).toEqual([{ node: 'b', aheadMs: [-1, 0] }])
})

it.each([
  ['1786017600 500000000', { epochMs: 1_786_017_600_500, widthMs: 0 }],
  ['1786017600', { epochMs: 1_786_017_600_000, widthMs: 1_000 }],
  ['1786017600 N', { epochMs: 1_786_017_600_000, widthMs: 1_000 }],
  ['', null],
  ['Thu Aug  6', null],
])('%j', (said, reading) => {
  expect(readingIn(said)).toEqual(reading)
})
