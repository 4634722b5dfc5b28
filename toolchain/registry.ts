/**
 * Takes published images where a registry answers, and builds the toolbox, which nobody publishes.
 * kind's node image is pinned by the digest that kind itself names. For the others no digest could be
 * verified when this was written: they are pulled by tag, and the digest that the tag stood for is
 * recorded and used from then on. What is loaded into nodes gets a local name and is made an image
 * of this platform alone, because an index of several is refused there.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MachineError, messageOf } from '../harness/model/errors.ts'
import { goBuild } from './build/go.ts'
import { moduleDir, pinnedVersions } from './build/versions.ts'
import { attempt, run, which } from './command.ts'
import { binDir, cacheDir } from './state.ts'
import { buildToolbox, plainImage, toolboxName } from './toolbox-image/build.ts'
import type { Engine, Progress, Toolchain } from './types.ts'

/** From kind 0.30.0, pkg/apis/config/defaults: the node image this kind was made with. */
export const PUBLISHED_NODE =
  'kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a'

type ByTag = 'haproxy' | 'database' | 'runtime' | 'kubeVip'
const BY_TAG: Readonly<Record<ByTag, string>> = {
  haproxy: 'haproxy:2.6',
  database: 'redis:7.0',
  runtime: 'node:24-slim',
  // The last that comes with timers of 5/3/1 s.
  kubeVip: 'ghcr.io/kube-vip/kube-vip:v1.0.4',
}

const PULL_WITHIN_MS = 10 * 60_000

interface PulledRecord {
  toolchain: Toolchain
  /** The engine's identity of each image, by its name. */
  identities: Record<string, string>
}

const recordFile = () => join(cacheDir(), 'registry.json')

/** The toolchain that was pulled before, if the engine still has its images. */
export async function findPulled(engine: Engine): Promise<Toolchain | null> {
  const text = await readFile(recordFile(), 'utf8').catch(() => null)
  if (text === null) return null
  const { toolchain, identities } = JSON.parse(text) as PulledRecord
  if (toolchain.images.kubeVip === undefined) return null
  if (toolchain.images.toolbox !== (await toolboxName())) return null
  for (const [name, identity] of Object.entries(identities)) {
    if ((await identityOf(name, engine)) !== identity) return null
  }
  const commands = await Promise.all([which(toolchain.kind), which(toolchain.kubectl)])
  return commands.includes(null) ? null : toolchain
}

/**
 * Pulls everything and builds the toolbox; a MachineError says that no registry answers, or what
 * else is missing. Without kube-vip alone, an agent of ours takes its place.
 */
export async function pullAll(engine: Engine, progress: Progress): Promise<Toolchain> {
  const step = 'published images'
  const began = performance.now()
  progress({ step, state: 'start' })
  const tell = (detail: string) => progress({ step, state: 'progress', detail })
  const versions = await pinnedVersions()
  try {
    await pull(PUBLISHED_NODE, engine, tell)
    const haproxy = await pullTagged('haproxy', engine, tell)
    await run('docker', ['tag', BY_TAG.haproxy, haproxy.name], { env: engine.env })
    const database = await pullTagged('database', engine, tell)
    await copyPlain(database, engine)
    const runtime = await pullTagged('runtime', engine, tell)
    await copyPlain(runtime, engine)
    const kubeVip = await pullKubeVip(engine, tell)
    const toolbox = await buildToolbox(engine, tell)
    const toolchain: Toolchain = {
      kind: await kindCommand(versions.kind),
      kubectl: await kubectlCommand(engine),
      etcdctl: null,
      images: {
        node: PUBLISHED_NODE,
        haproxy: haproxy.name,
        database: database.name,
        runtime: runtime.name,
        toolbox: toolbox.name,
        kubeVip: kubeVip?.name ?? null,
      },
      origin: 'registry',
      versions: {
        kind: versions.kind,
        kubernetes: versionIn(PUBLISHED_NODE),
        haproxy: haproxy.version,
        redis: database.version,
        node: runtime.version,
        ...toolbox.versions,
        ...(kubeVip ? { 'kube-vip': kubeVip.version } : {}),
      },
      preloaded: false,
    }
    await remember(toolchain, engine)
    progress({ step, state: 'done', elapsedMs: Math.round(performance.now() - began) })
    return toolchain
  } catch (cause) {
    if (cause instanceof MachineError) throw cause
    throw new MachineError(
      {
        what: `The published images could not be had. ${messageOf(cause)}`,
        changed: 'images that were pulled stay in the engine, nothing else was changed',
        next: 'Give the engine access to an image registry, or build the images on this machine.',
      },
      { cause },
    )
  }
}

