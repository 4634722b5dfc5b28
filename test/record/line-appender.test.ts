/** Appended lines: their order, and a disk that is full. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MachineError } from '../../harness/model/errors.ts'
import { LineAppender } from '../../harness/record/line-appender.ts'
import { newFolder } from './folder.ts'

test('lines come in order, and an older file is gone on with', () => {
  const file = join(newFolder(), 'events.jsonl')
  for (const lines of [['a', 'b'], ['c']]) {
    const appender = new LineAppender(file, () => {})
    appender.append(lines)
    appender.close()
  }
  expect(readFileSync(file, 'utf8')).toBe('a\nb\nc\n')
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told of once, and fails the close', () => {
  const troubles: string[] = []
  const appender = new LineAppender('/dev/full', (message) => troubles.push(message))
  appender.append(['a'])
  appender.flushSync()
  appender.append(['b'])
  appender.flushSync()
  expect(troubles).toEqual([expect.stringMatching(/^full cannot be written: ENOSPC/)])
  expect(() => appender.close()).toThrow(MachineError)
})

test('a file that cannot be made is the machine’s fault', () => {
  const folder = join(newFolder(), 'events.jsonl')
  mkdirSync(folder)
  expect(() => new LineAppender(folder, () => {})).toThrow(MachineError)
})
