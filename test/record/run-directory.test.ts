/**
 * A run's directory while it is written: names, round trip, how soon lines are on disk, refusals.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MachineError } from '../../harness/model/errors.ts'
import { openRun } from '../../harness/record/open-run.ts'
import { createRun, type NewRun } from '../../harness/record/run-directory.ts'
import { newFolder } from './folder.ts'
import { conduct, event, plan, record, sample } from './values.ts'

const newRun = (root: string): NewRun => ({
  root,
  startedAt: new Date('2026-03-01T09:30:05.678Z'),
  topology: 'one',
  scenario: 'worker-down',
  provider: 'kind',
  onTrouble: (message) => {
    throw new Error(message)
  },
})

test('is named by time, topology, scenario and provider, and never taken twice', async () => {
  const root = join(newFolder(), 'runs')
  const runs = [
    await createRun(newRun(root)),
    await createRun(newRun(root)),
    await createRun(newRun(root)),
  ]
  expect(runs.map((run) => run.name)).toEqual([
    '2026-03-01T09-30-05Z-one-worker-down-kind',
    '2026-03-01T09-30-05Z-one-worker-down-kind-2',
    '2026-03-01T09-30-05Z-one-worker-down-kind-3',
  ])
  for (const run of runs) run.close()
})

test('what is written can be opened, whole', async () => {
  const run = await createRun(newRun(newFolder()))
  await run.writePlan(plan)
  run.appendEvents([event, { ...event, atMs: 60_000, name: 'node-ready' }])
  run.appendSamples([sample, { ...sample, ok: true, error: null, number: 4 }])
  run.close()
  await run.writeConduct(conduct)
  await run.writeRecord(record)
  await run.writeReport('summary.md', '# Summary\n')
  expect(await openRun(run.path)).toEqual({
    directory: run.path,
    plan,
    conduct,
    samples: [sample, { ...sample, ok: true, error: null, number: 4 }],
    events: [event, { ...event, atMs: 60_000, name: 'node-ready' }],
    record,
    problems: [],
  })
  expect(readdirSync(run.path).sort()).toEqual([
    'conduct.json',
    'events.jsonl',
    'plan.json',
    'record.json',
    'samples.jsonl',
    'summary.md',
  ])
})

test('events are on disk within 250 ms, and at once when flushed', async () => {
  const run = await createRun(newRun(newFolder()))
  const lines = () => readFileSync(join(run.path, 'events.jsonl'), 'utf8').split('\n').length - 1
  run.appendEvents([event])
  run.flushSync()
  expect(lines()).toBe(1)
  run.appendEvents([event])
  expect(lines()).toBe(1)
  await wait(250)
  expect(lines()).toBe(2)
  run.close()
})

test('a plan or record that could not be read again is not written', async () => {
  const run = await createRun(newRun(newFolder()))
  run.close()
  await expect(run.writePlan({ ...plan, seed: Number.NaN })).rejects.toThrow(/seed/)
  const wrong = { ...record, verdict: 'passed' } as unknown as typeof record
  await expect(run.writeRecord(wrong)).rejects.toThrow(/record.json would not be readable/)
  expect(readdirSync(run.path)).toEqual(['events.jsonl'])
})

test('a write that fails says so, and what is kept', async () => {
  const run = await createRun(newRun(newFolder()))
  run.close()
  await run.writePlan(plan)
  rmSync(run.path, { recursive: true })
  const failure = await run.writeRecord(record).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(MachineError)
  expect((failure as MachineError).what).toMatch(/^record.json cannot be written: ENOENT/)
  expect((failure as MachineError).changed).toBe(`nothing was written to ${run.path}`)
})

test('a root that cannot be made is the machine’s fault', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  await expect(createRun(newRun(file))).rejects.toThrow(MachineError)
  expect(existsSync(file)).toBe(true)
})
