/**
 * The commands and images that clusters are made of: which are there, and what would bring the rest.
 */

import { join } from 'node:path'
import { findGo } from '../build/go-command.ts'
import { attempt, which } from '../command.ts'
import { findEngine } from '../engine/find.ts'
import { binDir } from '../state.ts'
import { findToolchain } from '../toolchain.ts'
import type { Check, Engine, Toolchain } from '../types.ts'

const SETUP = 'pnpm run setup kind'

export async function clusterChecks(): Promise<Check[]> {
  const engine = await findEngine()
  const toolchain = engine ? await findToolchain(engine) : null
  const [go, k3d] = await Promise.all([findGo(), attempt('k3d', ['version'])])
  return [
    engineCheck(engine, await which('dockerd')),
    imagesCheck(toolchain),
    await commandCheck('kind', toolchain?.kind ?? null),
    await commandCheck('kubectl', toolchain?.kubectl ?? null),
    go
      ? { name: 'go', state: 'ok', detail: go.version }
      : {
          name: 'go',
          state: 'degraded',
          detail: 'none from 1.21 on here',
          rulesOut: 'building images where no image registry answers',
          remedy: `${SETUP} gets it as root on Debian; elsewhere install Go 1.24 or newer`,
        },
    k3dCheck(k3d),
  ]
}

/** From what `k3d version` prints; null where there is no k3d. */
export function k3dCheck(printed: string | null): Check {
  const name = 'k3d'
  const version = printed === null ? null : (/v\d+(?:\.\d+)*/.exec(printed)?.[0] ?? 'unknown')
  if (version?.startsWith('v5.')) return { name, state: 'ok', detail: version }
  return {
    name,
    state: 'degraded',
    detail: version === null ? 'not here' : `${version}, and 5 is needed`,
    rulesOut: '--provider k3d',
    remedy: 'install k3d 5 from its project; its images need an image registry',
  }
}

function engineCheck(engine: Engine | null, dockerd: string | null): Check {
  const name = 'container engine'
  if (engine) {
    const owner = engine.private ? 'private' : "the system's own"
    return { name, state: 'ok', detail: `${engine.version}, ${owner}` }
  }
  const startable = process.platform === 'linux' && process.getuid?.() === 0
  if (!startable) {
    return {
      name,
      state: 'missing',
      detail: 'none answers, and only root on Linux can start a private one',
      rulesOut: 'every drill on a real cluster of this machine',
      remedy: 'start Docker, or run as root',
    }
  }
  return {
    name,
    state: 'degraded',
    detail: dockerd ? 'none answers; a private one can be started' : 'not installed',
    rulesOut: 'drills on a real cluster until it runs',
    remedy: SETUP,
  }
}

function imagesCheck(toolchain: Toolchain | null): Check {
  const name = 'images'
  if (!toolchain) {
    return {
      name,
      state: 'degraded',
      detail: 'not set up',
      rulesOut: 'drills on a real cluster until they are',
      remedy: SETUP,
    }
  }
  const version = toolchain.versions.kubernetes ?? 'Kubernetes'
  const origin = toolchain.origin === 'built' ? 'built on this machine' : 'from a registry'
  return { name, state: 'ok', detail: `${version}, ${origin}` }
}

async function commandCheck(name: 'kind' | 'kubectl', own: string | null): Promise<Check> {
  const path = own ?? (await which(name)) ?? (await which(join(binDir(), name)))
  if (path) return { name, state: 'ok', detail: path }
  return {
    name,
    state: 'degraded',
    detail: 'not here',
    rulesOut: 'drills on a real cluster until it is',
    remedy: SETUP,
  }
}
