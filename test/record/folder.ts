/** A folder of its own for each test, gone after it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'clusterdrill-record-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
