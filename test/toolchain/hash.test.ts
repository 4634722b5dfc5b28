/**
 * A hash names an artefact: it must change with everything that goes in, and with nothing else.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contentsOf, hashOf } from '../../toolchain/hash.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clusterdrill-hash-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the order of keys does not matter', () => {
  expect(hashOf({ a: '1', b: '2' })).toBe(hashOf({ b: '2', a: '1' }))
})

test('a value cannot pass for a part of its neighbour', () => {
  expect(hashOf({ a: '1\n1:b=1:2' })).not.toBe(hashOf({ a: '1', b: '2' }))
  expect(hashOf({ ab: 'c' })).not.toBe(hashOf({ a: 'bc' }))
})

test('content, name and the right to be run enter; the place does not', async () => {
  await mkdir(join(folder, 'one/inner'), { recursive: true })
  await mkdir(join(folder, 'two/inner'), { recursive: true })
  await writeFile(join(folder, 'one/inner/file'), 'x')
  await writeFile(join(folder, 'two/inner/file'), 'x')
  const hash = async (name: string) => hashOf(await contentsOf(join(folder, name)))
  expect(await hash('one')).toBe(await hash('two'))
  await chmod(join(folder, 'two/inner/file'), 0o755)
  expect(await hash('one')).not.toBe(await hash('two'))
})
