/**
 * Names an artefact by everything that goes into it: the recipe's own values, files, and the hashes
 * of what it is made from. Pure but for reading the files; no time, no path and no order of keys
 * enters a hash, so that two checkouts share one cache.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The first twelve hexadecimal digits of SHA-256 over the entries, sorted by key. */
export function hashOf(entries: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256')
  for (const key of Object.keys(entries).sort()) {
    const value = entries[key] ?? ''
    hash.update(`${key.length}:${key}=${value.length}:${value}\n`)
  }
  return hash.digest('hex').slice(0, 12)
}

/** Contents of all files under a folder (or of one file), by relative path, with whether they may be run. */
export async function contentsOf(path: string, under = ''): Promise<Record<string, string>> {
  const entry = await lstat(path)
  if (!entry.isDirectory()) {
    const mode = entry.mode & 0o100 ? 'x' : '-'
    return { [under || '.']: `${mode}${await readFile(path, 'latin1')}` }
  }
  const found: Record<string, string> = {}
  for (const name of (await readdir(path)).sort()) {
    Object.assign(found, await contentsOf(join(path, name), under ? `${under}/${name}` : name))
  }
  return found
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
