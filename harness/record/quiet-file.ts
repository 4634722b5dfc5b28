/** `quiet.json`, checked before it is written. */
import { z } from 'zod'
import { type Quiet, quietSchema } from '../model/quiet.ts'
import { writeInto } from './new-folder.ts'

export const quietFile = 'quiet.json'

export const quietText = (quiet: Quiet): string => `${JSON.stringify(quiet, null, 2)}\n`

/** Rejects with a `MachineError`. */
export async function writeQuiet(folder: string, quiet: Quiet): Promise<void> {
  const checked = quietSchema.safeParse(quiet)
  if (!checked.success) {
    throw new Error(`${quietFile} would not be readable:\n${z.prettifyError(checked.error)}`)
  }
  await writeInto(folder, quietFile, quietText(checked.data))
}
