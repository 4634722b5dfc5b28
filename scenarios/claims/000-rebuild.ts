/**
 * What documents 000 and 001 say of a control plane that is lost for good: it is made anew from the
 * last backup, on any node that is left. Objects written before and after the backup prove which
 * state it really came back with.
 */
import type { Claim, Finding, Measurement } from '../../harness/model/claim.ts'
import { formatMs } from '../../harness/model/units.ts'
import { numberOf, textOf } from './facts.ts'
import { faultOfKind } from './reading.ts'

const common = {
  kubernetes: null,
  scenarios: ['control-plane-rebuild'],
  accepted: [],
} as const

const rebuilt: Claim = {
  ...common,
  id: '001-rebuild',
  document: '001',
  says: 'A lost control plane is bootstrapped again from its last good backup.',
  condition: 'The only control plane is lost for good, and a backup of it lies off the cluster.',
  topologies: ['cx-worker-ha-metallb'],
  judge: comesBackWithBackup,
}

const onAnyNode: Claim = {
  ...common,
  id: '000-backup',
  document: '000',
  says: 'A backup in a neutral object store can be restored on any available node when its site is lost.',
  condition:
    'The only control plane is lost for good; the node it is restored on is at another site.',
  topologies: ['cx-worker-ha'],
  judge(measurement) {
    const found = comesBackWithBackup(measurement)
    const restore = faultOfKind(measurement, 'operator.restore')
    const [from, to] = [textOf(restore, 'lostSite'), textOf(restore, 'restoredSite')]
    if (found === null || from === null || to === null) return null
    const elsewhere = {
      measured: `${found.measured}; lost at ${from}, restored at ${to}`,
      expected: `${found.expected}, on a node of another site`,
    }
    return from === to && found.verdict === 'confirmed'
      ? {
          ...elsewhere,
          verdict: 'undetermined',
          because: 'it was restored at the site that was lost, which shows nothing of the other',
        }
      : { ...found, ...elsewhere }
  },
}

function comesBackWithBackup(measurement: Measurement): Finding | null {
  const backup = faultOfKind(measurement, 'operator.backup')
  const restore = faultOfKind(measurement, 'operator.restore')
  if (backup === null || restore === null) return null
  const either = (name: string) => numberOf(restore, name) ?? numberOf(backup, name)
  const sentinels = either('sentinels')
  const found = either('sentinelsFound')
  if (sentinels === null || found === null || sentinels === 0) return null
  const [later, laterLost] = [either('later') ?? 0, either('laterLost') ?? 0]
  const backMs = either('apiBackMs')
  const [before, after] = ['etcdClusterIdBefore', 'etcdClusterIdAfter'].map(
    (name) => textOf(restore, name) ?? textOf(backup, name),
  )
  const bytes = either('snapshotBytes')
  const size = bytes === null ? '' : `a snapshot of ${bytes} bytes; `
  const node = textOf(restore, 'restoredOn') ?? restore.target
  const back = backMs === null ? 'no answer from the API' : `API back after ${formatMs(backMs)}`
  const finding = {
    measured: `${size}${back} on ${node}; ${found} of ${sentinels} objects from before the backup are there, ${laterLost} of ${later} from after it are lost`,
    expected: 'the API answers again with all that the backup held',
  }
  const contradicted = (because: string): Finding => ({
    ...finding,
    verdict: 'contradicted',
    because,
  })
  if (backMs === null) return contradicted('the API did not come back by the end of the run')
  if (found < sentinels) return contradicted('objects that the backup held are not there')
  const sameCluster = before != null && before === after
  if ((later > 0 && laterLost === 0) || sameCluster) {
    return contradicted('what answers is not the backup: it has what was written after it')
  }
  return {
    ...finding,
    verdict: 'confirmed',
    because: `etcd began a new cluster from the snapshot${laterLost > 0 ? '; what was written after the backup is gone for good' : ''}`,
  }
}

export const claimsOfRebuilding: readonly Claim[] = [onAnyNode, rebuilt]
