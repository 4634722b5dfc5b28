/**
 * The JSON Schema of `record.json`, made from the same schema as the types and the check before
 * writing. Run with `--write` it brings `record.schema.json` up to date; without, it says whether
 * the file is current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { recordSchema } from '../model/record.ts'

export const recordSchemaFile = fileURLToPath(new URL('./record.schema.json', import.meta.url))

/** The text that `record.schema.json` should hold: draft 2020-12. */
export function recordJsonSchema(): string {
  const schema = z.toJSONSchema(recordSchema, { target: 'draft-2020-12' })
  const titled = { $schema: schema.$schema, title: 'Clusterdrill run record, version 1', ...schema }
  return `${JSON.stringify(titled, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) {
    writeFileSync(recordSchemaFile, recordJsonSchema())
  } else if (readFileSync(recordSchemaFile, 'utf8') !== recordJsonSchema()) {
    console.error('record.schema.json is not current: run `pnpm schema`')
    process.exitCode = 1
  }
}
