/** The Job of a sweep, field by field: what its pods may do, and when it ends by itself. */
import { expect, test } from 'vitest'
import { sweepJob } from '../../../../harness/cluster/kubernetes/sweep-job/manifest.ts'

const job = sweepJob({
  ...{ runId: 'ab12', namespace: 'drills', image: 'clusterdrill/sweep:1', parts: 7 },
  argument: '{"name":"$(JOB_COMPLETION_INDEX)"}',
})
const pod = job.spec?.template

test('one index for each part, and a lost pod is no lost part', () => {
  const { template, podFailurePolicy, ...rest } = job.spec ?? {}
  expect(rest).toEqual({
    completionMode: 'Indexed',
    completions: 7,
    parallelism: 7,
    backoffLimitPerIndex: 3,
    maxFailedIndexes: 0,
    activeDeadlineSeconds: 86_400,
    ttlSecondsAfterFinished: 3_600,
  })
  expect(podFailurePolicy).toEqual({
    rules: [
      {
        action: 'FailJob',
        onExitCodes: { containerName: 'part', operator: 'In', values: [64, 70] },
      },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  })
})

test('Job and pods are known by our labels', () => {
  const labels = {
    'app.kubernetes.io/name': 'clusterdrill',
    'app.kubernetes.io/component': 'sweep',
    'clusterdrill.dev/run': 'ab12',
  }
  expect(job.metadata).toEqual({ name: 'clusterdrill-sweep-ab12', namespace: 'drills', labels })
  expect(pod?.metadata).toEqual({ labels })
})

test('pods may compute, and nothing else', () => {
  expect(pod?.spec).toEqual({
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 10,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'part',
        image: 'clusterdrill/sweep:1',
        imagePullPolicy: 'IfNotPresent',
        workingDir: '/app',
        command: ['node', '--max-semi-space-size=2', 'harness/cli/sweep-part.ts'],
        args: ['{"name":"$$(JOB_COMPLETION_INDEX)"}'],
        resources: {
          requests: { cpu: '500m', memory: '256Mi' },
          limits: { cpu: '1', memory: '512Mi' },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  })
})
