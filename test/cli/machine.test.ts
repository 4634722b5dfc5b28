/** The command on a machine without an engine: what to do next, and nothing left behind. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { registerRun } from '../../harness/record/active.ts'
import { Journal } from '../../harness/record/journal.ts'
import { newShell } from './command.ts'

// Every one of these starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

describe('without an engine', () => {
  it('a scenario says what is missing and how to get it, and leaves no run behind', async () => {
    using shell = newShell()
    const { exitCode, out, err } = await shell.run('scenario', 'worker-down', '--provider', 'kind')
    expect([exitCode, out]).toEqual([69, ''])
    expect(err).toBe(
      [
        'error: no container engine answers',
        '  changed: nothing was changed',
        '  next: `pnpm run setup kind` gets it; or give --yes to have it done now.\n',
      ].join('\n'),
    )
    expect(readdirSync(shell.folder)).toEqual([])
    expect(readdirSync(shell.home)).toEqual([])
  })

  it('no cluster stands', async () => {
    using shell = newShell()
    const { exitCode, out } = await shell.run('topology', 'status')
    expect([exitCode, out]).toEqual([0, 'no drill cluster stands\n'])
  })

  it('there is nothing to clean', async () => {
    using shell = newShell()
    const { exitCode, err } = await shell.run('clean')
    expect([exitCode, err]).toEqual([0, ''])
  })

  it('clean names what is no entry of the register, and leaves it', async () => {
    using shell = newShell()
    mkdirSync(join(shell.home, 'active'))
    const file = join(shell.home, 'active', 'other.json')
    writeFileSync(file, '{"name":"of another program"}')
    const { exitCode, err } = await shell.run('clean')
    expect(err).toContain(`${file} is not an entry of the register: fields are missing or wrong`)
    expect(exitCode).toBe(69)
    expect(existsSync(file)).toBe(true)
  })

  it('clean takes a run off the register that left nothing broken', async () => {
    using shell = newShell()
    await registerDeadRun(shell.home, shell.folder)
    const { exitCode, out } = await shell.run('clean')
    expect([exitCode, out]).toEqual([0, 'run-1: nothing to undo\n'])
    expect(readdirSync(join(shell.home, 'active'))).toEqual([])
  })

  it('clean keeps a run on the register that left something broken', async () => {
    using shell = newShell()
    await registerDeadRun(shell.home, shell.folder)
    const journal = new Journal(join(shell.folder, 'journal.jsonl'))
    const where = { provider: 'kind', cluster: 'drill-one', node: 'worker-a' } as const
    journal.intent('power', { kind: 'power.unpause', ...where, container: 'c' }, 0)
    journal.close()
    const { exitCode, err } = await shell.run('clean')
    expect(err).toContain('run-1: 1 faults to undo, but no engine answers')
    expect(exitCode).toBe(69)
    expect(readdirSync(join(shell.home, 'active'))).toEqual(['run-1.json'])
  })

  it('clean leaves a run alone that still lives', async () => {
    using shell = newShell()
    await registerRun(shell.home, { ...entry, directory: shell.folder, pid: process.pid })
    const { exitCode, out } = await shell.run('clean')
    expect([exitCode, out]).toEqual([
      ...[0, `run-1: still running (process ${process.pid}), left alone\n`],
    ])
    expect(readdirSync(join(shell.home, 'active'))).toEqual(['run-1.json'])
  })
})

const entry = { runId: 'run-1', cluster: 'drill-one', startedAt: '2026-03-01T09:30:05.000Z' }
/** Above what the kernel gives to any process. */
const noProcess = 2 ** 30

async function registerDeadRun(home: string, directory: string): Promise<void> {
  await registerRun(home, { ...entry, directory, pid: noProcess })
}
