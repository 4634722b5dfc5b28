/** The register of runs: who is listed, who is alive, and that nothing is written beside it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listActive, registerRun, unregisterRun } from '../../harness/record/active.ts'
import { newFolder } from './folder.ts'

const run = (runId: string, pid = process.pid, startedAt = '2026-03-01T09:30:05.000Z') => ({
  runId,
  directory: `/somewhere/${runId}`,
  pid,
  cluster: 'drill-one',
  startedAt,
})

test('a run is listed while it is registered, the oldest first', async () => {
  const home = newFolder()
  expect(await listActive(home)).toEqual({ runs: [], problems: [] })
  await registerRun(home, run('a', process.pid, '2026-03-01T10:00:00.000Z'))
  await registerRun(home, run('b'))
  const { runs, problems } = await listActive(home)
  expect(problems).toEqual([])
  expect(runs).toMatchObject([
    { ...run('b'), alive: true },
    { runId: 'a', alive: true },
  ])
  await unregisterRun(home, 'b')
  await unregisterRun(home, 'b')
  expect((await listActive(home)).runs.map((entry) => entry.runId)).toEqual(['a'])
})

test('a run whose process has ended is not alive', async () => {
  const home = newFolder()
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' })
  await once(child, 'spawn')
  await registerRun(home, run('a', child.pid))
  expect((await listActive(home)).runs[0]?.alive).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await listActive(home)).runs[0]?.alive).toBe(false)
})

test.skipIf(process.platform !== 'linux')(
  'a later process of the same number is another',
  async () => {
    const home = newFolder()
    await registerRun(home, run('a'))
    const file = join(home, 'active', 'a.json')
    const entry = JSON.parse(readFileSync(file, 'utf8'))
    expect(entry.pidStartTime).toMatch(/^\d+$/)
    writeFileSync(file, JSON.stringify({ ...entry, pidStartTime: '1' }))
    expect((await listActive(home)).runs[0]?.alive).toBe(false)
  },
)

test('a name with slashes stays in the register', async () => {
  const home = newFolder()
  await registerRun(home, run('../../a'))
  expect(readdirSync(home)).toEqual(['active'])
  expect((await listActive(home)).runs[0]?.runId).toBe('../../a')
  await unregisterRun(home, '../../a')
  expect(readdirSync(join(home, 'active'))).toEqual([])
})

test('a file that is no entry is named, and hides no other', async () => {
  const home = newFolder()
  await registerRun(home, run('a'))
  writeFileSync(join(home, 'active', 'b.json'), '{"runId":"b"}')
  const { runs, problems } = await listActive(home)
  expect(runs.length).toBe(1)
  expect(problems).toEqual([
    `${join(home, 'active', 'b.json')} is not an entry of the register: fields are missing or wrong`,
  ])
})
