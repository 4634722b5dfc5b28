/** How the tests of a whole run are counted, second tries included. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countTests, type TestFile } from '../../.ci/count.ts'

function fileOf(name: string, passed: number, failed: number): TestFile {
  const tests = (status: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      status,
      fullName: `${name} ${status} ${index}`,
    }))
  return {
    name: resolve(name),
    status: failed > 0 ? 'failed' : 'passed',
    assertionResults: [
      ...tests('passed', passed),
      ...tests('failed', failed),
      ...tests('skipped', 1),
    ],
  }
}

const result = (path: string, ...files: TestFile[]) => ({ path, files })

describe('tests', () => {
  it('are added up over all results, and skipped ones are neither', () => {
    expect(
      countTests([
        result('unit', fileOf('a', 3, 0), fileOf('b', 2, 1)),
        result('live', fileOf('c', 4, 0)),
      ]),
    ).toEqual({ passed: 9, failed: 1, notes: [] })
  })

  it('of a live file count as its second run went, and it is named', () => {
    const first = [result('live', fileOf('a', 3, 1), fileOf('b', 2, 0))]
    expect(countTests(first, [result('again', fileOf('a', 4, 0))])).toEqual({
      ...{ passed: 6, failed: 0 },
      notes: ['a: passed on the second try; the first failed: a failed 0'],
    })
  })

  it('that fail twice have failed, with both results told', () => {
    const first = [result('live', fileOf('a', 2, 2))]
    expect(countTests(first, [result('again', fileOf('a', 3, 1))])).toEqual({
      ...{ passed: 3, failed: 1 },
      notes: ['a: failed twice; first: a failed 0; a failed 1; then: a failed 0'],
    })
  })

  it('stay failed where the second run left no result', () => {
    const first = [result('live', fileOf('a', 2, 1))]
    expect(countTests(first, [{ path: 'again', files: null }])).toMatchObject({ failed: 1 })
  })

  it('are taken from the first run where a file that passed was run again', () => {
    const first = [result('live', fileOf('a', 2, 0))]
    expect(countTests(first, [result('again', fileOf('a', 0, 2))])).toMatchObject({
      ...{ passed: 2, failed: 0 },
    })
  })

  it('count one failure for a file that cannot be loaded, and for a part without results', () => {
    const unloadable = { name: '/a', status: 'failed', assertionResults: [] }
    expect(countTests([result('unit', unloadable)])).toMatchObject({ passed: 0, failed: 1 })
    expect(countTests([{ path: 'live.json', files: null }, result('unit')])).toEqual({
      ...{ passed: 0, failed: 2 },
      notes: ['live.json: no test was counted', 'unit: no test was counted'],
    })
  })
})

describe('the command', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clusterdrill-count-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (name: string, ...testResults: TestFile[]): string => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify({ testResults }))
    return path
  }
  const count = (...words: string[]) => {
    const script = resolve(import.meta.dirname, '../../.ci/count.ts')
    return spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' })
  }

  it('ends with one line of counts, and fails when a test failed', () => {
    const [unit, live] = [
      write('unit.json', fileOf('a', 1, 0)),
      write('live.json', fileOf('b', 1, 1)),
    ]
    const once = count(unit, live, '--again')
    expect([once.stdout, once.status]).toEqual(['2 passed, 1 failed\n', 1])
    const twice = count(unit, live, '--again', write('again.json', fileOf('b', 2, 0)))
    expect(twice.stdout.split('\n').slice(-2)).toEqual(['3 passed, 0 failed', ''])
    expect(twice.stdout).toContain('b: passed on the second try')
    expect(twice.status).toBe(0)
  })

  it('names the files that failed', () => {
    const live = write('live.json', fileOf('a', 1, 0), fileOf('b', 1, 1))
    expect(count('failed', live).stdout).toBe(`${resolve('b')}\n`)
    expect(count('failed', join(folder, 'none.json')).stdout).toBe('')
  })
})
