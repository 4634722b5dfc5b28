/**
 * The JSON Schemas of the files that other programs read, each made from the same schema as the
 * types and the check before writing. Run with `--write` it brings the files up to date; without,
 * it says which of them are not current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { availabilitySchema } from '../model/availability.ts'
import { matrixSchema } from '../model/matrix.ts'
import { quietSchema } from '../model/quiet.ts'
import { recordSchema } from '../model/record.ts'
import { repeatSchema } from '../model/repeat.ts'
import { sweepSchema } from '../model/sweep.ts'

export interface SchemaFile {
  path: string
  /** What it should hold: draft 2020-12. */
  text: string
}

function schemaFile(name: string, title: string, schema: z.ZodType): SchemaFile {
  const made = z.toJSONSchema(schema, { target: 'draft-2020-12' })
  const titled = { $schema: made.$schema, title, ...made }
  return {
    path: fileURLToPath(new URL(`./${name}`, import.meta.url)),
    text: `${JSON.stringify(titled, null, 2)}\n`,
  }
}

export function schemaFiles(): SchemaFile[] {
  return [
    schemaFile('record.schema.json', 'Clusterdrill run record, version 1', recordSchema),
    schemaFile('matrix.schema.json', 'Clusterdrill matrix, version 1', matrixSchema),
    schemaFile('repeat.schema.json', 'Clusterdrill set of repeats, version 1', repeatSchema),
    schemaFile(
      'availability.schema.json',
      'Clusterdrill downtime of a year in the model, version 1',
      availabilitySchema,
    ),
    schemaFile(
      'quiet.schema.json',
      'Clusterdrill quiet sweep in the model, version 1',
      quietSchema,
    ),
    schemaFile('sweep.schema.json', 'Clusterdrill sweep in the model, version 1', sweepSchema),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, text } of schemaFiles()) {
    if (process.argv.includes('--write')) {
      writeFileSync(path, text)
    } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`${basename(path)} is not current: run \`pnpm schema\``)
      process.exitCode = 1
    }
  }
}
