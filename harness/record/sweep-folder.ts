/** The folder of a sweep: `sweep.json`, checked before it is written and after it is read, and its page. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, UsageError } from '../model/errors.ts'
import { type Sweep, sweepSchema } from '../model/sweep.ts'
import { writeInto } from './new-folder.ts'
import { issueProblems, schemaNameProblem } from './schema-problems.ts'

export const sweepFile = 'sweep.json'
export const sweepPage = 'sweep.html'

/** One line: the same sweep is the same bytes. */
export const sweepText = (sweep: Sweep): string => `${JSON.stringify(sweep)}\n`

/** Rejects with a `MachineError`; never writes what this version could not read. */
export async function writeSweep(folder: string, sweep: Sweep, page: string): Promise<void> {
  const checked = sweepSchema.safeParse(sweep)
  if (!checked.success) {
    throw new Error(`${sweepFile} would not be readable:\n${z.prettifyError(checked.error)}`)
  }
  await writeInto(folder, sweepFile, sweepText(checked.data))
  await writeInto(folder, sweepPage, page)
}

/** From folders or files, in the order given; the `UsageError` names all that hold no sweep. */
export async function readSweeps(paths: readonly string[]): Promise<Sweep[]> {
  const read = await Promise.all(paths.map(readOne))
  const problems = read.flatMap((each, index) =>
    'problem' in each ? [`${paths[index]}: ${each.problem}`] : [],
  )
  if (problems.length > 0) throw new UsageError(problems, 'Name folders that `pnpm sweep` made.')
  return read.flatMap((each) => ('sweep' in each ? [each.sweep] : []))
}

/** A sweep, or why the text of a `sweep.json` is none. */
export function parseSweep(text: string): { sweep: Sweep } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text)
    const foreign = schemaNameProblem(value, 'clusterdrill/sweep/v1')
    if (foreign !== null) return { problem: foreign }
    const checked = sweepSchema.safeParse(value)
    if (checked.success) return { sweep: checked.data }
    return { problem: issueProblems(checked.error).join('; ') }
  } catch {
    return { problem: `its ${sweepFile} is not JSON` }
  }
}

async function readOne(path: string): Promise<{ sweep: Sweep } | { problem: string }> {
  try {
    const file = (await stat(path)).isDirectory() ? join(path, sweepFile) : path
    return parseSweep(await readFile(file, 'utf8'))
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { problem: absent ? `there is no ${sweepFile}` : messageOf(error) }
  }
}
