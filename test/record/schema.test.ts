/** The JSON Schemas in the repository are those that the code makes. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { schemaFiles } from '../../harness/record/schema.ts'

describe.each(schemaFiles().map(({ path, text }) => ({ name: basename(path), path, text })))(
  '$name',
  ({ path, text }) => {
    it('is current; `pnpm schema` brings it up to date', () => {
      expect(readFileSync(path, 'utf8')).toBe(text)
    })

    it('refuses fields that the file does not have', () => {
      const schema = JSON.parse(text)
      expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
      expect(schema.additionalProperties).toBe(false)
      expect(schema.required).toContain('schema')
    })
  },
)
