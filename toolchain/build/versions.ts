/**
 * The versions that the modules pin, read from their go.mod files: they are written down once.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const toolchainDir = fileURLToPath(new URL('..', import.meta.url))
export const moduleDir = (name: string) => join(toolchainDir, 'modules', name)

/** The version of a module in the text of a go.mod, with its leading v. */
export function requiredVersion(goMod: string, path: string): string {
  const escaped = path.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const found = new RegExp(`^\\s*(?:require\\s+)?${escaped}\\s+(v\\S+)`, 'm').exec(goMod)
  if (!found?.[1]) throw new Error(`go.mod does not require ${path}`)
  return found[1]
}

export async function pinnedVersions() {
  const read = async (name: string, path: string) =>
    requiredVersion(await readFile(join(moduleDir(name), 'go.mod'), 'utf8'), path)
  const [kubernetes, etcd, coredns, kind] = await Promise.all([
    read('kubernetes', 'k8s.io/kubernetes'),
    read('etcd', 'go.etcd.io/etcd/server/v3'),
    read('coredns', 'github.com/coredns/coredns'),
    read('kind', 'sigs.k8s.io/kind'),
  ])
  return { kubernetes, etcd, coredns, kind }
}
