/**
 * Files of a node that a backup is made of, told by their size and hash, and the commands that have
 * to be in the node for it.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import type { OwnedNode } from '../ownership.ts'
import type { StoredObject } from './object-store.ts'
import { inNode, type OperatorSite } from './site.ts'

type Place = Pick<OperatorSite, 'engine'>

/** Where a node keeps what it is about to send, or has fetched; for root alone. */
export const workFolder = '/var/lib/clusterdrill-backup'

export async function makeWorkFolder({ engine }: Place, node: OwnedNode): Promise<void> {
  await inNode(engine, node, ['rm', '-rf', workFolder])
  await inNode(engine, node, ['mkdir', '-m', '700', workFolder])
}

export async function removeWorkFolder({ engine }: Place, node: OwnedNode): Promise<void> {
  await inNode(engine, node, ['rm', '-rf', workFolder])
}

export const fileOf = (key: string): string => `${workFolder}/${key}`

/** The file of that name in the work folder, as an object of the same name. */
export async function describeFile(
  { engine }: Place,
  node: OwnedNode,
  key: string,
): Promise<StoredObject> {
  const file = fileOf(key)
  const hashed = await inNode(engine, node, ['sha256sum', file])
  const bytes = await inNode(engine, node, ['stat', '-c', '%s', file])
  return { key, bytes: Number(bytes.trim()), sha256: hashed.trim().split(/\s+/)[0] ?? '' }
}

/** Throws an InvalidRunError that names every command which the node lacks. */
export async function requireCommands(
  { engine }: Place,
  node: OwnedNode,
  commands: readonly string[],
): Promise<void> {
  const script = 'for each; do command -v "$each" >/dev/null || echo "$each"; done'
  const said = await inNode(engine, node, ['sh', '-c', script, 'sh', ...commands])
  const missing = said.split('\n').filter(Boolean)
  if (missing.length === 0) return
  throw new InvalidRunError({
    what: `the node ${node.name} lacks ${missing.join(', ')}`,
    changed: 'nothing was broken',
    next: 'Use images built here: `pnpm run setup kind --from build`.',
  })
}

/** Backup and restore are of a kubeadm control plane: static pods and files under /etc. */
export function requireKubeadm({
  provider,
  fault,
}: Pick<OperatorSite, 'provider' | 'fault'>): void {
  if (provider === 'kind') return
  throw new InvalidRunError({
    what: `${fault.kind} needs the static pods of kubeadm, which nodes of ${provider} have not`,
    changed: 'nothing was broken',
    next: 'Give --provider kind for this one.',
  })
}
