/**
 * Gives the harness a toolchain: the one that is there, or one that it builds or pulls. Looking is
 * fast and changes nothing. Building happens in the state folder alone, by one process at a time, and
 * goes on where an interrupted one ended.
 */
import { access, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { MachineError, messageOf } from '../harness/model/errors.ts'
import { dropOtherImages, isLoaded, loadArchive, readIds } from './build/archive.ts'
import { ensureGo } from './build/go-command.ts'
import { type BuildRecord, RECORD, type Recipes, recipes } from './build/recipes.ts'
import { ensurePackages } from './engine/packages.ts'
import { withLock } from './lock.ts'
import { findPulled, pullAll } from './registry.ts'
import { binDir, cacheDir, stateDir } from './state.ts'
import { dropSuperseded, folderOf, isMade, make, type Recipe } from './steps.ts'
import type { Engine, Progress, Toolchain } from './types.ts'

const BUILD_PACKAGES = ['mmdebstrap', 'tar']

export interface ToolchainOptions {
  progress: Progress
  /** Whether Debian packages may be installed. */
  install: boolean
  from?: 'auto' | 'build' | 'registry'
}

export async function findToolchain(engine: Engine): Promise<Toolchain | null> {
  return (await findBuilt(engine)) ?? findPulled(engine)
}

export async function ensureToolchain(
  engine: Engine,
  options: ToolchainOptions,
): Promise<Toolchain> {
  const found = await findFrom(engine, options)
  if (found) {
    options.progress({ step: 'toolchain', state: 'cached' })
    return found
  }
  return withLock(
    join(stateDir(), 'setup.lock'),
    (holder) =>
      options.progress({
        step: 'toolchain',
        state: 'progress',
        detail: `waiting for process ${holder}, which is setting up`,
      }),
    async () => (await findFrom(engine, options)) ?? bring(engine, options),
  )
}

function findFrom(engine: Engine, { from = 'auto' }: ToolchainOptions) {
  if (from === 'build') return findBuilt(engine)
  return from === 'registry' ? findPulled(engine) : findToolchain(engine)
}

/** Published images come first, and what was built before comes before a second build. */
async function bring(engine: Engine, options: ToolchainOptions): Promise<Toolchain> {
  const { progress, from = 'auto' } = options
  if (from === 'registry') return pullAll(engine, progress)
  if (from === 'build' || (await hasBegunBuilding())) return buildAll(engine, options)
  try {
    return await pullAll(engine, progress)
  } catch (error) {
    const detail = 'no registry answers: the images are built here'
    progress({ step: 'published images', state: 'progress', detail })
    if (!canBuild()) throw error
    return buildAll(engine, options)
  }
}

/** Once something was built here, no registry had answered, and none is asked again. */
async function hasBegunBuilding(): Promise<boolean> {
  const names = await readdir(cacheDir()).catch(() => [])
  return names.some((name) => name.startsWith('node-root-') || name.startsWith('kubernetes-'))
}

async function findBuilt(engine: Engine): Promise<Toolchain | null> {
  if (process.platform !== 'linux') return null
  const all = await recipes()
  const cache = cacheDir()
  if (!(await isMade(cache, all.record))) return null
  for (const recipe of [all.workloads, all.node]) {
    if (!(await isMade(cache, recipe))) return null
    if (!(await isLoaded(await readIds(folderOf(cache, recipe)), engine.env))) return null
  }
  const commands = commandsOf(all)
  const present = await Promise.all(Object.values(commands).map(exists))
  if (present.includes(false)) return null
  const text = await readFile(join(folderOf(cache, all.record), RECORD), 'utf8')
  const { images, versions } = JSON.parse(text) as BuildRecord
  const origin = 'built'
  return { ...commands, images: { ...images, kubeVip: null }, versions, origin, preloaded: true }
}

function commandsOf(all: Recipes) {
  const at = (recipe: Recipe, name: string) => join(folderOf(cacheDir(), recipe), name)
  return {
    kind: at(all.kind, 'kind'),
    kubectl: at(all.kubernetes, 'kubectl'),
    etcdctl: at(all.etcd, 'etcdctl'),
  }
}

async function buildAll(
  engine: Engine,
  { progress, install }: ToolchainOptions,
): Promise<Toolchain> {
  refuseWhereImpossible()
  await ensureGo({
    install,
    tell: (detail) => progress({ step: 'go', state: 'progress', detail }),
  })
  await ensurePackages(BUILD_PACKAGES, 'Building the images', install)
  const all = await recipes()
  const cache = cacheDir()
  try {
    await make(cache, [all.record], progress)
    for (const recipe of [all.workloads, all.node]) {
      await load(engine, folderOf(cache, recipe), recipe.title, progress)
    }
  } catch (cause) {
    if (cause instanceof MachineError) throw cause
    throw new MachineError(
      {
        what: `The toolchain could not be built. ${messageOf(cause)}`,
        changed: 'what was finished is kept in the state folder, nothing else was changed',
        next: 'Put right what the message says and run it again: it goes on from there.',
      },
      { cause },
    )
  }
  await linkCommands(commandsOf(all))
  const toolchain = await findBuilt(engine)
  if (!toolchain) throw new Error('the toolchain was built and is not found')
  await dropSuperseded(cache, [all.record])
  const current = Object.values(toolchain.images).filter((name) => name !== null)
  await dropOtherImages(current, engine.env)
  return toolchain
}

async function load(engine: Engine, folder: string, title: string, progress: Progress) {
  const ids = await readIds(folder)
  const step = `loading: ${title}`
  if (await isLoaded(ids, engine.env)) return progress({ step, state: 'cached' })
  const began = performance.now()
  progress({ step, state: 'start' })
  await loadArchive(folder, engine.env)
  progress({ step, state: 'done', elapsedMs: Math.round(performance.now() - began) })
}

async function linkCommands(commands: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(binDir(), { recursive: true })
  for (const [name, target] of Object.entries(commands)) {
    const unfinished = join(binDir(), `.${name}`)
    await rm(unfinished, { force: true })
    await symlink(target, unfinished)
    await rename(unfinished, join(binDir(), name))
  }
}

const canBuild = () => process.platform === 'linux' && process.getuid?.() === 0

function refuseWhereImpossible(): void {
  if (canBuild()) return
  throw new MachineError({
    what: 'No image registry answers, and images can only be built by root on Debian Linux.',
    changed: 'nothing was changed',
    next: 'Give this machine access to an image registry, or run this as root on Debian 12.',
  })
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
