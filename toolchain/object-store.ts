/**
 * Builds the S3 server (versitygw, over a folder) when it is first asked for: most drills need none,
 * and setting up a machine should not wait for it.
 */
import { join } from 'node:path'
import { architecture } from './build/archive.ts'
import { goBuild } from './build/go.ts'
import { moduleDir } from './build/versions.ts'
import { contentsOf, hashOf } from './hash.ts'
import { withLock } from './lock.ts'
import { cacheDir, stateDir } from './state.ts'
import { folderOf, make, type Recipe } from './steps.ts'
import type { Progress } from './types.ts'

/** The absolute path of the `versitygw` command. */
export async function ensureObjectStore(progress: Progress): Promise<string> {
  const module = moduleDir('versitygw')
  const recipe: Recipe = {
    name: 'versitygw',
    title: 'S3 server',
    needs: [],
    inputs: { architecture, source: hashOf(await contentsOf(module)) },
    heavy: true,
    make: ({ into, tell }) => {
      const packages = ['github.com/versity/versitygw/cmd/versitygw']
      return goBuild({ module, packages, output: `${into}/`, tell })
    },
  }
  const waiting = (holder: number) => {
    const detail = `waiting for process ${holder}, which is setting up`
    progress({ step: recipe.title, state: 'progress', detail })
  }
  const lock = join(stateDir(), 'setup.lock')
  await withLock(lock, waiting, () => make(cacheDir(), [recipe], progress))
  return join(folderOf(cacheDir(), recipe), 'versitygw')
}
