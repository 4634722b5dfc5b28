/**
 * The runner of recipes: order, once only, the cache, and what a failure leaves behind.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  dropSuperseded,
  folderOf,
  isMade,
  make,
  type Recipe,
  recipeHash,
} from '../../toolchain/steps.ts'
import type { ProgressEvent } from '../../toolchain/types.ts'

let cache = ''
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'clusterdrill-steps-'))
})
afterEach(() => rm(cache, { recursive: true }))

const recipe = (name: string, rest: Partial<Recipe> = {}): Recipe => ({
  name,
  title: name,
  needs: [],
  inputs: {},
  heavy: false,
  make: ({ into }) => writeFile(join(into, 'made'), name),
  ...rest,
})
const quiet = () => undefined

test('a change of an input changes everything that is made from it', () => {
  const top = (version: string) =>
    recipe('top', {
      needs: [recipe('middle', { needs: [recipe('base', { inputs: { version } })] })],
    })
  expect(recipeHash(top('1'))).toBe(recipeHash(top('1')))
  expect(recipeHash(top('1'))).not.toBe(recipeHash(top('2')))
})

test('what is needed is made first, once, and is not made again', async () => {
  let count = 0
  const base = recipe('base', {
    make: async ({ into }) => {
      count += 1
      await writeFile(join(into, 'made'), 'base')
    },
  })
  const reads = async ({ into, of }: { into: string; of: (r: Recipe) => string }) =>
    writeFile(join(into, 'made'), await readFile(join(of(base), 'made')))
  const left = recipe('left', { needs: [base], make: reads })
  const right = recipe('right', { needs: [base], make: reads })
  await make(cache, [left, right], quiet)
  const events: ProgressEvent[] = []
  await make(cache, [left, right], (event) => events.push(event))
  expect(count).toBe(1)
  expect(await readFile(join(folderOf(cache, right), 'made'), 'utf8')).toBe('base')
  expect(events.map(({ step, state }) => `${step} ${state}`)).toEqual([
    'left cached',
    'right cached',
  ])
})

test('two heavy recipes never run at once', async () => {
  let running = 0
  let most = 0
  const heavy = (name: string) =>
    recipe(name, {
      heavy: true,
      make: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
      },
    })
  await make(cache, [heavy('a'), heavy('b'), heavy('c')], quiet)
  expect(most).toBe(1)
})

test('a recipe that fails leaves nothing in the cache, and the rest of the heavy ones unbegun', async () => {
  let begun = false
  const bad = recipe('bad', {
    heavy: true,
    make: async ({ into }) => {
      await writeFile(join(into, 'half'), '')
      throw new Error('no room')
    },
  })
  const later = recipe('later', {
    heavy: true,
    make: async () => {
      begun = true
    },
  })
  await expect(make(cache, [bad, later], quiet)).rejects.toThrow('no room')
  expect(await isMade(cache, bad)).toBe(false)
  expect(begun).toBe(false)
  expect(await readdir(cache)).toEqual([])
})

test('results of earlier inputs go, current and foreign folders stay', async () => {
  const at = (version: string) =>
    recipe('top', { needs: [recipe('base', { inputs: { version } })], inputs: { version } })
  await make(cache, [at('1')], quiet)
  await make(cache, [at('2')], quiet)
  await writeFile(join(cache, 'notes-of-somebody'), '')
  const before = await readdir(cache)
  expect(before).toHaveLength(5)
  await dropSuperseded(cache, [at('2')])
  expect((await readdir(cache)).toSorted()).toEqual(
    [
      folderOf('', at('2')),
      folderOf('', at('2').needs[0] ?? recipe('none')),
      'notes-of-somebody',
    ].toSorted(),
  )
})
