/**
 * Puts the runtime shim beside the private engine. Go builds it in seconds; the engine must not read
 * half a file, so it is built elsewhere and renamed.
 */
import { rename } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { goBuild } from '../build/go.ts'

export async function buildShim(target: string): Promise<void> {
  const unfinished = `${target}.unfinished`
  await goBuild({
    module: fileURLToPath(new URL('..', import.meta.url)),
    packages: ['./runtime-shim'],
    output: unfinished,
  })
  await rename(unfinished, target)
}
