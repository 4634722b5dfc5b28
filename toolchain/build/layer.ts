/**
 * Turns a folder into an image layer: a tar whose bytes depend on the files alone (order, times and,
 * unless told otherwise, owners are fixed), beside a note of its digest.
 */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import { digestOf } from '../hash.ts'

export interface Layer {
  /** The tar, uncompressed. */
  file: string
  /** SHA-256 of the tar, in hexadecimal. */
  digest: string
  bytes: number
}

const FILE = 'layer.tar'
const NOTE = 'layer.json'

export async function packLayer(
  tree: string,
  into: string,
  owners: 'root' | 'kept' = 'root',
): Promise<Layer> {
  const fixed = owners === 'root' ? ['--owner=0', '--group=0'] : ['--xattrs', '--xattrs-include=*']
  const entries = ['--sort=name', '--mtime=@0', '--numeric-owner', '--format=pax', ...fixed]
  const options = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime'
  await run('tar', ['-C', tree, ...entries, options, '-cf', join(into, FILE), '.'])
  return noteLayer(into)
}

/** Notes the digest of a `layer.tar` that is already there. */
export async function noteLayer(into: string): Promise<Layer> {
  const file = join(into, FILE)
  const note = { digest: await digestOf(file), bytes: (await stat(file)).size }
  await writeFile(join(into, NOTE), `${JSON.stringify(note)}\n`)
  return { file, ...note }
}

export async function readLayer(folder: string): Promise<Layer> {
  const note = JSON.parse(await readFile(join(folder, NOTE), 'utf8')) as Omit<Layer, 'file'>
  return { file: join(folder, FILE), ...note }
}
