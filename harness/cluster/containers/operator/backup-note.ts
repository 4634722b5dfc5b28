/**
 * What a backup leaves for a restore to begin with, as an operator would have it in a safe: where
 * the store is and its keys, what the objects must be, and whose control plane it was. It lies in
 * the cluster's own folder beside its kubeconfig, readable by its owner alone, and goes with it;
 * never in a run directory.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRunError } from '../../../model/errors.ts'
import type { ClusterFolders } from '../ownership.ts'
import type { ObjectStore, StoredObject } from './object-store.ts'

export interface BackupNote {
  /** Tells this backup's sentinels from those of others. */
  mark: string
  store: ObjectStore
  /** The etcd snapshot. */
  snapshot: StoredObject
  /** A tar file of `/etc/kubernetes`: certificates, credentials and static pods. */
  files: StoredObject
  /** Topology name of the control plane that it was taken from. */
  node: string
  /** The etcd member that a restored data folder must name: its name and its peer URL. */
  member: { name: string; peerUrl: string }
  etcdClusterId: string
  sentinels: number
  later: number
}

const fileIn = ({ root }: ClusterFolders): string => join(root, 'backup.json')

export async function saveNote(folders: ClusterFolders, note: BackupNote): Promise<void> {
  await rm(fileIn(folders), { force: true })
  await writeFile(fileIn(folders), `${JSON.stringify(note)}\n`, { mode: 0o600 })
}

/** Throws an InvalidRunError where no backup was taken of this cluster. */
export async function loadNote(folders: ClusterFolders): Promise<BackupNote> {
  try {
    return JSON.parse(await readFile(fileIn(folders), 'utf8')) as BackupNote
  } catch (error) {
    throw new InvalidRunError(
      {
        what: 'there is no backup of this cluster to restore from',
        changed: 'nothing was restored',
        next: 'A scenario that restores must take a backup first (operator.backup).',
      },
      { cause: error },
    )
  }
}
