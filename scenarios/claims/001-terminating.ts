/**
 * What document 001 says a person has to do after a worker was lost: delete by force what stays
 * Terminating, and leave the storage provisioner and the ingress alone.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { FaultRecord } from '../../harness/model/record.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { numberOf, textOf } from './facts.ts'
import { faultOfKind, heldSpan, outagesIn, saveVantages } from './reading.ts'

const common = {
  document: '001',
  kubernetes: null,
  scenarios: ['worker-down'],
  topologies: ['cx-worker-ha-metallb', 'cx-worker-ha-metallb-local'],
  accepted: [],
} as const

const mustBeDeleted: Claim = {
  ...common,
  id: '001-terminating',
  says: 'After a node is lost, pods that stay Terminating have to be deleted by force after five minutes.',
  condition:
    'A worker is lost, and as long as detection and toleration take has passed. Read as: pods are still Terminating then, and each that was waited for is replaced once they are gone.',
  judge(measurement) {
    const deletion = deletionIn(measurement)
    if (deletion === null) return null
    const { fault, deleted, pods } = deletion
    const lostAtMs = measurement.faults[0]?.injectedAtMs ?? fault.injectedAtMs
    const waitedMs = fault.injectedAtMs - lostAtMs
    if (deleted === 0) {
      return {
        verdict: 'contradicted',
        measured: `no pod was Terminating ${formatMs(waitedMs)} after the loss`,
        expected: 'pods that stay Terminating',
        because: 'they had gone by themselves',
      }
    }
    const after = createdAfter(measurement, fault.injectedAtMs)
    return {
      verdict: 'confirmed',
      measured: `${deleted} pods were still Terminating ${formatMs(waitedMs)} after the loss (${pods}); made anew once they were gone: ${after.join(', ') || 'none, for each had been replaced already'}${savesText(measurement, fault)}`,
      expected: 'pods that stay Terminating until they are deleted by force',
      because:
        after.length === 0
          ? 'only the kubelet of the lost node can say that a pod has ended; Deployments do not wait for it'
          : 'only the kubelet of the lost node can say that a pod has ended, and a StatefulSet waits for that before it makes another',
    }
  },
}

const notThese: Claim = {
  ...common,
  id: '001-terminating-except',
  says: 'Pods of the storage provisioner and of the ingress must not be deleted by force.',
  condition:
    'A worker is lost, and a person cleans up. Read as: the clean-up leaves those namespaces alone, and page and save need none of it.',
  judge(measurement) {
    const deletion = deletionIn(measurement)
    const held = heldSpan(measurement)
    if (deletion === null || held === null) return null
    const { namespaces } = measurement.plan.topology.workload
    const { namespace } = measurement.plan.topology.storage
    const excepted = [namespaces?.ingress, namespace].flatMap((name) => name ?? [])
    const { fault, pods } = deletion
    const wrong = excepted.filter((name) =>
      pods.split(/[\s,]+/).some((pod) => pod.startsWith(`${name}/`)),
    )
    const refused = numberOf(fault, 'refused') ?? 0
    const left = textOf(fault, 'refusedPods')
    const finding = {
      measured: `${refused} pods of ${excepted.join(' and ')} were left Terminating${left === null ? '' : ` (${left})`}; deleted: ${pods || 'none'}`,
      expected: `no pod of ${excepted.join(' or ')} deleted`,
    }
    return wrong.length > 0
      ? {
          ...finding,
          verdict: 'contradicted',
          because: `the clean-up reached into ${wrong.join(' and ')}`,
        }
      : {
          ...finding,
          verdict: 'confirmed',
          because:
            refused === 0
              ? 'none of theirs was stuck, and the clean-up asks for no other'
              : 'the clean-up refuses those namespaces; what was left ends when the worker is back',
        }
  },
}

function deletionIn(
  measurement: Measurement,
): { fault: FaultRecord; deleted: number; pods: string } | null {
  const fault = faultOfKind(measurement, 'operator.force-delete')
  const deleted = numberOf(fault, 'deleted')
  if (fault === null || deleted === null) return null
  return { fault, deleted, pods: textOf(fault, 'deletedPods') ?? '' }
}

/** Workload pods made between the deletion and the heal. */
function createdAfter(measurement: Measurement, atMs: number): string[] {
  const healMs = heldSpan(measurement)?.toMs ?? Number.POSITIVE_INFINITY
  const created = measurement.events.filter(
    (event) =>
      event.name === 'pod-created' &&
      event.component !== null &&
      event.atMs >= atMs &&
      event.atMs <= healMs,
  )
  return [...new Set(created.map(({ subject }) => subject))]
}

/** When saves that were still away at the deletion came back. */
function savesText(measurement: Measurement, { injectedAtMs }: FaultRecord): string {
  const held = heldSpan(measurement)
  const outage = saveVantages(measurement)
    .flatMap((vantage) => (held === null ? [] : outagesIn(vantage, held)))
    .find(
      ({ startMs, endMs, ended }) => ended && startMs[1] < injectedAtMs && endMs[1] > injectedAtMs,
    )
  if (outage === undefined) return ''
  const [from, to] = outage.endMs
  return `; saves good again ${formatInterval([Math.max(0, from - injectedAtMs), to - injectedAtMs])} after it`
}

export const claimsOfTerminating: readonly Claim[] = [mustBeDeleted, notThese]
