/**
 * Puts layers together into images, in the form that `docker load` and containerd's import both
 * read, without a build by the engine. Images in one archive share their layers. The layers are
 * hard links to the cache, so an archive costs no space.
 */
import { createHash } from 'node:crypto'
import { link, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt, pipe } from '../command.ts'
import type { Layer } from './layer.ts'

export interface ImageRecipe {
  names: readonly string[]
  layers: readonly Layer[]
  config: {
    Entrypoint?: readonly string[]
    Cmd?: readonly string[]
    Env?: readonly string[]
    WorkingDir?: string
    StopSignal?: string
    Labels?: Readonly<Record<string, string>>
  }
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' }
export const architecture = ARCHITECTURES[process.arch] ?? process.arch

/** The image's configuration, as the image specification has it. */
export function imageConfiguration(image: ImageRecipe): string {
  const { Env = [], ...rest } = image.config
  return JSON.stringify({
    architecture,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Env: [PATH, ...Env], ...rest },
    rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => `sha256:${digest}`) },
    history: image.layers.map(() => ({
      created: '1970-01-01T00:00:00Z',
      created_by: 'clusterdrill',
    })),
  })
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The identity that the engine will give the image. */
export const imageId = (image: ImageRecipe) => `sha256:${sha256(imageConfiguration(image))}`

/** Fills a folder with an unpacked archive; returns each name's image identity. */
export async function writeArchive(
  into: string,
  images: readonly ImageRecipe[],
): Promise<Record<string, string>> {
  const manifest: unknown[] = []
  const ids: Record<string, string> = {}
  const linked = new Set<string>()
  for (const image of images) {
    const configuration = imageConfiguration(image)
    const file = `${sha256(configuration)}.json`
    await writeFile(join(into, file), configuration)
    for (const layer of image.layers) {
      if (linked.has(layer.digest)) continue
      linked.add(layer.digest)
      await mkdir(join(into, layer.digest))
      await link(layer.file, join(into, layer.digest, 'layer.tar'))
    }
    manifest.push({
      Config: file,
      RepoTags: image.names,
      Layers: image.layers.map(({ digest }) => `${digest}/layer.tar`),
    })
    for (const name of image.names) ids[name] = imageId(image)
  }
  await writeFile(join(into, 'manifest.json'), JSON.stringify(manifest))
  await writeFile(join(into, IDS), JSON.stringify(ids))
  return ids
}

const IDS = 'identities.json'

export async function readIds(folder: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(folder, IDS), 'utf8')) as Record<string, string>
}

/** Whether the engine has every image of the archive under its names. */
export async function isLoaded(
  ids: Readonly<Record<string, string>>,
  env: Record<string, string>,
): Promise<boolean> {
  const names = Object.keys(ids)
  const found = await attempt('docker', ['image', 'inspect', '--format', '{{.Id}}', ...names], {
    env,
  })
  return found?.split('\n').every((id, index) => id === ids[names[index] ?? '']) ?? false
}

export async function loadArchive(folder: string, env: Record<string, string>): Promise<void> {
  await pipe(
    ['tar', '-C', folder, `--exclude=./${IDS}`, '-cf', '-', '.'],
    ['docker', 'load', '--quiet'],
    env,
  )
}

/** Removes our images of earlier inputs; one that a container still uses stays. */
export async function dropOtherImages(
  current: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}}'
  const listed = await attempt('docker', ['images', '--format', format, 'clusterdrill/*'], { env })
  const keep = new Set(current)
  for (const name of (listed ?? '').split('\n').filter(Boolean)) {
    if (!keep.has(name)) await attempt('docker', ['image', 'rm', name], { env })
  }
}
