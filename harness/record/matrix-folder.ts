/**
 * The folder of a matrix: `matrix.json`, rewritten whole after each cell, the page beside it, and
 * every run below `runs/`. And the history: a folder with one `matrix.json` for each night.
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, UsageError } from '../model/errors.ts'
import { type Matrix, matrixSchema } from '../model/matrix.ts'
import { diskTrouble } from './disk-trouble.ts'
import { timeName, writeInto } from './new-folder.ts'
import { issueProblems, schemaNameProblem } from './schema-problems.ts'

export const matrixFile = 'matrix.json'
/** Below the matrix's folder. */
export const runsFolder = 'runs'

/** Makes the folder, and what leads to it. Refuses one in which a matrix lies already. */
export async function openMatrixFolder(folder: string): Promise<void> {
  if (await exists(join(folder, matrixFile))) {
    throw new UsageError(
      [`--out ${folder}: a matrix lies there already`],
      `\`pnpm matrix --resume ${folder}\` plays what it still lacks.`,
    )
  }
  try {
    await mkdir(join(folder, runsFolder), { recursive: true })
  } catch (error) {
    throw diskTrouble(error, folder, 'the folder of the matrix cannot be made')
  }
}

/** Rejects with a `MachineError`; never writes what this version could not read. */
export async function writeMatrix(folder: string, matrix: Matrix): Promise<void> {
  const checked = matrixSchema.safeParse(matrix)
  if (!checked.success) {
    throw new Error(`${matrixFile} would not be readable:\n${z.prettifyError(checked.error)}`)
  }
  await writeInto(folder, matrixFile, textOf(matrix))
}

const textOf = (matrix: Matrix): string => `${JSON.stringify(matrix, null, 2)}\n`

/** From matrices' folders or files, in the order given; the `UsageError` names all that are none. */
export async function readMatrices(paths: readonly string[]): Promise<Matrix[]> {
  const read = await Promise.all(paths.map(readOne))
  const problems = read.flatMap((each, index) =>
    'problem' in each ? [`${paths[index]}: ${each.problem}`] : [],
  )
  if (problems.length > 0) throw new UsageError(problems, 'Name folders that `pnpm matrix` made.')
  return read.flatMap((each) => ('matrix' in each ? [each.matrix] : []))
}

async function readOne(path: string): Promise<{ matrix: Matrix } | { problem: string }> {
  try {
    const file = (await stat(path)).isDirectory() ? join(path, matrixFile) : path
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    const foreign = schemaNameProblem(value, 'clusterdrill/matrix/v1')
    if (foreign !== null) return { problem: foreign }
    const checked = matrixSchema.safeParse(value)
    if (checked.success) return { matrix: checked.data }
    return { problem: issueProblems(checked.error).join('; ') }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `its ${matrixFile} is not JSON` }
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { problem: absent ? `there is no ${matrixFile}` : messageOf(error) }
  }
}

/**
 * The last whole matrix of the same provider, pace, timers and selection that began before `now`;
 * null where there is none. Files that cannot be read are told of, and passed over.
 */
export async function previousOf(
  history: string,
  now: Pick<Matrix, 'provider' | 'pace' | 'set' | 'only' | 'startedAt'>,
): Promise<{ previous: Matrix | null; problems: string[] }> {
  const names = await namesIn(history)
  const problems: string[] = []
  const nights: Matrix[] = []
  for (const name of names) {
    const read = await readOne(join(history, name))
    if ('matrix' in read) nights.push(read.matrix)
    else problems.push(`${join(history, name)}: ${read.problem}`)
  }
  const [previous] = nights
    .filter(({ startedAt, endedAt }) => endedAt !== null && startedAt < now.startedAt)
    .filter((night) => kindOf(night) === kindOf(now))
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
  return { previous: previous ?? null, problems }
}

const kindOf = ({
  provider,
  pace,
  set,
  only,
}: Pick<Matrix, 'provider' | 'pace' | 'set' | 'only'>): string =>
  JSON.stringify([provider, pace, set.toSorted(), only.toSorted()])

async function namesIn(history: string): Promise<string[]> {
  try {
    return (await readdir(history)).filter((name) => name.endsWith('.json')).toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw diskTrouble(error, history, 'the history cannot be read')
  }
}

/** Adds a night: `<time>-<provider>-<pace>.json`. */
export async function addToHistory(history: string, matrix: Matrix): Promise<void> {
  try {
    await mkdir(history, { recursive: true })
  } catch (error) {
    throw diskTrouble(error, history, 'the history cannot be made')
  }
  const { startedAt, provider, pace } = matrix
  const name = `${timeName(new Date(startedAt))}-${provider}-${pace}.json`
  await writeInto(history, name, textOf(matrix))
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
