/**
 * The image that plays parts of a sweep on a cluster: the model and its packages as they are in this
 * checkout, on top of the runtime image that the toolchain has. The engine's own `docker build` makes
 * it, with nothing to fetch. Its name carries a hash of all that is in it, so that pods of another
 * checkout are never taken for this one's.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { MachineError, messageOf } from '../../harness/model/errors.ts'
import { imageName } from '../build/images.ts'
import { nodeRuntime } from '../build/node-runtime.ts'
import { toolchainDir } from '../build/versions.ts'
import { attempt, pipe } from '../command.ts'
import { contentsOf, hashOf } from '../hash.ts'
import type { Engine, Progress } from '../types.ts'

const root = resolve(toolchainDir, '..')
const dockerfile = join(toolchainDir, 'sweep-image/Dockerfile')
const sources = ['LICENSE', 'package.json', 'harness', 'scenarios', 'topologies']
/** Those that a part needs; a test plays one with no others. */
const packages = ['chalk', 'commander', 'leven', 'log-update', 'yaml', 'zod']

/** What this checkout's image is called, whether there is one or not. */
export async function sweepImageName(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const inputs: Record<string, string> = { node: (await nodeRuntime()).version }
  for (const path of [...sources, 'pnpm-lock.yaml']) {
    inputs[path] = hashOf(await contentsOf(join(root, path)))
  }
  inputs.image = hashOf(await contentsOf(join(toolchainDir, 'sweep-image')))
  return imageName('sweep', version, hashOf(inputs))
}

/** Its name, once the engine of that environment has it. `runtime` is the image that it stands on. */
export async function ensureSweepImage(
  env: Engine['env'],
  runtime: string,
  progress: Progress,
): Promise<string> {
  const name = await sweepImageName()
  const step = 'image of the sweep'
  if ((await attempt('docker', ['image', 'inspect', name], { env })) !== null) {
    progress({ step, state: 'cached' })
    return name
  }
  const began = performance.now()
  progress({ step, state: 'start' })
  const folder = await mkdtemp(join(tmpdir(), 'clusterdrill-sweep-image-'))
  try {
    await layOutPart(join(folder, 'app'))
    await cp(dockerfile, join(folder, 'Dockerfile'))
    const entries = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--mode=u=rwX,go=rX']
    await pipe(
      ['tar', '-C', folder, ...entries, '--numeric-owner', '-cf', '-', '.'],
      // Nothing runs in it, and a private engine has no network of its own for containers.
      [
        'docker',
        'build',
        '--network',
        'none',
        '--build-arg',
        `RUNTIME=${runtime}`,
        '-t',
        name,
        '-',
      ],
      // One plain image: an index with attestations is refused by containerd on the nodes.
      { ...env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    )
  } catch (cause) {
    throw new MachineError(
      {
        what: `The image of the sweep could not be built. ${messageOf(cause)}`,
        changed: 'nothing was changed',
        next: 'Put right what the message says and run it again.',
      },
      { cause },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  progress({ step, state: 'done', elapsedMs: Math.round(performance.now() - began) })
  return name
}

/** Fills a folder with what `harness/cli/sweep-part.ts` needs, and hardly more. */
export async function layOutPart(into: string): Promise<void> {
  await mkdir(join(into, 'node_modules'), { recursive: true })
  const copy = (path: string) =>
    cp(join(root, path), join(into, path), { recursive: true, verbatimSymlinks: true })
  for (const path of sources) await copy(path)
  for (const name of packages) await copy(join('node_modules', name))
  for (const folder of await storeFolders(packages)) await copy(folder)
}

/** The folders of pnpm's store in which the packages are, and all that those need. */
async function storeFolders(names: readonly string[]): Promise<string[]> {
  const store = join('node_modules', '.pnpm')
  const found = new Set<string>()
  const visit = async (link: string): Promise<void> => {
    const target = relative(join(root, store), await realpath(link))
    const [name = '..'] = target.split(sep)
    if (name === '..') throw new Error(`${link} is not in ${store}: pnpm did not install it`)
    const folder = join(store, name)
    if (found.has(folder)) return
    found.add(folder)
    const beside = join(root, folder, 'node_modules')
    for (const entry of await readdir(beside, { recursive: false, withFileTypes: true })) {
      const path = join(beside, entry.name)
      if (entry.isSymbolicLink()) await visit(path)
      else if (entry.name.startsWith('@')) {
        for (const scoped of await readdir(path, { withFileTypes: true })) {
          if (scoped.isSymbolicLink()) await visit(join(path, scoped.name))
        }
      }
    }
  }
  for (const name of names) await visit(join(root, 'node_modules', name))
  return [...found]
}
