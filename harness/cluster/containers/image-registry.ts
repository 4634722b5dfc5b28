/**
 * Fills the image registry of an air-gapped cluster: tells each node's containerd that it speaks
 * plain HTTP, brings the images to the primary as bundles, and pushes them from there. What the
 * registry holds already is not brought again. Refuses nothing; a registry that does not answer in
 * time is a `MachineError`.
 */
import { execa } from 'execa'
import type { Clock } from '../../model/clock.ts'
import { MachineError } from '../../model/errors.ts'
import { formatMs } from '../../model/units.ts'
import { type RegistryPlace, referenceIn } from '../kubernetes/workload/registry.ts'
import { until } from '../monotonic-clock.ts'
import type { Report } from '../port.ts'
import type { Engine } from './engine.ts'

export interface FillOptions {
  place: RegistryPlace
  /** Containers of all nodes, which pull from it. */
  nodes: readonly string[]
  /** The container on which it runs, where the bundles lie. */
  primary: string
  /** As the engine knows them, without a host: `clusterdrill/redis:7.0`. */
  images: readonly string[]
  /** Where containerd on the nodes looks for what it must know of a registry (`config_path`). */
  hostsFolder?: string
  clock: Clock
  report: Report
  signal?: AbortSignal
}

const answersWithinMs = 90_000
/** Bundles are kept apart from what Kubernetes sees, so that nodes have to pull. */
const bundles = ['ctr', '--namespace', 'airgap', 'images']

export async function fillRegistry(engine: Engine, options: FillOptions): Promise<void> {
  const { place, nodes, primary, clock } = options
  const folder = `${options.hostsFolder ?? '/etc/containerd/certs.d'}/${hostOf(place)}`
  await Promise.all(
    nodes.map((node) =>
      engine.docker(
        ['exec', '-i', node, 'sh', '-c', `mkdir -p '${folder}' && cat >'${folder}/hosts.toml'`],
        hostsToml(place),
      ),
    ),
  )
  const answers = async () => (await statusOf('GET', urlOf(place))) === 200
  if (!(await until(clock, answersWithinMs, 300, answers, options.signal))) {
    throw new MachineError({
      what: `the image registry ${hostOf(place)} did not answer within ${formatMs(answersWithinMs)}`,
      changed: 'the cluster stands, nothing was broken',
      next: 'Look at its pod in the namespace image-registry, then run it again.',
    })
  }
  const missing: string[] = []
  for (const image of options.images) {
    if ((await statusOf('HEAD', manifestUrl(place, image))) !== 200) missing.push(image)
  }
  if (missing.length === 0) return
  options.report(`image registry: ${missing.length} images, pushed from the primary`)
  await bring(engine, missing, primary)
  for (const image of missing) {
    await engine.docker([
      ...['exec', primary, ...bundles, 'push', '--plain-http'],
      ...[referenceIn(place, image), bundleName(image)],
    ])
  }
  await engine.docker(['exec', primary, ...bundles, 'rm', '--sync', ...missing.map(bundleName)])
}

const hostOf = ({ address, port }: RegistryPlace): string => `${address}:${port}`
const urlOf = (place: RegistryPlace): string => `http://${hostOf(place)}/v2/`

/** `clusterdrill/redis:7.0` → `…/v2/clusterdrill/redis/manifests/7.0`. */
export function manifestUrl(place: RegistryPlace, image: string): string {
  const [, repository = image, tag = 'latest'] = /^(.*?)(?::([^:/]+))?$/.exec(image) ?? []
  return `${urlOf(place)}${repository}/manifests/${tag}`
}

/** What containerd reads before it asks this registry. */
export const hostsToml = (place: RegistryPlace): string =>
  `server = "http://${hostOf(place)}"

[host."http://${hostOf(place)}"]
  capabilities = ["pull", "resolve"]
`

/** The name that an image without a host gets when containerd imports it. */
export const bundleName = (image: string): string => `docker.io/${image}`

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** Null when nothing answers within two seconds. */
async function statusOf(method: 'GET' | 'HEAD', url: string): Promise<number | null> {
  try {
    const answer = await fetch(url, {
      method,
      headers: { accept: manifestTypes.join(', ') },
      signal: AbortSignal.timeout(2_000),
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return null
  }
}

/** From the engine into the primary's containerd, without a file between. */
async function bring(engine: Engine, images: readonly string[], primary: string): Promise<void> {
  const { env } = engine.tools
  const saved = execa('docker', ['save', ...images], { env, detached: true, buffer: false })
  const result = await saved
    .pipe('docker', ['exec', '-i', primary, ...bundles, 'import', '--no-unpack', '-'], {
      ...{ env, detached: true, reject: false },
    })
    .catch((error: unknown) => error as { failed: boolean; stderr?: string; shortMessage: string })
  if (!result.failed) return
  throw new MachineError({
    what: `the images could not be brought to ${primary}: ${result.stderr || ('shortMessage' in result ? result.shortMessage : '')}`,
    changed: 'the cluster stands, nothing was broken',
    next: 'Free some space if the disk is full, and run it again.',
  })
}
