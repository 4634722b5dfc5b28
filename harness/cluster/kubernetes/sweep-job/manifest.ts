/**
 * The Indexed Job that plays a sweep: one completion index for each part, pods that may do nothing
 * but compute, and limits after which it ends and removes itself though nobody watches. Pure.
 */
import type { V1Job } from '@kubernetes/client-node'

export interface SweepJob {
  /** Sets it apart from all others; fit for a name. */
  runId: string
  namespace: string
  image: string
  parts: number
  /** Handed to every pod. */
  argument: string
}

export const runLabel = 'clusterdrill.dev/run'
/** Set by the Job controller: which part a pod plays. */
export const indexLabel = 'batch.kubernetes.io/job-completion-index'
export const containerName = 'part'

export const jobName = (runId: string): string => `clusterdrill-sweep-${runId}`

/** Kubernetes since which single indexes have a backoff limit. */
export const minorVersionMin = 29

/** Nobody, in no image. */
const userId = 65_532
const triesOfAPart = 4
/** An orphan of which no image can be pulled would wait for ever. */
const daySeconds = 86_400
/** For whoever wants to see why it failed; also what a result outlives its command. */
const keptSeconds = 3_600
/** A command line or an image that is wrong, and a bug: another try would end alike. */
const exitCodesForGood = [64, 70]

export function sweepJob({ runId, namespace, image, parts, argument }: SweepJob): V1Job {
  const labels = {
    'app.kubernetes.io/name': 'clusterdrill',
    'app.kubernetes.io/component': 'sweep',
    [runLabel]: runId,
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: jobName(runId), namespace, labels },
    spec: {
      completionMode: 'Indexed',
      completions: parts,
      parallelism: parts,
      backoffLimitPerIndex: triesOfAPart - 1,
      maxFailedIndexes: 0,
      activeDeadlineSeconds: daySeconds,
      ttlSecondsAfterFinished: keptSeconds,
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onExitCodes: { containerName, operator: 'In', values: exitCodesForGood },
          },
          // A node that is drained, or a pod that makes room, is no fault of the part's.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 10,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          securityContext: {
            runAsNonRoot: true,
            runAsUser: userId,
            runAsGroup: userId,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: containerName,
              image,
              imagePullPolicy: 'IfNotPresent',
              workingDir: '/app',
              command: ['node', '--max-semi-space-size=2', 'harness/cli/sweep-part.ts'],
              args: [argument.replaceAll('$', '$$$$')],
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
        },
      },
    },
  }
}
