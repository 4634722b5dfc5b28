/**
 * The lost worker again, with everything that newer versions say of a run: why it took so long,
 * clocks, two truths, late answers, what a person found out, and the target that was named; and a
 * run that was not played. Made up by hand, with markup where text is expected.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import type { ReportInput } from '../../reports/input.ts'
import { workerDown } from './fixture-worker-down.ts'

const { record } = workerDown

export const hostile = '<script>alert(1)</script>'

export const explained: ReportInput & { record: RunRecord } = {
  ...workerDown,
  record: {
    ...record,
    target: 'worker-b',
    vantages: record.vantages.map((vantage) => ({ ...vantage, late: 4 })),
    faults: [
      {
        id: 'backup',
        kind: 'operator.backup',
        target: 'control-plane',
        role: 'control-plane',
        injectedAtMs: 4_000,
        tookHoldAtMs: 6_000,
        undoneAtMs: null,
        lasting: true,
        facts: { snapshotBytes: 4_096, apiBackMs: 41_000, restoredOn: hostile, moved: true },
        receipt: { before: 'the store is empty', during: 'the snapshot is in it', after: null },
      },
      ...record.faults,
    ],
    explanation: {
      vantage: 'save-worker-a',
      outageMs: [37_150, 37_250],
      links: [
        {
          name: 'node-not-ready',
          fromMs: 10_000,
          toMs: 14_620,
          share: 4_620 / 37_250,
          cause: 'silent for 5 s (node-monitor-grace-period)',
          timer: 'nodeMonitorGraceMs',
        },
        {
          name: 'evicted',
          fromMs: 14_620,
          toMs: 44_760,
          share: 30_140 / 37_250,
          cause: `database: toleration of 30 s spent ${hostile}`,
          timer: 'unreachableTolerationMs',
        },
        {
          name: 'service-available',
          fromMs: 44_760,
          toMs: 47_250,
          share: 2_490 / 37_250,
          cause: 'save-worker-a answers again and stays good',
          timer: null,
        },
      ],
      dominating: { timer: 'unreachableTolerationMs', ms: 30_140, share: 30_140 / 37_250 },
      advice: 'To halve it, set tolerationSeconds to 11 s in place of 30 s.',
    },
    clocks: [
      { node: 'worker-a', aheadMs: [-3, 1] },
      { node: 'worker-b', aheadMs: [10, 14] },
    ],
    splitBrain: { looked: ['the members of etcd', 'the API'], found: [] },
    integrity: {
      ...record.integrity,
      apiWrites: { acknowledged: 1_580, highest: 1_579, held: 1_579, lost: 0 },
    },
  },
}

/** Nothing was played, for the provider has no such storage. */
export const unplayed: ReportInput & { record: RunRecord } = {
  ...workerDown,
  samples: [],
  events: [],
  record: {
    ...record,
    phases: [],
    faults: [],
    vantages: [],
    recovery: {
      reactionMs: null,
      repairMs: null,
      recoveryMs: null,
      outageMs: null,
      vantage: null,
      steps: [],
    },
    explanation: null,
    prediction: null,
    claims: record.claims.slice(3),
    lacks: ['storage'],
    verdict: 'undetermined',
  },
}
