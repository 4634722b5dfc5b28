/**
 * An error of the file system under a run directory, as the user is told it: what could not be
 * written, what lies there all the same, and what to do.
 */
import { readdirSync } from 'node:fs'
import { MachineError, messageOf } from '../model/errors.ts'

const advice: Record<string, string> = {
  ENOSPC: 'Make room on that disk, or choose another with --out.',
  EDQUOT: 'Your quota is used up: make room, or choose another disk with --out.',
  EROFS: 'That file system is read-only: choose another with --out.',
  EACCES: 'You may not write there: choose another place with --out.',
}

/** `what` begins the sentence: 'record.json cannot be written'. */
export function diskTrouble(error: unknown, directory: string, what: string): MachineError {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  const full = code === 'ENOSPC' ? 'the disk is full' : messageOf(error)
  return new MachineError(
    {
      what: `${what}: ${full}.`,
      changed: keptIn(directory),
      next: advice[code] ?? 'Correct what it names and run again.',
    },
    { cause: error },
  )
}

function keptIn(directory: string): string {
  try {
    const files = readdirSync(directory).filter((name) => !name.endsWith('.tmp'))
    if (files.length > 0) return `kept in ${directory}: ${files.sort().join(', ')}`
  } catch {
    // Nothing can be kept in a folder that cannot be read.
  }
  return `nothing was written to ${directory}`
}
