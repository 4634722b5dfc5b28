/**
 * The register of runs in progress, so that `pnpm clean` finds every journal wherever `--out` put
 * it, and leaves a run alone whose process still lives. One small file a run; a run that ends in
 * order takes its own away.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../model/errors.ts'
import { writeAtomically } from './atomic-file.ts'
import { diskTrouble } from './disk-trouble.ts'

const activeRunSchema = z.strictObject({
  runId: z.string(),
  /** Absolute path of the run's directory. */
  directory: z.string(),
  pid: z.int().positive(),
  /** When the process began, in the kernel's own count: tells it from a later one of that number. */
  pidStartTime: z.string().nullable(),
  cluster: z.string(),
  startedAt: z.iso.datetime(),
})

export type ActiveRun = z.infer<typeof activeRunSchema>

export interface ActiveRuns {
  /** Oldest first. `alive`: the very process that registered it still runs. */
  runs: (ActiveRun & { alive: boolean })[]
  /** Files of the register that cannot be read, a sentence each. */
  problems: string[]
}

/** `home` is the harness's own folder. Rejects with a `MachineError` where it cannot write. */
export async function registerRun(
  home: string,
  run: Omit<ActiveRun, 'pidStartTime'>,
): Promise<void> {
  const entry: ActiveRun = { ...run, pidStartTime: (await processOf(run.pid)).startTime }
  try {
    await mkdir(registerIn(home), { recursive: true })
    await writeAtomically(fileOf(home, run.runId), `${JSON.stringify(entry, null, 2)}\n`)
  } catch (error) {
    throw diskTrouble(error, registerIn(home), `${run.runId} cannot be registered`)
  }
}

/** A run that is not registered is no error. */
export async function unregisterRun(home: string, runId: string): Promise<void> {
  await rm(fileOf(home, runId), { force: true })
}

export async function listActive(home: string): Promise<ActiveRuns> {
  const found: ActiveRuns = { runs: [], problems: [] }
  for (const name of await registered(home)) {
    const path = join(registerIn(home), name)
    try {
      const run = activeRunSchema.parse(JSON.parse(await readFile(path, 'utf8')))
      found.runs.push({ ...run, alive: await isAlive(run) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      found.problems.push(`${path} is not an entry of the register: ${firstLine(error)}`)
    }
  }
  found.runs.sort((a, b) => a.startedAt.localeCompare(b.startedAt))
  return found
}

const registerIn = (home: string): string => join(home, 'active')
const fileOf = (home: string, runId: string): string =>
  join(registerIn(home), `${encodeURIComponent(runId)}.json`)

async function registered(home: string): Promise<string[]> {
  try {
    return (await readdir(registerIn(home))).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function isAlive(run: ActiveRun): Promise<boolean> {
  const { exists, startTime } = await processOf(run.pid)
  return exists && startTime === run.pidStartTime
}

interface ProcessState {
  exists: boolean
  /** Null where the system does not tell. */
  startTime: string | null
}

/** Fields of `/proc/PID/stat` after the command's name, which may hold anything; proc(5). */
const stateField = 0
const startTimeField = 19

async function processOf(pid: number): Promise<ProcessState> {
  if (!signalReaches(pid)) return { exists: false, startTime: null }
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { exists: fields[stateField] !== 'Z', startTime: fields[startTimeField] ?? null }
  } catch {
    return { exists: signalReaches(pid), startTime: null }
  }
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const firstLine = (error: unknown): string =>
  error instanceof z.ZodError
    ? 'fields are missing or wrong'
    : (messageOf(error).split('\n')[0] ?? '')
