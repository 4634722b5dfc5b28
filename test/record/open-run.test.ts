/** Saved runs read back: killed ones, damaged ones, foreign ones and those of a later version. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from '../../harness/model/errors.ts'
import { encodeSample } from '../../harness/model/sample-line.ts'
import { openRun, openRuns } from '../../harness/record/open-run.ts'
import { newFolder } from './folder.ts'
import { event, plan, record, sample } from './values.ts'

function savedRun(files: Record<string, unknown> = {}): string {
  const directory = newFolder()
  const all = {
    'plan.json': plan,
    'samples.jsonl': `${encodeSample(sample)}\n`,
    'events.jsonl': `${JSON.stringify(event)}\n`,
    ...files,
  }
  for (const [name, content] of Object.entries(all)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(directory, name), text)
  }
  return directory
}

async function problemsOf(...directories: string[]): Promise<readonly string[]> {
  const failure = await openRuns(directories).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(UsageError)
  expect((failure as UsageError).exitCode).toBe(64)
  return (failure as UsageError).problems
}

test('a run that was killed opens: no record, a torn last line', async () => {
  const directory = savedRun()
  appendFileSync(join(directory, 'samples.jsonl'), '["page-lb",150,1')
  appendFileSync(join(directory, 'events.jsonl'), '{"atMs":5')
  const run = await openRun(directory)
  expect(run.samples).toEqual([sample])
  expect(run.events).toEqual([event])
  expect([run.conduct, run.record]).toEqual([null, null])
  expect(run.problems).toEqual([])
})

test('a last line that lacks only its newline counts', async () => {
  const directory = savedRun()
  appendFileSync(join(directory, 'samples.jsonl'), encodeSample(sample))
  expect((await openRun(directory)).samples).toEqual([sample, sample])
})

test('a malformed line elsewhere is a problem, and the others count', async () => {
  const line = encodeSample(sample)
  const directory = savedRun({
    'samples.jsonl': `${line}\n["page-lb",150,1\n${line}\n\n`,
    'events.jsonl': `${JSON.stringify(event)}\n{"atMs":"5"}\n`,
  })
  const run = await openRun(directory)
  expect(run.samples.length).toBe(2)
  expect(run.events.length).toBe(1)
  expect(run.problems).toEqual([
    'samples.jsonl: 2 lines cannot be read, the first is line 2',
    'events.jsonl: one line cannot be read, the first is line 2',
  ])
})

test('missing samples are a problem of the run', async () => {
  const directory = savedRun()
  rmSync(join(directory, 'samples.jsonl'))
  expect((await openRun(directory)).problems).toEqual(['samples.jsonl: it is missing'])
})

test('samples survive the borders between the pieces in which a file is read', async () => {
  const many = Array.from({ length: 5_000 }, (_, number) => ({ ...sample, number }))
  const directory = savedRun({ 'samples.jsonl': `${many.map(encodeSample).join('\n')}\n` })
  const run = await openRun(directory)
  expect(run.samples).toEqual(many)
  expect(run.problems).toEqual([])
})

test('every problem of every directory is said at once', async () => {
  const good = savedRun()
  const absent = join(good, 'nowhere')
  const file = join(good, 'plan.json')
  const empty = newFolder()
  const newer = savedRun({ 'record.json': { schema: 'clusterdrill/run/v2' } })
  const foreign = savedRun({ 'plan.json': { name: 'x' }, 'record.json': 'not json' })
  expect(await problemsOf(good, absent, file, empty, newer, foreign)).toEqual([
    `${absent}: there is no such directory`,
    `${file}: it is not a directory`,
    `${empty}: it holds no plan.json, so it is not the directory of a run`,
    `${newer}: record.json: it was written by a newer Clusterdrill: clusterdrill/run/v2, and this one reads clusterdrill/run/v1`,
    `${foreign}: plan.json: it names no schema, and should name clusterdrill/plan/v1`,
    `${foreign}: record.json: it is not JSON`,
  ])
})

test('each field that is wrong is named', async () => {
  const { seed: _, ...withoutSeed } = plan
  const broken = savedRun({
    'plan.json': { ...withoutSeed, timers: { ...plan.timers, nodeMonitorGraceMs: '50 s' } },
    'record.json': { ...record, verdict: 'passed' },
  })
  const problems = await problemsOf(broken)
  expect(problems.map((problem) => problem.slice(broken.length).split(':').slice(1, 3))).toEqual([
    [' plan.json', ' timers.nodeMonitorGraceMs'],
    [' plan.json', ' seed'],
    [' record.json', ' verdict'],
  ])
})

test('a schema of another family, or one given up, is not taken for ours', async () => {
  const other = savedRun({ 'plan.json': { ...plan, schema: 'clusterdrill/run/v1' } })
  const old = savedRun({ 'plan.json': { ...plan, schema: 'clusterdrill/plan/v0' } })
  expect(await problemsOf(other, old)).toEqual([
    `${other}: plan.json: its schema is clusterdrill/run/v1, not clusterdrill/plan/v1`,
    `${old}: plan.json: its schema is clusterdrill/plan/v0, which this Clusterdrill no longer reads`,
  ])
})

test('fields that this version does not know pass through', async () => {
  const directory = savedRun({ 'plan.json': { ...plan, later: { more: 1 } } })
  expect((await openRun(directory)).plan).toEqual({ ...plan, later: { more: 1 } })
})

test('a plan that is a folder is refused, not a crash', async () => {
  const directory = newFolder()
  mkdirSync(join(directory, 'plan.json'))
  expect((await problemsOf(directory))[0]).toContain('EISDIR')
})
