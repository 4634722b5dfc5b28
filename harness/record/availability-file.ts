/** `availability.json`, checked before it is written. */
import { z } from 'zod'
import { type Availability, availabilitySchema } from '../model/availability.ts'
import { writeInto } from './new-folder.ts'

export const availabilityFile = 'availability.json'

export const availabilityText = (availability: Availability): string =>
  `${JSON.stringify(availability, null, 2)}\n`

/** Rejects with a `MachineError`. */
export async function writeAvailability(folder: string, availability: Availability): Promise<void> {
  const checked = availabilitySchema.safeParse(availability)
  if (!checked.success) {
    throw new Error(`${availabilityFile} would not be readable:\n${z.prettifyError(checked.error)}`)
  }
  await writeInto(folder, availabilityFile, availabilityText(checked.data))
}
