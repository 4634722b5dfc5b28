/**
 * Finds k3d on this machine, and puts it in kind's place among the tools. Looks only: nothing is
 * installed. Refuses any other major version than 5, whose configuration is another.
 */
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { MachineError } from '../../model/errors.ts'
import type { ContainerTools } from '../containers/engine.ts'

export interface K3dTools extends ContainerTools {
  /** Absolute path of k3d. */
  k3d: string
  /** Absolute path of an etcdctl that runs by itself, for the nodes; null where there is none. */
  etcdctl: string | null
}

export interface FoundK3d {
  /** Absolute path. */
  path: string
  /** As k3d says it: `v5.8.3`. */
  version: string
}

/** What the nodes are made of; k3d's own default is older and depends on the version of k3d. */
export const k3sImage = 'rancher/k3s:v1.34.1-k3s1'

const howToGetIt =
  'Install version 5 of k3d (k3d.io says how; it needs an engine and an image registry), then run this again; or give --provider kind.'

/**
 * `env` is added to the environment of this process, as for the engine. Null when there is no k3d,
 * or when it does not say its version.
 */
export async function findK3d(env: Readonly<Record<string, string>>): Promise<FoundK3d | null> {
  const path = await inPath('k3d', env.PATH ?? process.env.PATH ?? '')
  if (path === null) return null
  const said = await execa(path, ['version'], { env, reject: false, stdin: 'ignore' })
  // k3d-io/k3d cmd/root.go, printVersion.
  const version = /^k3d version (v\S+)/m.exec(said.stdout)?.[1]
  return version === undefined ? null : { path, version }
}

/** As `findK3d`, but throws a MachineError that says how to get it. */
export async function requireK3d(env: Readonly<Record<string, string>>): Promise<FoundK3d> {
  const found = await findK3d(env)
  if (found && /^v5\./.test(found.version)) return found
  throw new MachineError({
    what: found ? `k3d is ${found.version} here, and version 5 is needed` : 'k3d is not installed',
    changed: 'nothing was changed',
    next: howToGetIt,
  })
}

/** What is kind's alone among the versions, or is k3s's own on these nodes. */
const notHere = new Set([
  ...['kind', 'kubernetes', 'etcd', 'coredns', 'containerd', 'runc', 'systemd'],
])

/**
 * The tools of another provider of containers, with k3d and k3s. The images of the workload are in
 * no image of k3s, so they are loaded into the nodes.
 */
export function k3dTools(
  k3d: FoundK3d,
  shared: ContainerTools,
  etcdctl: string | null,
  image = k3sImage,
): K3dTools {
  const kept = Object.entries(shared.versions).filter(([name]) => !notHere.has(name))
  const [, tag = 'unknown'] = /:([^:/]+)$/.exec(image) ?? []
  return {
    kubectl: shared.kubectl,
    env: shared.env,
    home: shared.home,
    images: { ...shared.images, node: image },
    preloaded: false,
    versions: {
      ...Object.fromEntries(kept),
      kubernetes: tag.replace(/-k3s\d+$/, ''),
      k3s: tag,
      k3d: k3d.version,
    },
    objectStore: shared.objectStore,
    k3d: k3d.path,
    etcdctl,
  }
}

async function inPath(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const file = join(folder, name)
    try {
      await access(file, constants.X_OK)
      return file
    } catch {
      // The next folder may have it.
    }
  }
  return null
}
