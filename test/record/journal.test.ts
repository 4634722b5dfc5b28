/**
 * The undo journal: on disk when the call returns, torn by crashes, refused when foreign, and
 * whole after a disk that would take no more.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { UsageError } from '../../harness/model/errors.ts'
import type { UndoAction } from '../../harness/model/undo.ts'
import { Journal, type JournalEntry, pending, readJournal } from '../../harness/record/journal.ts'
import { newFolder } from './folder.ts'

const start: UndoAction = {
  kind: 'power.start',
  provider: 'kind',
  cluster: 'drill-one',
  node: 'worker-a',
  container: 'drill-one-worker',
  address: '172.20.0.4',
  network: 'drill',
}
const nothing: UndoAction = {
  kind: 'none',
  provider: 'kind',
  cluster: 'drill-one',
  node: 'worker-a',
  why: 'the kubelet starts the container again',
}
const intent = (id: string, action: UndoAction = start): JournalEntry => ({
  type: 'intent',
  id,
  atEpochMs: 1_000,
  action,
})

test('each entry is in the file when the call returns', () => {
  const file = join(newFolder(), 'journal.jsonl')
  const journal = new Journal(file)
  journal.intent('fault-1', start, 1_000)
  expect(readJournal(file)).toEqual([intent('fault-1')])
  journal.held('fault-1')
  journal.undone('fault-1')
  expect(readJournal(file)).toEqual([
    intent('fault-1'),
    { type: 'held', id: 'fault-1' },
    { type: 'undone', id: 'fault-1' },
  ])
  journal.close()
})

test('pending is what was intended and not undone, newest first', () => {
  const entries: JournalEntry[] = [
    intent('a'),
    { type: 'held', id: 'a' },
    intent('b', nothing),
    intent('c'),
    { type: 'undone', id: 'b' },
  ]
  expect(pending(entries)).toEqual([
    { id: 'c', atEpochMs: 1_000, action: start, held: false },
    { id: 'a', atEpochMs: 1_000, action: start, held: true },
  ])
})

test('a fault done again after its undo is pending again', () => {
  expect(pending([intent('a'), { type: 'undone', id: 'a' }, intent('a')]).length).toBe(1)
  expect(pending([intent('a'), { type: 'undone', id: 'a' }])).toEqual([])
})

test('a journal that does not exist holds nothing', () => {
  expect(readJournal(join(newFolder(), 'journal.jsonl'))).toEqual([])
})

test.each(['{"type":"undo', '\0\0\0'])(
  'a torn last line %j is passed over, then cut off',
  (torn) => {
    const file = join(newFolder(), 'journal.jsonl')
    writeFileSync(file, `${JSON.stringify(intent('a'))}\n${torn}`)
    expect(readJournal(file)).toEqual([intent('a')])
    const journal = new Journal(file)
    journal.undone('a')
    journal.close()
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      JSON.stringify(intent('a')),
      '{"type":"undone","id":"a"}',
      '',
    ])
  },
)

test('what is not a journal is refused, line by line, and not written to', () => {
  const file = join(newFolder(), 'journal.jsonl')
  const text = `hello\n${JSON.stringify(intent('a'))}\n{"type":"undone"}\n`
  writeFileSync(file, text)
  for (const use of [() => readJournal(file), () => new Journal(file)]) {
    expect(use).toThrow(UsageError)
    expect(use).toThrow(/line 1 is not.*\n.*line 3 is not/)
  }
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a foreign last line is refused as well', () => {
  const file = join(newFolder(), 'journal.jsonl')
  appendFileSync(file, 'root:x:0:0')
  expect(() => readJournal(file)).toThrow(/the last line/)
})

test('an undo of a later kind is refused, for it could not be carried out', () => {
  const file = join(newFolder(), 'journal.jsonl')
  const later = { ...intent('a'), action: { ...nothing, kind: 'network.restore' } }
  writeFileSync(file, `${JSON.stringify(later)}\n`)
  expect(() => readJournal(file)).toThrow(/line 1/)
})

test.skipIf(process.platform !== 'linux')(
  'an entry that the disk refuses leaves no torn line',
  () => {
    const directory = newFolder()
    const script = fileURLToPath(new URL('./fill-journal.ts', import.meta.url))
    const command = `ulimit -f 2; exec "$0" "$@"`
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', command, process.execPath, '--disable-warning=ExperimentalWarning', script, directory],
      { encoding: 'utf8' },
    )
    expect(status).toBe(0)
    const [written, what, changed] = JSON.parse(stdout) as [number, string, string]
    expect(what).toMatch(/^'intent fault-\d+' cannot be written to journal.jsonl: EFBIG/)
    expect(changed).toBe(`kept in ${directory}: journal.jsonl`)
    const file = join(directory, 'journal.jsonl')
    expect(written).toBeGreaterThan(0)
    expect(readJournal(file).length).toBe(written)
    expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true)
  },
)