export const versionIn = (reference: string) => /:(v[\d.]+)/.exec(reference)?.[1] ?? 'unknown'

export const localName = (part: string, digest: string) =>
  `clusterdrill/${part}:published-${digest.replace('sha256:', '').slice(0, 12)}`

type Tell = (detail: string) => void

async function pull(reference: string, engine: Engine, tell: Tell): Promise<void> {
  tell(reference)
  await run('docker', ['pull', '--quiet', reference], {
    env: engine.env,
    timeoutMs: PULL_WITHIN_MS,
  })
}

interface Pulled {
  /** Its local name. */
  name: string
  /** `redis@sha256:…`: the very image that was pulled. */
  pinned: string
  /** `redis:7.0@sha256:…`, for records. */
  version: string
}

async function pullTagged(part: ByTag, engine: Engine, tell: Tell): Promise<Pulled> {
  const reference = BY_TAG[part]
  await pull(reference, engine, tell)
  const digest = await digestOf(reference, engine)
  return {
    name: localName(part === 'kubeVip' ? 'kube-vip' : part, digest),
    pinned: `${reference.replace(/:[^:/]*$/, '')}@${digest}`,
    version: `${reference}@${digest}`,
  }
}

/** Null where it cannot be had, which is said and is no error. */
async function pullKubeVip(engine: Engine, tell: Tell): Promise<Pulled | null> {
  try {
    const kubeVip = await pullTagged('kubeVip', engine, tell)
    await copyPlain(kubeVip, engine)
    return kubeVip
  } catch {
    tell('kube-vip could not be had: an agent of ours takes its place')
    return null
  }
}

/** Under its local name, without the platforms and attestations that were not pulled. */
async function copyPlain({ name, pinned }: Pulled, engine: Engine): Promise<void> {
  await run('docker', ['build', '--tag', name, '-'], {
    env: { ...engine.env, ...plainImage },
    input: `FROM ${pinned}\n`,
    timeoutMs: PULL_WITHIN_MS,
  })
}

async function digestOf(reference: string, engine: Engine): Promise<string> {
  const format = '{{index .RepoDigests 0}}'
  const found = await run('docker', ['image', 'inspect', '--format', format, reference], {
    env: engine.env,
  })
  return found.slice(found.indexOf('@') + 1).trim()
}

const identityOf = (name: string, engine: Engine) =>
  attempt('docker', ['image', 'inspect', '--format', '{{.Id}}', name], { env: engine.env })

/** kind of exactly the pinned version: the user's own, or built from its module. */
async function kindCommand(version: string): Promise<string> {
  const own = await which('kind')
  if (own && (await attempt(own, ['version', '--quiet'])) === version.replace(/^v/, '')) return own
  const target = join(binDir(), 'kind')
  await mkdir(dirname(target), { recursive: true })
  const packages = ['sigs.k8s.io/kind']
  await goBuild({ module: moduleDir('kind'), packages, output: `${target}.unfinished` })
  await rename(`${target}.unfinished`, target)
  return target
}

/** The node image's own kubectl where it runs here (Linux); else the user's. */
async function kubectlCommand(engine: Engine): Promise<string> {
  const target = join(binDir(), 'kubectl')
  if (process.platform === 'linux') {
    await mkdir(dirname(target), { recursive: true })
    const { env } = engine
    const container = await run('docker', ['create', '--network', 'none', PUBLISHED_NODE], { env })
    try {
      await rm(`${target}.unfinished`, { force: true })
      await run('docker', ['cp', `${container}:/usr/bin/kubectl`, `${target}.unfinished`], { env })
      await rename(`${target}.unfinished`, target)
    } finally {
      await attempt('docker', ['rm', '--force', '--volumes', container], { env })
    }
    return target
  }
  const own = await which('kubectl')
  if (own) return own
  throw new MachineError({
    what: 'There is no kubectl.',
    changed: 'images were pulled into the engine, nothing else was changed',
    next: 'Install kubectl and run this again.',
  })
}

async function remember(toolchain: Toolchain, engine: Engine): Promise<void> {
  const identities: Record<string, string> = {}
  for (const name of Object.values(toolchain.images).filter((each) => each !== null)) {
    identities[name] = (await identityOf(name, engine)) ?? ''
  }
  await mkdir(cacheDir(), { recursive: true })
  const unfinished = `${recordFile()}.unfinished`
  await writeFile(unfinished, `${JSON.stringify({ toolchain, identities }, null, 2)}\n`)
  await rename(unfinished, recordFile())
}
