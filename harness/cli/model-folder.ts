/** Where the results of many simulated runs go: a new folder below `runs`, or the one of `--out`. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskTrouble } from '../record/disk-trouble.ts'
import { makeNewFolder, timeName } from '../record/new-folder.ts'

/** Nothing is written over: `file` is the one that tells of a result. */
export function refuseTaken(out: string | undefined, file: string, problems: string[]): void {
  if (out !== undefined && existsSync(join(out, file))) {
    problems.push(`--out ${out}: there is a ${file} already`)
  }
}

/** Makes it; `name` is what a new one is called, after the time of day. */
export async function resultFolder(out: string | undefined, name: string): Promise<string> {
  if (out === undefined) return await makeNewFolder('runs', `${timeName(new Date())}-${name}`)
  try {
    await mkdir(out, { recursive: true })
    return out
  } catch (error) {
    throw diskTrouble(error, out, 'the folder cannot be made')
  }
}
