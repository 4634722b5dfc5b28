/** The JSON Schema in the repository is the one that the code makes. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recordJsonSchema, recordSchemaFile } from '../../harness/record/schema.ts'

test('record.schema.json is current; `pnpm schema` brings it up to date', () => {
  expect(readFileSync(recordSchemaFile, 'utf8')).toBe(recordJsonSchema())
})

test('it refuses fields that the record does not have', () => {
  const schema = JSON.parse(recordJsonSchema())
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
  expect(schema.additionalProperties).toBe(false)
  expect(schema.required).toContain('verdict')
})
