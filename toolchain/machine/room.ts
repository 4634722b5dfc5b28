/**
 * How much room there is: disk where the engine and the cache lie, memory, file descriptors. The
 * limits are those of the largest documented cluster, with something to spare.
 */
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { attempt } from '../command.ts'
import { stateDir } from '../state.ts'
import type { Check } from '../types.ts'

const GIB = 1024 ** 3
/** The built artefacts, their copies in the engine, and the nodes of one large cluster. */
const DISK_GIB = 10
/** Six control planes at 0.6 GiB, as many workers, and the harness. */
const MEMORY_GIB = 6
/** HAProxy's documented configuration and the engine's connections. */
const DESCRIPTORS = 4096

export async function roomChecks(): Promise<Check[]> {
  return [
    diskCheck(await freeDisk()),
    memoryCheck(totalmem(), freemem()),
    descriptorsCheck(Number((await attempt('sh', ['-c', 'ulimit -Hn'])) ?? Number.NaN)),
    { name: 'processors', state: 'ok', detail: String(availableParallelism()) },
  ]
}

async function freeDisk(): Promise<number> {
  for (let folder = stateDir(); ; folder = folder.slice(0, folder.lastIndexOf('/')) || '/') {
    const found = await statfs(folder).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (folder === '/') return 0
  }
}

export function diskCheck(freeBytes: number): Check {
  const name = 'disk space'
  const detail = `${(freeBytes / GIB).toFixed(0)} GiB free for the state folder`
  if (freeBytes >= DISK_GIB * GIB) return { name, state: 'ok', detail }
  return {
    name,
    state: 'degraded',
    detail,
    rulesOut: 'building the images, and large clusters',
    remedy: `free ${DISK_GIB} GiB, or set CLUSTERDRILL_HOME to a folder on a larger disk`,
  }
}

export function memoryCheck(totalBytes: number, freeBytes: number): Check {
  const name = 'memory'
  const detail = `${(totalBytes / GIB).toFixed(0)} GiB, ${(freeBytes / GIB).toFixed(0)} GiB of it free`
  if (totalBytes >= MEMORY_GIB * GIB) return { name, state: 'ok', detail }
  return { name, state: 'degraded', detail, rulesOut: 'clusters of more than five nodes' }
}

/** `limit` is NaN where the shell says 'unlimited'. */
export function descriptorsCheck(limit: number): Check {
  const name = 'file descriptors'
  if (Number.isNaN(limit)) return { name, state: 'ok', detail: 'unlimited' }
  if (limit >= DESCRIPTORS) return { name, state: 'ok', detail: String(limit) }
  return {
    name,
    state: 'degraded',
    detail: String(limit),
    rulesOut: 'clusters of more than a few nodes',
    remedy: `raise the hard limit on open files to ${DESCRIPTORS} or more`,
  }
}
