/**
 * Finds the Node that goes into the runtime image: the one this project depends on, so that the
 * image does not change with the Node that happens to run the harness; else that one.
 */
import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface NodeRuntime {
  binary: string
  /** Without a leading v. */
  version: string
}

export async function nodeRuntime(): Promise<NodeRuntime> {
  try {
    const require = createRequire(import.meta.url)
    const description = require.resolve('node/package.json')
    const { version } = require(description) as { version: string }
    const binary = join(dirname(description), 'bin', 'node')
    await access(binary)
    return { binary, version }
  } catch {
    return { binary: process.execPath, version: process.versions.node }
  }
}
