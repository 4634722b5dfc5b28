/** A part as lines of a log, and back: whole or not at all, whatever else the log holds. */
import { expect, test } from 'vitest'
import type { Sweep } from '../../harness/model/sweep.ts'
import { partLog, readPartLog } from '../../harness/record/part-log.ts'

const sweepOf = (runs: number): Sweep => ({
  ...{ schema: 'clusterdrill/sweep/v1', provider: 'sim', timeSource: 'virtual' },
  ...{ scenario: 'worker-down', title: 'A worker is lost', topology: 'cx-worker-ha', target: null },
  ...{ pace: 'brisk', set: [], vary: [], harnessVersion: '0.1.0', fingerprint: 'ab' },
  seeds: { from: 1, to: runs },
  combinations: [
    {
      ...{ settings: [], timers: {}, refused: null },
      summary: { runs, without: 0, invalid: [], outage: null, longest: [] },
      runs: Array.from({ length: runs }, (_, index) => ({
        ...{ seed: index + 1, outageMs: Math.sin(index) * 1e4, longest: null },
      })),
    },
  ],
})
const sweep = sweepOf(2_000)
const log = partLog(3, sweep)
const problemOf = (text: string) => {
  const read = readPartLog(3, text)
  return 'problem' in read ? read.problem : null
}

test('what a pod writes is read back, with all that is said in between', () => {
  expect(log.split('\n').length).toBeGreaterThan(4)
  expect(Math.max(...log.split('\n').map((line) => line.length))).toBeLessThan(16_000)
  const noise = log.replaceAll('\n', '\nSIMULATED 10 of 20 runs\n\u001b[2Jpart 4: end 1\n')
  for (const text of [log, `a warning\n${noise}`, log.replaceAll('\n', '\r\n')]) {
    expect(readPartLog(3, text)).toEqual({ sweep })
  }
})

test('a log that is cut off is no result', () => {
  for (let length = 0; length < log.length - 1; length += 997) {
    expect(problemOf(log.slice(0, length))).toMatch(/holds no result|is cut off/)
    expect(problemOf(log.slice(log.length - length))).toMatch(/holds no result|is cut off/)
  }
  const lines = log.split('\n')
  expect(problemOf(lines.toSpliced(2, 1).join('\n'))).toBe('its log is cut off')
  expect(problemOf(partLog(2, sweep))).toBe('its log holds no result')
})

test('a log that was changed is no result', () => {
  const [begin = '', first = '', ...rest] = log.split('\n')
  const changed = (line: string) => problemOf([begin, line, ...rest].join('\n'))
  expect(changed(first)).toBe(null)
  expect(changed(`${first.slice(0, -1)}!`)).toBe('its log is damaged')
  expect(changed(first.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(
    'its log is damaged',
  )
  expect(problemOf(`${log}part 3: begin ${'0'.repeat(64)}\n`)).toBe('its log is cut off')
  expect(problemOf(log.replace(/begin ..../, 'begin 0000'))).toBe('its log is damaged')
})

test('what is no sweep is refused by the schema, and a small log does not become a large one', () => {
  const foreign = partLog(3, { ...sweep, schema: 'clusterdrill/run/v1' } as unknown as Sweep)
  expect(problemOf(foreign)).toBe('its schema is clusterdrill/run/v1, not clusterdrill/sweep/v1')
  expect(problemOf(partLog(3, { ...sweep, more: 1 } as Sweep))).toContain('more')
  expect(readPartLog(3, log, 10_000)).toEqual({ problem: 'its result is too large' })
})

test('a part that no log would hold is refused by the pod', () => {
  expect(() => partLog(3, sweep, 1_000)).toThrow('the log of a pod holds 1000')
})
