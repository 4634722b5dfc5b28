/**
 * Finds, or with consent makes, what the kind provider needs: an engine that answers, kind,
 * kubectl and the images.
 */

import {
  type Engine,
  ensureEngine,
  ensureToolchain,
  findEngine,
  findToolchain,
  type Progress,
  stateDir,
  type Toolchain,
} from '../../toolchain/index.ts'
import type { KindTools } from '../cluster/kind/distribution.ts'
import { KindProvider } from '../cluster/kind/provider.ts'
import { MachineError } from '../model/errors.ts'

export type Source = 'auto' | 'build' | 'registry'

/** Looks only; null where something is missing, with the reason. */
export async function lookForTools(): Promise<{ tools: KindTools } | { missing: string }> {
  const engine = await findEngine()
  if (!engine) return { missing: 'no container engine answers' }
  const toolchain = await findToolchain(engine)
  if (!toolchain) return { missing: 'kind or its images are not set up yet' }
  return { tools: toolsOf(engine, toolchain) }
}

/** Installs, starts and builds whatever is missing. */
export async function setUpTools(progress: Progress, from: Source): Promise<KindTools> {
  const engine = await ensureEngine({ progress, install: true })
  const toolchain = await ensureToolchain(engine, { progress, install: true, from })
  return toolsOf(engine, toolchain)
}

/** The kind provider, set up first where that was agreed to. */
export async function kindProvider(agreed: boolean, progress: Progress): Promise<KindProvider> {
  const found = await lookForTools()
  if ('tools' in found) return new KindProvider(found.tools)
  if (agreed) return new KindProvider(await setUpTools(progress, 'auto'))
  throw new MachineError({
    what: found.missing,
    changed: 'nothing was changed',
    next: '`pnpm run setup kind` gets it; or give --yes to have it done now.',
  })
}

/** For commands that only look or clean: null where there is nothing to look at. */
export async function kindProviderIfThere(): Promise<KindProvider | null> {
  const found = await lookForTools()
  return 'tools' in found ? new KindProvider(found.tools) : null
}

function toolsOf(engine: Engine, toolchain: Toolchain): KindTools {
  const { kind, kubectl, images, preloaded, versions } = toolchain
  return {
    kind,
    kubectl,
    images,
    preloaded,
    env: engine.env,
    versions: { ...versions, engine: engine.version, images: toolchain.origin },
    home: stateDir(),
  }
}
