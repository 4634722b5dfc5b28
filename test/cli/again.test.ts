/** `judge` and `report` on runs that lie on disk. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { recordSchema } from '../../harness/model/record.ts'
import { newShell } from './command.ts'
import { saveRun } from './saved-run.ts'

// Every one of these starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const recordIn = (directory: string) =>
  recordSchema.parse(JSON.parse(readFileSync(join(directory, 'record.json'), 'utf8')))

describe('a saved run', () => {
  it('is judged: a record and all four reports, and exit code 0 when all is as accepted', async () => {
    using shell = newShell()
    const directory = await saveRun(shell.folder)
    const { exitCode, out, err } = await shell.run('judge', directory)
    expect(err).toBe('')
    expect(readdirSync(directory).toSorted()).toEqual([
      ...['conduct.json', 'events.jsonl', 'junit.xml', 'metrics.prom', 'plan.json', 'record.json'],
      ...['report.html', 'samples.jsonl', 'summary.md'],
    ])
    const record = recordIn(directory)
    expect(record).toMatchObject({ scenario: 'worker-down', pace: 'brisk', problems: [] })
    expect(record.differences.at(-1)).toBe('told by the provider')
    expect(
      record.claims.map(({ id, verdict, accepted }) => [id, verdict, accepted.verdict]),
    ).toEqual([
      ['000-worker-down', 'contradicted', 'contradicted'],
      ['000-worker-restored', 'confirmed', 'confirmed'],
    ])
    expect(out).toContain('worker-down on cx-worker-ha')
    expect(exitCode).toBe(0)
  })

  it('in which a claim could not be judged as accepted has exit code 2', async () => {
    using shell = newShell()
    const directory = await saveRun(shell.folder, { apiOnly: true })
    const { exitCode } = await shell.run('judge', directory)
    expect(recordIn(directory).claims[0]).toMatchObject({
      id: '000-worker-down',
      verdict: 'undetermined',
      accepted: { verdict: 'contradicted' },
    })
    expect(exitCode).toBe(2)
  })

  it('is judged the same again, and printed as JSON alone', async () => {
    using shell = newShell()
    const directory = await saveRun(shell.folder)
    const first = await shell.run('judge', '--json', directory)
    const again = await shell.run('judge', '--json', directory)
    expect(again).toEqual(first)
    expect(JSON.parse(first.out)).toEqual(recordIn(directory))
  })

  it('that is invalid has exit code 2', async () => {
    using shell = newShell()
    const problems = [{ invalid: true, text: 'the engine went away' }]
    const directory = await saveRun(shell.folder, { problems })
    const { exitCode } = await shell.run('judge', directory)
    expect(recordIn(directory)).toMatchObject({
      verdict: 'invalid',
      problems: ['the engine went away'],
    })
    expect(exitCode).toBe(2)
  })

  it('gets its reports again from its record', async () => {
    using shell = newShell()
    const directory = await saveRun(shell.folder)
    await shell.run('judge', directory)
    const report = join(directory, 'report.html')
    const before = readFileSync(report, 'utf8')
    rmSync(report)
    const { exitCode, out } = await shell.run('report', directory)
    expect([exitCode, out]).toEqual([0, `${report}\n`])
    expect(readFileSync(report, 'utf8')).toBe(before)
  })

  it('that did not come to its end, or was not judged, is refused with every other', async () => {
    using shell = newShell()
    const [one, two] = [
      await saveRun(shell.folder, { unfinished: true }),
      await saveRun(shell.folder, { unfinished: true }),
    ]
    const judged = await shell.run('judge', one, two)
    expect(judged.err.match(/^ {2}- .*$/gm)).toEqual([
      `  - ${one}: the run did not come to its end`,
      `  - ${two}: the run did not come to its end`,
    ])
    const reported = await shell.run('report', one, two)
    expect(reported.err.match(/^ {2}- .*$/gm)).toEqual([
      `  - ${one}: it holds no record.json`,
      `  - ${two}: it holds no record.json`,
    ])
    expect([judged.exitCode, reported.exitCode]).toEqual([64, 64])
    expect(existsSync(join(one, 'record.json'))).toBe(false)
  })
})
