/**
 * `operator.restore`: a lost control plane is made anew on a worker from the backup in the store.
 * The worker verifies what it fetched, restores etcd under a new token, puts the certificates back,
 * takes the lost machine's address, and its kubelet starts the same static pods. Lasting: the
 * cluster is used up. Refuses while the machine that is to be replaced still runs.
 */
import { InvalidRunError, messageOf } from '../../../model/errors.ts'
import { formatMs } from '../../../model/units.ts'
import { ask } from '../../kubernetes/api.ts'
import { until } from '../../monotonic-clock.ts'
import type { Evidence, FaultHandle } from '../../port.ts'
import type { OwnedNode } from '../ownership.ts'
import { differenceOf } from './backup.ts'
import { type BackupNote, loadNote } from './backup-note.ts'
import { etcdClusterId } from './etcd-identity.ts'
import {
  describeFile,
  fileOf,
  makeWorkFolder,
  removeWorkFolder,
  requireCommands,
  requireKubeadm,
} from './node-files.ts'
import { fetchTo, type StoredObject } from './object-store.ts'
import { countSentinels, type SentinelCount } from './sentinels.ts'
import { inNode, nodeNamed, type OperatorSite, spend } from './site.ts'
import { keepName, renewProxies, takeOverAddress } from './take-over.ts'

/** Images are in the node already; four processes start, one after the other. */
const apiBackWithinMs = 120_000
const lookEveryMs = 250
const apiTimeoutMs = 2_000
/** Where kubeadm keeps etcd's data, and where its static pod looks for it. */
const dataFolder = '/var/lib/etcd'
const kubernetesFolder = '/etc/kubernetes'
/**
 * etcd's own advice for Kubernetes (etcd.io, "Disaster recovery"): those who watch remember later
 * revisions than the snapshot has, and must learn that they have to list again.
 */
const revisionsAhead = '1000000000'

interface Restored {
  apiBackMs: number
  clusterId: string
  count: SentinelCount
}

interface Places {
  note: BackupNote
  /** The control plane that is gone. */
  lost: OwnedNode
  worker: OwnedNode
}

export async function restore(site: OperatorSite): Promise<FaultHandle> {
  requireKubeadm(site)
  const note = await loadNote(site.folders)
  const lost = nodeNamed(site, note.node)
  const worker = nodeNamed(site, site.target.name)
  const places = { note, lost, worker }
  await requireCommands(site, worker, ['etcdctl', 'etcdutl', 'curl', 'tar', 'sha256sum'])
  let restored: Restored | null = null
  return {
    undo: spend(site, `the control plane was made anew on ${worker.name}`),
    inject: async () => {
      restored = await restoreOn(site, places)
    },
    look: async (moment) =>
      moment === 'before' ? await readyToBegin(site, places) : await lookAtApi(site, places),
    facts: async () => {
      const siteOf = (name: string) =>
        site.topology.nodes.find((node) => node.name === name)?.site ?? ''
      return {
        restoredOn: worker.name,
        restoredSite: siteOf(worker.name),
        lostSite: siteOf(lost.name),
        snapshotBytes: note.snapshot.bytes,
        sentinels: note.sentinels,
        later: note.later,
        etcdClusterIdBefore: note.etcdClusterId,
        ...(restored && {
          apiBackMs: Math.round(restored.apiBackMs),
          sentinelsFound: restored.count.before,
          laterLost: note.later - restored.count.after,
          etcdClusterIdAfter: restored.clusterId,
        }),
      }
    },
  }
}

async function restoreOn(site: OperatorSite, places: Places): Promise<Restored> {
  const { engine, clock, state } = site
  const { note, lost, worker } = places
  const beganMs = clock.nowMs()
  const living = state.nodes.filter(({ name }) => name !== lost.name)
  await makeWorkFolder(site, worker)
  for (const object of [note.snapshot, note.files]) await fetchVerified(site, places, object)
  await restoreEtcd(site, places)
  await unpack(site, places, ['--exclude=./manifests'])
  await keepName(site, { lost, living })
  await takeOverAddress(site, { lost, heir: worker, living })
  // Last, for the kubelet starts what it finds there.
  await unpack(site, places, ['./manifests'])
  await removeWorkFolder(site, worker)
  // The folder may not have been there, and a kubelet looks for that every twenty seconds alone.
  await inNode(engine, worker, ['systemctl', 'restart', 'kubelet'])
  await untilApiAnswers(site, places)
  const apiBackMs = clock.nowMs() - beganMs
  await renewProxies(site, living)
  return {
    apiBackMs,
    clusterId: await etcdClusterId(site, worker),
    count: await countSentinels(site, note.mark),
  }
}

