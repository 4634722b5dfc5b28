/**
 * Reads run directories back, so that a saved run can be measured, judged and rendered again.
 * Refuses directories that are unreadable, not ours or of a newer schema, all of them at once. A
 * torn last line is what a crash leaves, and passes; any other line that cannot be read is named
 * among the run's problems.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Conduct, conductSchema } from '../model/conduct.ts'
import { messageOf, UsageError } from '../model/errors.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { type RunRecord, recordSchema } from '../model/record.ts'
import { decodeSample } from '../model/sample-line.ts'
import type { Sample } from '../model/vantage.ts'
import { linesOf } from './lines.ts'
import { planSchema, planSchemaName } from './plan-schema.ts'
import { runFiles } from './run-directory.ts'
import { issueProblems, schemaNameProblem } from './schema-problems.ts'

/** A run without what its probes and its cluster told, line by line. */
export interface RunHead {
  directory: string
  plan: Plan
  /** Null for a run that did not come to its end. */
  conduct: Conduct | null
  /** Null for a run that was not judged. */
  record: RunRecord | null
}

export interface OpenedRun extends RunHead {
  /** In the order in which their probes ended. */
  samples: readonly Sample[]
  events: readonly DrillEvent[]
  /** What weakens it: files that are missing, lines that cannot be read. A sentence each. */
  problems: readonly string[]
}

/** Rejects with a `UsageError` that holds every problem of the directory. */
export async function openRun(directory: string): Promise<OpenedRun> {
  const [run] = await openRuns([directory])
  if (run === undefined) throw new Error('one directory gives one run')
  return run
}

/** As `openRun`, in the order given; the `UsageError` holds the problems of all directories. */
export async function openRuns(directories: readonly string[]): Promise<OpenedRun[]> {
  const runs: OpenedRun[] = []
  for (const head of await openHeads(directories)) runs.push({ ...head, ...(await linesIn(head)) })
  return runs
}

/** As `openRuns`, for those who need no samples and no events, of which there may be a hundred thousand. */
export async function openHeads(directories: readonly string[]): Promise<RunHead[]> {
  const heads: RunHead[] = []
  const refusals: string[] = []
  for (const directory of directories) {
    const result = await readHead(directory)
    if ('refusals' in result) refusals.push(...result.refusals.map((why) => `${directory}: ${why}`))
    else heads.push(result)
  }
  if (refusals.length > 0) {
    throw new UsageError(refusals, 'Name directories that `pnpm scenario` made.')
  }
  return heads
}

async function readHead(directory: string): Promise<RunHead | { refusals: string[] }> {
  const absence = await directoryProblem(directory)
  if (absence !== null) return { refusals: [absence] }

  const refusals: string[] = []
  const json = async <T>(file: string, schema: z.ZodType, name: string): Promise<T | null> => {
    const result = await readJson(join(directory, file), schema, name)
    refusals.push(...result.problems.map((problem) => `${file}: ${problem}`))
    return result.value as T | null
  }
  const plan = await json<Plan>(runFiles.plan, planSchema, planSchemaName)
  const conduct = await json<Conduct>(runFiles.conduct, conductSchema, 'clusterdrill/conduct/v1')
  const record = await json<RunRecord>(runFiles.record, recordSchema, 'clusterdrill/run/v1')
  if (plan === null && refusals.length === 0) {
    refusals.push('it holds no plan.json, so it is not the directory of a run')
  }
  if (plan === null || refusals.length > 0) return { refusals }
  return { directory, plan, conduct, record }
}

async function linesIn({ directory }: RunHead): Promise<Omit<OpenedRun, keyof RunHead>> {
  const samples = await readLines(join(directory, runFiles.samples), decodeSample)
  const events = await readLines(join(directory, runFiles.events), decodeEvent)
  return {
    samples: withSharedNames(samples.values),
    events: events.values,
    problems: [
      ...samples.problems.map((problem) => `${runFiles.samples}: ${problem}`),
      ...events.problems.map((problem) => `${runFiles.events}: ${problem}`),
    ],
  }
}

async function directoryProblem(directory: string): Promise<string | null> {
  try {
    return (await stat(directory)).isDirectory() ? null : 'it is not a directory'
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return absent ? 'there is no such directory' : messageOf(error)
  }
}

/** A file that does not exist has neither a value nor a problem. */
async function readJson(
  path: string,
  schema: z.ZodType,
  schemaName: string,
): Promise<{ value: unknown; problems: string[] }> {
  const refused = (...problems: string[]) => ({ value: null, problems })
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return refused()
    return refused(error instanceof SyntaxError ? 'it is not JSON' : messageOf(error))
  }
  const foreign = schemaNameProblem(value, schemaName)
  if (foreign !== null) return refused(foreign)
  const checked = schema.safeParse(value)
  if (!checked.success) return refused(...issueProblems(checked.error))
  return { value: checked.data, problems: [] }
}

async function readLines<T>(
  path: string,
  decode: (line: string) => T | null,
): Promise<{ values: T[]; problems: string[] }> {
  const values: T[] = []
  const malformed: number[] = []
  try {
    for await (const line of linesOf(path)) {
      const value = decode(line.text)
      if (value !== null) values.push(value)
      else if (line.whole) malformed.push(line.number)
    }
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { values, problems: [absent ? 'it is missing' : messageOf(error)] }
  }
  if (malformed.length === 0) return { values, problems: [] }
  const count = malformed.length === 1 ? 'one line' : `${malformed.length} lines`
  return { values, problems: [`${count} cannot be read, the first is line ${malformed[0]}`] }
}

const eventSchema = z.object({
  atMs: z.number(),
  source: z.string(),
  name: z.string(),
  subject: z.string(),
  node: z.string().nullable(),
  component: z.string().nullable(),
  detail: z.string(),
})

function decodeEvent(line: string): DrillEvent | null {
  try {
    return eventSchema.parse(JSON.parse(line)) as DrillEvent
  } catch {
    return null
  }
}

/** A hundred thousand samples name a handful of vantages: one string for each is enough. */
function withSharedNames(samples: readonly Sample[]): Sample[] {
  const names = new Map<string, string>()
  return samples.map((sample) => {
    const known = names.get(sample.vantage)
    if (known === undefined) names.set(sample.vantage, sample.vantage)
    return known === undefined ? sample : { ...sample, vantage: known }
  })
}
