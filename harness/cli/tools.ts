/**
 * Finds, or with consent makes, what the providers of containers need: an engine that answers,
 * kind, kubectl and the images; and k3d, which is only ever found. The model needs none of it.
 */

import {
  type Engine,
  ensureEngine,
  ensureObjectStore,
  ensureToolchain,
  findEngine,
  findToolchain,
  type Progress,
  stateDir,
  type Toolchain,
} from '../../toolchain/index.ts'
import { K3dProvider } from '../cluster/k3d/provider.ts'
import { findK3d, k3dTools, requireK3d } from '../cluster/k3d/tools.ts'
import type { KindTools } from '../cluster/kind/distribution.ts'
import { KindProvider } from '../cluster/kind/provider.ts'
import type { Provider } from '../cluster/port.ts'
import { SimProvider } from '../cluster/sim/provider.ts'
import { MachineError } from '../model/errors.ts'

export type Source = 'auto' | 'build' | 'registry'

/** What the providers of containers share, and kind's own. */
export type MachineTools = KindTools & { etcdctl: string | null }

/** Providers that this version can open by name. */
export type BuiltProvider = 'kind' | 'k3d' | 'sim'

/** The tools, or why there are none. */
export type FoundTools = { tools: MachineTools } | { missing: string }

/**
 * Looks only; the reason where something is missing. `progress` is told of what the tools build
 * later, when it is first asked for.
 */
export async function lookForTools(progress: Progress = () => undefined): Promise<FoundTools> {
  const engine = await findEngine()
  if (!engine) return { missing: 'no container engine answers' }
  const toolchain = await findToolchain(engine)
  if (!toolchain) return { missing: 'kind or its images are not set up yet' }
  return { tools: toolsOf(engine, toolchain, progress) }
}

/** Installs, starts and builds whatever is missing. */
export async function setUpTools(progress: Progress, from: Source): Promise<MachineTools> {
  const engine = await ensureEngine({ progress, install: true })
  const toolchain = await ensureToolchain(engine, { progress, install: true, from })
  return toolsOf(engine, toolchain, progress)
}

/**
 * The provider of that name, set up first where that was agreed to. k3d is never installed. `looked`:
 * what was found already; null: nobody has looked.
 */
export async function providerNamed(
  name: BuiltProvider,
  agreed: boolean,
  progress: Progress,
  looked: FoundTools | null = null,
): Promise<Provider> {
  if (name === 'sim') return model()
  // Before anything is set up for it in vain.
  const k3d = name === 'k3d' ? await requireK3d({}) : null
  const found = looked ?? (await lookForTools(progress))
  if ('missing' in found && !agreed) {
    throw new MachineError({
      what: found.missing,
      changed: 'nothing was changed',
      next: '`pnpm run setup kind` gets it; or give --yes to have it done now.',
    })
  }
  const tools = 'tools' in found ? found.tools : await setUpTools(progress, 'auto')
  return k3d ? new K3dProvider(k3dTools(k3d, tools, tools.etcdctl)) : new KindProvider(tools)
}

const model = () => new SimProvider(() => new Date())

/** For commands that only look or clean: the model, and what there is of the others. */
export async function providersIfThere(): Promise<Provider[]> {
  const found = await lookForTools()
  if ('missing' in found) return [model()]
  const { tools } = found
  const k3d = await findK3d({})
  return [
    model(),
    new KindProvider(tools),
    ...(k3d ? [new K3dProvider(k3dTools(k3d, tools, tools.etcdctl))] : []),
  ]
}

function toolsOf(engine: Engine, toolchain: Toolchain, progress: Progress): MachineTools {
  const { kind, kubectl, etcdctl, images, preloaded, versions } = toolchain
  return {
    kind,
    kubectl,
    etcdctl,
    images,
    preloaded,
    env: engine.env,
    versions: { ...versions, engine: engine.version, images: toolchain.origin },
    objectStore: () => ensureObjectStore(progress),
    home: stateDir(),
  }
}