async function fetchVerified(
  site: OperatorSite,
  { note, worker }: Places,
  object: StoredObject,
): Promise<void> {
  await fetchTo(site, worker, note.store, object, fileOf(object.key))
  const fetched = await describeFile(site, worker, object.key)
  if (fetched.sha256 === object.sha256) return
  throw new InvalidRunError({
    what: `${object.key} came from the store with SHA-256 ${fetched.sha256}, not ${object.sha256}`,
    changed: `nothing was restored; ${note.node} is lost`,
    next: 'Remove the cluster with `pnpm topology down`, and run it again.',
  })
}

/** Under a new token: else etcd would compute the identity that it had, and prove nothing. */
async function restoreEtcd({ engine }: OperatorSite, { note, worker }: Places): Promise<void> {
  const { name, peerUrl } = note.member
  await inNode(engine, worker, [
    ...['etcdutl', 'snapshot', 'restore', fileOf(note.snapshot.key), '--data-dir', dataFolder],
    ...['--name', name, '--initial-cluster', `${name}=${peerUrl}`],
    ...['--initial-advertise-peer-urls', peerUrl],
    ...['--initial-cluster-token', `clusterdrill-${note.mark}`],
    ...['--bump-revision', revisionsAhead, '--mark-compacted'],
  ])
}

/** Static pods need no change: they name the address, the member and the folders of the old one. */
async function unpack(
  { engine }: OperatorSite,
  { note, worker }: Places,
  which: readonly string[],
): Promise<void> {
  await inNode(engine, worker, [
    ...['tar', '-C', kubernetesFolder, '-xf', fileOf(note.files.key), ...which],
  ])
}

async function untilApiAnswers(site: OperatorSite, { worker, lost }: Places): Promise<void> {
  let said = ''
  const back = await until(site.clock, apiBackWithinMs, lookEveryMs, async () => {
    const answer = await readyz(site)
    said = answer.text
    return answer.ready
  })
  if (back) return
  throw new InvalidRunError({
    what: `the API did not answer at ${lost.address} within ${formatMs(apiBackWithinMs)} of the restore: ${said}\n${await lastWords(site, worker)}`,
    changed: `${lost.name} is lost and ${worker.name} holds its address`,
    next: 'Give --keep to look at the cluster, or remove it with `pnpm topology down`.',
  })
}

/** Of etcd and the API server on the worker, and of its kubelet. */
async function lastWords({ engine }: OperatorSite, worker: OwnedNode): Promise<string> {
  const script = [
    'tail -qn 3 /var/log/containers/etcd-*.log /var/log/containers/kube-apiserver-*.log',
    'journalctl --no-pager --lines 3 --unit kubelet',
  ].join('; ')
  return await inNode(engine, worker, ['sh', '-c', `${script}; true`]).catch(() => '')
}

async function readyz({
  access,
  apiUrl,
}: OperatorSite): Promise<{ ready: boolean; answered: boolean; text: string }> {
  const answer = await ask(access, apiUrl, '/readyz', { timeoutMs: apiTimeoutMs })
  const said = answer.error ?? `HTTP ${answer.status}`
  return {
    ready: answer.status === 200,
    answered: answer.status !== null,
    text: `the API at ${apiUrl} ${answer.status === 200 ? 'is ready' : `is not ready (${said})`}`,
  }
}

/** The machine is gone, nobody serves the API, and the store has all that is needed. */
async function readyToBegin(site: OperatorSite, { note, lost, worker }: Places): Promise<Evidence> {
  const [container, api] = await Promise.all([site.engine.inspect(lost.container), readyz(site)])
  const differences = await Promise.all(
    [note.snapshot, note.files].map((object) => differenceOf(site, note.store, object)),
  )
  const gone = container?.running !== true
  const stored = differences.every((difference) => difference === null)
  const text = [
    `${lost.name} ${gone ? 'does not run' : 'runs'}`,
    api.text,
    stored
      ? `the store at ${note.store.url} has the backup`
      : differences.filter((difference) => difference !== null).join(', '),
    `to be restored on ${worker.name}`,
  ].join('; ')
  return { state: gone && !api.answered && stored ? 'well' : 'unclear', text }
}

/** The API itself, and by another way etcd's word that it is another cluster than it was. */
async function lookAtApi(site: OperatorSite, { note, worker }: Places): Promise<Evidence> {
  const api = await readyz(site)
  try {
    const id = await etcdClusterId(site, worker)
    const changed = id !== note.etcdClusterId
    const text = `${api.text}; etcd on ${worker.name} is of the cluster ${id}, ${changed ? `no more ${note.etcdClusterId}` : 'the one that was lost'}`
    return { state: api.ready && changed ? 'broken' : 'unclear', text }
  } catch (error) {
    return { state: 'unclear', text: `${api.text}; ${messageOf(error)}` }
  }
}
