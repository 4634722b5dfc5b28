/** What the user is told when a disk refuses. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskTrouble } from '../../harness/record/disk-trouble.ts'
import { newFolder } from './folder.ts'

test('a full disk is said in words, with what was kept and what to do', () => {
  const directory = newFolder()
  for (const name of ['plan.json', 'events.jsonl', '.record.json.1.tmp']) {
    writeFileSync(join(directory, name), '')
  }
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  const trouble = diskTrouble(full, directory, 'record.json cannot be written')
  expect(trouble.exitCode).toBe(69)
  expect(trouble.what).toBe('record.json cannot be written: the disk is full.')
  expect(trouble.changed).toBe(`kept in ${directory}: events.jsonl, plan.json`)
  expect(trouble.next).toBe('Make room on that disk, or choose another with --out.')
  expect(trouble.cause).toBe(full)
})
