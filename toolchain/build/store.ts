/**
 * Fills a containerd store with images and packs it as a layer of the node image, by the script
 * beside the node image's files. Refuses a store in which an image that was put in cannot be found.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import { type ImageRecipe, writeArchive } from './archive.ts'
import { type Layer, packLayer } from './layer.ts'
import { toolchainDir } from './versions.ts'

export async function makeStore(
  root: Layer,
  images: readonly ImageRecipe[],
  into: string,
): Promise<void> {
  const part = async (name: string) => {
    await mkdir(join(into, name), { recursive: true })
    return join(into, name)
  }
  const [debian, work, tree, archive] = await Promise.all(
    ['debian', 'work', 'tree', 'archive'].map(part),
  )
  if (!debian || !work || !tree || !archive) throw new Error('unreachable')
  await run('tar', ['-C', debian, '--exclude=./dev/*', '-xf', root.file])
  await writeArchive(archive, images)
  await run('tar', ['-C', archive, '-cf', join(work, 'images.tar'), '.'])
  const script = join(toolchainDir, 'node-image', 'build-store.sh')
  const isolated = ['--mount', '--pid', '--fork', '--kill-child']
  await run('unshare', [...isolated, 'bash', script, debian, work, tree])
  const present = (await readFile(join(work, 'images.list'), 'utf8')).split('\n')
  for (const name of images.flatMap(({ names }) => names)) {
    if (!present.some((entry) => entry === name || entry.endsWith(`/${name}`))) {
      throw new Error(`the store does not hold ${name}; it holds ${present.join(', ')}`)
    }
  }
  await packLayer(tree, into, 'kept')
  for (const folder of [debian, work, tree, archive]) await rm(folder, { recursive: true })
}
