/** `pnpm sweep`: threads, parts and order change nothing; bad words write nothing; Ctrl-C keeps. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Quiet } from '../../harness/model/quiet.ts'
import type { Sweep } from '../../harness/model/sweep.ts'
import { newShell, type Shell } from './command.ts'

vi.setConfig({ testTimeout: 60_000 })

let shell: Shell
beforeEach(() => {
  shell = newShell()
})
afterEach(() => shell[Symbol.dispose]())

const read = (...path: string[]) => readFileSync(join(shell.folder, ...path), 'utf8')
const brisk = ['sweep', 'worker-down', '--pace', 'brisk', '--vary', 'tolerationSeconds=5s,20s']

test('parts from any number of threads, merged, are the bytes of one sweep', async () => {
  const whole = await shell.run(...brisk, '--runs', '24', '--threads', '1', '--out', 'whole')
  expect([whole.exitCode, whole.err]).toEqual([0, expect.stringContaining('48 of 48 runs')])
  expect(whole.out).toContain('SIMULATED')
  await Promise.all([
    shell.run(...brisk, '--seeds', '1..13', '--threads', '3', '--out', 'one'),
    shell.run(...brisk, '--runs', '24', '--seeds', '14..24', '--out', 'two'),
  ])
  const merged = await shell.run('sweep', '--merge', 'two', 'one', '--out', 'merged')
  expect(merged.exitCode).toBe(0)
  for (const file of ['sweep.json', 'sweep.html']) {
    expect(read('merged', file)).toBe(read('whole', file))
  }
  const again = await shell.run('sweep', '--merge', 'one', 'whole', '--out', 'no')
  expect(again.err).toContain('the seeds 1..13 are in')
  expect([again.exitCode, existsSync(join(shell.folder, 'no'))]).toEqual([64, false])
})

test('all that is wrong is said at once, and nothing is written', async () => {
  const words = ['--vary', 'tolerationSeconds=5', '--seeds', '9..3', '--threads', '0']
  const { exitCode, out, err } = await shell.run('sweep', 'worker-dwn', ...words, '--runs', 'x')
  expect([exitCode, out]).toEqual([64, ''])
  for (const text of ["'worker-down'?", 'tolerationSeconds=5', '9..3', '--threads 0', '--runs x']) {
    expect(err).toContain(text)
  }
  const merge = await shell.run('sweep', 'worker-down', '--merge', 'a', '--pace', 'brisk')
  expect(merge.err.match(/^ {2}- /gm)).toHaveLength(2)
  expect(readdirSync(shell.folder)).toEqual([])
})

test('Ctrl-C keeps the seeds that every combination was played with', async () => {
  const stopped = await shell.interrupt(
    /SIMULATED \d+ of/,
    ...brisk,
    '--runs',
    '20000',
    '--threads',
    '2',
    '--out',
    'a',
  )
  expect(stopped.exitCode).toBe(130)
  const sweep = JSON.parse(read('a', 'sweep.json')) as Sweep
  const { to } = sweep.seeds
  expect(stopped.err).toContain(`--seeds ${to + 1}..20000`)
  for (const { runs } of sweep.combinations) {
    expect(runs.map(({ seed }) => seed)).toEqual(
      Array.from({ length: to }, (_, index) => index + 1),
    )
  }
})

test('a quiet sweep says how often nodes are taken for dead, and refuses what it has not', async () => {
  const words = ['sweep', 'quiet', '--loss', '5%,60%', '--runs', '60', '--hours', '2']
  const { exitCode, out } = await shell.run(...words, '--json', '--out', 'quiet')
  expect(exitCode).toBe(0)
  const quiet = JSON.parse(out) as Quiet
  expect(readFileSync(join(shell.folder, 'quiet', 'quiet.json'), 'utf8')).toBe(out)
  expect(quiet.combinations.map(({ notReady }) => notReady.runs > 0)).toEqual([false, true])
  const alone = await shell.run(...words, '--threads', '1', '--out', 'alone')
  expect(alone.out).toContain('SIMULATED')
  expect(alone.out).toMatch(/loss=5% +none seen, below/)
  expect(read('alone', 'quiet.json')).toBe(out)
  const bad = await shell.run('sweep', 'quiet', '--target', 'x', '--hours', '0', '--out', 'quiet')
  expect(bad.err.match(/^ {2}- /gm)).toHaveLength(4)
  const other = await shell.run('sweep', 'worker-down', '--loss', '5%')
  expect([other.exitCode, other.err]).toEqual([64, expect.stringContaining('--loss: only')])
})
