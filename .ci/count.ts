/**
 * Counts tests from vitest's JSON results, live test files that failed and were run once more
 * included: such a file counts as its second run went.
 *
 *   count.ts failed RESULT          prints the files of which a test failed, one a line
 *   count.ts RESULT… [--again RESULT…]   prints the counts as its last line; fails when one failed
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** What is used of vitest's JSON reporter. */
export interface TestFile {
  name: string
  status: string
  assertionResults: { status: string; fullName: string }[]
}

export interface Counts {
  passed: number
  failed: number
  /** What a reader should know: files that passed on their second try, or that cannot be counted. */
  notes: string[]
}

/** Null where the file is missing, is no JSON or holds no test: then nobody knows what passed. */
export type Result = { path: string; files: readonly TestFile[] | null }

export function hasFailed({ status, assertionResults }: TestFile): boolean {
  return status === 'failed' || assertionResults.some((test) => test.status === 'failed')
}

/**
 * `first`: one result for each part of the suite. `again`: results of single files that were run
 * a second time. A part without a result counts as one failure, and so does a file that failed
 * without a failing test, as one that cannot be loaded.
 */
export function countTests(first: readonly Result[], again: readonly Result[] = []): Counts {
  const counts: Counts = { passed: 0, failed: 0, notes: [] }
  const second = new Map(
    again.flatMap(({ files }) => (files ?? []).map((file) => [file.name, file] as const)),
  )
  for (const { path, files } of first) {
    if (files === null || files.length === 0) {
      counts.failed += 1
      counts.notes.push(`${path}: no test was counted`)
      continue
    }
    for (const file of files) {
      const retried = hasFailed(file) ? second.get(file.name) : undefined
      if (retried) counts.notes.push(secondTry(file, retried))
      count(retried ?? file, counts)
    }
  }
  return counts
}

function count(file: TestFile, counts: Counts): void {
  const having = (status: string) =>
    file.assertionResults.filter((test) => test.status === status).length
  counts.passed += having('passed')
  const failed = having('failed')
  counts.failed += failed === 0 && hasFailed(file) ? 1 : failed
}

function secondTry(first: TestFile, second: TestFile): string {
  const names = ({ assertionResults }: TestFile) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : []))
  const file = relative(process.cwd(), first.name)
  const firstly = names(first).join('; ') || 'it could not be run'
  if (!hasFailed(second)) return `${file}: passed on the second try; the first failed: ${firstly}`
  return `${file}: failed twice; first: ${firstly}; then: ${names(second).join('; ') || 'it could not be run'}`
}

export function read(path: string): Result {
  if (!existsSync(path)) return { path, files: null }
  try {
    const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as { testResults?: TestFile[] }
    return { path, files: testResults ?? null }
  } catch {
    return { path, files: null }
  }
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  if (words[0] === 'failed') {
    const files = read(words[1] ?? '').files ?? []
    for (const file of files.filter(hasFailed)) process.stdout.write(`${file.name}\n`)
  } else {
    const at = words.indexOf('--again')
    const first = at === -1 ? words : words.slice(0, at)
    const again = at === -1 ? [] : words.slice(at + 1)
    const { passed, failed, notes } = countTests(first.map(read), again.map(read))
    for (const note of notes) process.stdout.write(`${note}\n`)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
    process.exitCode = failed === 0 ? 0 : 1
  }
}
