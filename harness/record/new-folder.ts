/**
 * Folders of a run, or of several: named by the time of day, never one that exists, and files
 * in them written whole.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from './atomic-file.ts'
import { diskTrouble } from './disk-trouble.ts'

/** `2026-03-01T09-30-05Z`: an instant in UTC, good as the beginning of a folder's name. */
export function timeName(instant: Date): string {
  return instant.toISOString().replace(/\.\d+/, '').replaceAll(':', '-')
}

/**
 * Makes `<root>/<name>/`; where that exists, with `-2` and so on at the end. Gives its path.
 * Rejects with a `MachineError` where it cannot be made.
 */
export async function makeNewFolder(root: string, name: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true })
    for (let attempt = 1; ; attempt += 1) {
      const path = join(root, attempt === 1 ? name : `${name}-${attempt}`)
      if (await madeNew(path)) return path
    }
  } catch (error) {
    throw diskTrouble(error, root, `${name} cannot be made`)
  }
}

async function madeNew(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Rejects with a `MachineError` that says what was kept. */
export async function writeInto(folder: string, name: string, text: string): Promise<void> {
  try {
    await writeAtomically(join(folder, name), text)
  } catch (error) {
    throw diskTrouble(error, folder, `${name} cannot be written`)
  }
}
