/**
 * Runs recipes that depend on each other: each once, as early as what it needs is there, at most one
 * that fills the processors at a time. A recipe's result is a folder in the cache, named by the hash
 * of its inputs, which appears there only when complete. Knows nothing of what is built.
 */
import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hashOf } from './hash.ts'
import type { Progress } from './types.ts'

export interface Tools {
  /** The folder to fill. */
  into: string
  /** The finished folder of a recipe that this one needs. */
  of: (recipe: Recipe) => string
  /** Says how far it is. */
  tell: (detail: string, fraction?: number) => void
}

export interface Recipe {
  /** Short, unique, fit for a file name. */
  name: string
  /** What is being made, for people. */
  title: string
  needs: readonly Recipe[]
  /** Everything else that decides the result. */
  inputs: Readonly<Record<string, string>>
  /** Whether it keeps all processors busy. */
  heavy: boolean
  make: (tools: Tools) => Promise<void>
}

export function recipeHash(recipe: Recipe): string {
  const entries: Record<string, string> = { ...recipe.inputs, recipe: recipe.name }
  for (const need of recipe.needs) entries[`needs ${need.name}`] = recipeHash(need)
  return hashOf(entries)
}

export const folderOf = (cache: string, recipe: Recipe) =>
  join(cache, `${recipe.name}-${recipeHash(recipe)}`)

export async function isMade(cache: string, recipe: Recipe): Promise<boolean> {
  return access(folderOf(cache, recipe)).then(
    () => true,
    () => false,
  )
}

/** Makes the recipes and all they need; what is in the cache is not made again. */
export async function make(
  cache: string,
  recipes: readonly Recipe[],
  progress: Progress,
): Promise<void> {
  await mkdir(cache, { recursive: true })
  await dropUnfinished(cache)
  const made = await madeAmong(cache, recipes)
  const started = new Map<Recipe, Promise<void>>()
  let processors: Promise<unknown> = Promise.resolve()
  let failed = false

  const start = (recipe: Recipe): Promise<void> => {
    let running = started.get(recipe)
    if (running === undefined) {
      running = perform(recipe)
      started.set(recipe, running)
    }
    return running
  }
  const perform = async (recipe: Recipe): Promise<void> => {
    if (made.has(recipe)) {
      progress({ step: recipe.title, state: 'cached' })
      return
    }
    await Promise.all(recipe.needs.map(start))
    if (!recipe.heavy) return attempt(recipe)
    const turn = processors.then(() => attempt(recipe))
    processors = turn.catch(() => undefined)
    return turn
  }
  // After a failure nothing new begins, and the error is not held back by what still runs.
  const attempt = async (recipe: Recipe): Promise<void> => {
    if (failed) throw new Error(`${recipe.title} was not begun: another part had failed`)
    try {
      await build(cache, recipe, progress)
    } catch (error) {
      failed = true
      throw error
    }
  }
  await Promise.all(recipes.map(start))
}

/** Looked at before anything begins, so that recipes take their turns in the order given. */
async function madeAmong(cache: string, recipes: readonly Recipe[]): Promise<Set<Recipe>> {
  const made = new Set<Recipe>()
  const seen = new Set<Recipe>()
  const visit = async (recipe: Recipe): Promise<void> => {
    if (seen.has(recipe)) return
    seen.add(recipe)
    if (await isMade(cache, recipe)) made.add(recipe)
    else for (const need of recipe.needs) await visit(need)
  }
  for (const recipe of recipes) await visit(recipe)
  return made
}

async function build(cache: string, recipe: Recipe, progress: Progress): Promise<void> {
  const began = performance.now()
  const step = recipe.title
  progress({ step, state: 'start' })
  const into = join(cache, `.unfinished-${recipe.name}-${randomUUID()}`)
  await mkdir(into, { recursive: true })
  try {
    await recipe.make({
      into,
      of: (need) => folderOf(cache, need),
      tell: (detail, fraction) =>
        progress({
          step,
          state: 'progress',
          detail,
          ...(fraction === undefined ? {} : { fraction }),
        }),
    })
    await rename(into, folderOf(cache, recipe))
  } catch (error) {
    await rm(into, { recursive: true, force: true })
    throw error
  }
  progress({ step, state: 'done', elapsedMs: Math.round(performance.now() - began) })
}

async function dropUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith('.unfinished-'))
      await rm(join(cache, name), { recursive: true, force: true })
  }
}

/** Removes results of earlier inputs of the given recipes and of all they need; nothing else. */
export async function dropSuperseded(cache: string, recipes: readonly Recipe[]): Promise<void> {
  const current = new Set<string>()
  const names = new Set<string>()
  const visit = (recipe: Recipe): void => {
    current.add(`${recipe.name}-${recipeHash(recipe)}`)
    names.add(recipe.name)
    recipe.needs.forEach(visit)
  }
  recipes.forEach(visit)
  for (const folder of await readdir(cache)) {
    const name = /^(.+)-[0-9a-f]{12}$/.exec(folder)?.[1]
    if (name === undefined || !names.has(name) || current.has(folder)) continue
    await rm(join(cache, folder), { recursive: true, force: true })
  }
}
