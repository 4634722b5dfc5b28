/** The commands on a machine with nothing but Node: a prediction, and said to be one everywhere. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunRecord } from '../../harness/model/record.ts'
import { newShell, type Shell } from './command.ts'

vi.setConfig({ testTimeout: 60_000 })

let shell: Shell
beforeEach(() => {
  shell = newShell()
})
afterEach(() => shell[Symbol.dispose]())

const runsIn = (folder: string) => readdirSync(join(shell.folder, folder)).toSorted()
const read = (...path: string[]) => readFileSync(join(shell.folder, ...path), 'utf8')

test('without an engine a scenario is simulated, and every form of its result says so', async () => {
  const { exitCode, out, err } = await shell.run('scenario', 'worker-down', '--pace', 'brisk')
  expect(err).toContain('SIMULATED, for no container engine answers')
  expect(err).toContain('pnpm run setup kind')
  expect(exitCode).toBe(0)
  expect(out).toContain('SIMULATED')
  expect(out).not.toContain('MEASURED')
  const [run = ''] = runsIn('runs')
  expect(run).toMatch(/-cx-worker-ha-worker-down-sim$/)
  const record = JSON.parse(read('runs', run, 'record.json')) as RunRecord
  expect(record).toMatchObject({ provider: 'sim', timeSource: 'virtual', seed: 1, problems: [] })
  expect(record.recovery.outageMs?.[0]).toBeGreaterThan(30_000)
  for (const file of ['report.html', 'summary.md']) {
    expect(read('runs', run, file)).toContain('SIMULATED')
    expect(read('runs', run, file)).not.toContain('MEASURED on')
  }
  expect(read('runs', run, 'metrics.prom')).toContain('provider="sim"')
  expect(readdirSync(join(shell.home, 'active'))).toEqual([])
})

test('--explain prints the events from the fault to the end of the outage, one run at a time', async () => {
  const words = ['scenario', 'worker-down', '--pace', 'brisk', '--provider', 'sim', '--explain']
  const { exitCode, out } = await shell.run(...words)
  expect(exitCode).toBe(0)
  const [, chain = ''] = out.split('since the injection:')
  expect(chain).toMatch(/\+0 ms +fault +worker-power on worker-a/)
  expect(chain).toMatch(/node-not-ready after .*waiting for .*--node-monitor-grace-period/)
  expect(chain.indexOf('pod-evicted')).toBeLessThan(chain.indexOf('pod-created'))
  expect(chain).toMatch(/service-available after /)
  const refused = await shell.run(...words, '--json')
  expect(refused.exitCode).toBe(64)
  expect(refused.err).toContain('leave out --json')
})

test('the same seed gives the same samples and events to the byte, and another seed others', async () => {
  const play = async (seed: string, out: string) => {
    const words = ['--pace', 'brisk', '--provider', 'sim', '--seed', seed, '--out', out]
    await shell.run('scenario', 'control-plane-down', ...words)
    const [run = ''] = runsIn(out)
    const { runId: _, startedAt: __, ...record } = JSON.parse(read(out, run, 'record.json'))
    return {
      samples: read(out, run, 'samples.jsonl'),
      events: read(out, run, 'events.jsonl'),
      record,
    }
  }
  const [first, again, other] = await Promise.all([play('7', 'a'), play('7', 'b'), play('8', 'c')])
  expect(again).toEqual(first)
  expect(other.samples).not.toBe(first.samples)
})

test('a matrix is simulated cell by cell, on one page', async () => {
  const words = ['matrix', '--pace', 'brisk', '--only', 'pod-down', 'quorum-lost', '--out', 'page']
  const { exitCode, out } = await shell.run(...words)
  expect(exitCode).toBe(0)
  expect(out).toContain('SIMULATED')
  expect(out).toContain('in virtual time')
  expect(read('page', 'matrix.html')).toContain('SIMULATED')
  expect(runsIn('page/runs')).toHaveLength(3)
})

test('a simulated cluster cannot be kept', async () => {
  const { exitCode, err } = await shell.run('topology', 'up', 'cx-worker-ha', '--provider', 'sim')
  expect(exitCode).toBe(64)
  expect(err).toContain('a simulated cluster does not stay')
})
