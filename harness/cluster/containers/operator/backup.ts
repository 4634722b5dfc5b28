/**
 * `operator.backup`: an etcd snapshot of the control plane, and the certificates and static pods
 * that go with it, in an S3 store off the cluster. Objects are written to the API before the
 * snapshot and after it, so that a restore can be told from what it brings back. Refuses nodes that
 * kubeadm did not make, and an etcd that is not healthy.
 */
import { randomBytes } from 'node:crypto'
import { InvalidRunError, messageOf } from '../../../model/errors.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { etcdctl, etcdMembers } from '../etcd.ts'
import type { OwnedNode } from '../ownership.ts'
import { type BackupNote, saveNote } from './backup-note.ts'
import { etcdClusterId } from './etcd-identity.ts'
import {
  describeFile,
  fileOf,
  makeWorkFolder,
  removeWorkFolder,
  requireCommands,
  requireKubeadm,
} from './node-files.ts'
import {
  type ObjectStore,
  readObject,
  type StoredObject,
  sendFrom,
  serverOf,
  startObjectStore,
} from './object-store.ts'
import { sentinelCount, writeSentinels } from './sentinels.ts'
import { inNode, nodeNamed, noUndo, type OperatorSite } from './site.ts'

export const snapshotKey = 'etcd.db'
export const filesKey = 'kubernetes.tar'

export async function backup(site: OperatorSite): Promise<FaultHandle> {
  requireKubeadm(site)
  const node = nodeNamed(site, site.target.name)
  await requireCommands(site, node, ['etcdctl', 'curl', 'tar', 'sha256sum'])
  // It may have to be built: before anything is timed.
  await serverOf(site)
  let taken: BackupNote | null = null
  return {
    undo: noUndo(site, 'a backup changes nothing that would have to be undone'),
    inject: async () => {
      taken = await takeBackup(site, node)
      await saveNote(site.folders, taken)
    },
    look: async (moment) =>
      moment === 'before' ? await lookAtEtcd(site, node) : await lookAtStore(site, taken, moment),
    facts: async () => {
      if (!taken) return {}
      const { snapshot, files, sentinels, later, etcdClusterId, store } = taken
      return {
        snapshotBytes: snapshot.bytes,
        sha256: snapshot.sha256,
        filesBytes: files.bytes,
        ...{ sentinels, later, etcdClusterId },
        storedAt: `site-neutral S3 store at ${store.url}`,
      }
    },
  }
}

async function takeBackup(site: OperatorSite, node: OwnedNode): Promise<BackupNote> {
  const mark = randomBytes(6).toString('hex')
  const store = await startObjectStore(site)
  const etcdId = await etcdClusterId(site, node)
  const members = await etcdMembers(site, node)
  const [member] = members
  if (!member || members.length > 1) {
    throw new InvalidRunError({
      what: `etcd has ${members.length} members, and only one of a lone control plane can be restored alone`,
      changed: 'nothing was broken',
      next: 'Take a topology with one control plane.',
    })
  }
  await writeSentinels(site, mark, 'before')
  await makeWorkFolder(site, node)
  await etcdctl(site, node, ['snapshot', 'save', fileOf(snapshotKey)])
  await inNode(site.engine, node, [
    // The kubelet's own credential is this machine's alone.
    ...['tar', '--exclude=kubelet.conf', '-C', '/etc/kubernetes', '-cf', fileOf(filesKey), '.'],
  ])
  const snapshot = await intoStore(site, node, store, snapshotKey)
  const files = await intoStore(site, node, store, filesKey)
  await removeWorkFolder(site, node)
  await writeSentinels(site, mark, 'after')
  return {
    ...{ mark, store, snapshot, files, node: node.name },
    member: { name: member.name, peerUrl: member.peerUrl },
    etcdClusterId: etcdId,
    sentinels: sentinelCount,
    later: sentinelCount,
  }
}

/** Sends the file from the node, reads it back from here, and compares. */
async function intoStore(
  site: OperatorSite,
  node: OwnedNode,
  store: ObjectStore,
  key: string,
): Promise<StoredObject> {
  const object = await describeFile(site, node, key)
  await sendFrom(site, node, store, object, fileOf(key))
  const difference = await differenceOf(site, store, object)
  if (difference === null) return object
  throw new InvalidRunError({
    what: `${key} was sent to the store and is not there as it was sent: ${difference}`,
    changed: 'nothing was broken',
    next: 'Free some space if the disk is full, and run it again.',
  })
}

/** Null when the store has the object as it must be. */
export async function differenceOf(
  { clock }: Pick<OperatorSite, 'clock'>,
  store: ObjectStore,
  { key, sha256 }: StoredObject,
): Promise<string | null> {
  const read = await readObject(store, clock, key)
  if ('missing' in read) return `${key}: ${read.missing}`
  if (read.stored.sha256 === sha256) return null
  return `${key}: SHA-256 ${read.stored.sha256}, not ${sha256}`
}

async function lookAtEtcd(site: OperatorSite, node: OwnedNode): Promise<Evidence> {
  try {
    await etcdctl(site, node, ['endpoint', 'health'])
    return { state: 'well', text: `etcd on ${node.name} is healthy` }
  } catch (error) {
    if (error instanceof InvalidRunError) throw error
    return { state: 'unclear', text: `etcd on ${node.name}: ${messageOf(error)}` }
  }
}

async function lookAtStore(
  site: OperatorSite,
  taken: BackupNote | null,
  moment: Moment,
): Promise<Evidence> {
  if (!taken) return { state: 'unclear', text: 'no backup was taken' }
  const { store, snapshot, files } = taken
  for (const object of [snapshot, files]) {
    const difference = await differenceOf(site, store, object)
    if (difference !== null) return { state: 'unclear', text: difference }
  }
  return {
    state: moment === 'after' ? 'well' : 'broken',
    text: `the store at ${store.url} has ${snapshot.key}, ${snapshot.bytes} bytes, SHA-256 ${snapshot.sha256}, and ${files.key}, ${files.bytes} bytes, as they were sent`,
  }
}
