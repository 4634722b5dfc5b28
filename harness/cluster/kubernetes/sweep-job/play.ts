/**
 * Plays the Indexed Job of a sweep on a cluster: makes it, follows it, hands out each part's log as
 * soon as its pod is done, and deletes it with its pods, whatever came of it. It touches the one
 * Job that it made, known by name, run and uid, and only reads the pods of that.
 */
import type { V1Job, V1JobList, V1Pod, V1PodList } from '@kubernetes/client-node'
import type { Clock } from '../../../model/clock.ts'
import { DrillError, MachineError } from '../../../model/errors.ts'
import { formatMs } from '../../../model/units.ts'
import type { ApiAnswer } from '../api.ts'
import type { ContextApi } from './context.ts'
import { containerName, indexLabel, minorVersionMin, runLabel } from './manifest.ts'

export interface PartsState {
  done: number
  running: number
  waiting: number
  /** Why one of them waits, in the cluster's words. */
  why: string | null
}

export interface JobPlay {
  api: ContextApi
  job: V1Job
  /** Of a log, at most. */
  logBytesMax: number
  clock: Clock
  /** Its reason ends the play. */
  signal: AbortSignal
  /** Takes the log of a pod that is done; what is wrong with it, or null. Each part is taken once. */
  take(part: number, log: string): string | null
  tell(state: PartsState): void
}

const lookEveryMs = 1_000
const silenceMaxMs = 2 * 60_000
const startWithinMs = 2 * 60_000
const removedWithinMs = 60_000
/** A log may come late, not for ever. */
const readsMax = 5
const nothingStays = 'nothing of ours stays on the cluster'

/**
 * Why it ended before its end, and what is left of it on the cluster; null: nothing. Rejects where
 * nothing was made.
 */
export async function playJob(
  play: JobPlay,
): Promise<{ ended: DrillError | null; left: string | null }> {
  const { api, job, signal } = play
  signal.throwIfAborted()
  const made = await api.ask('POST', jobsPath(job), { body: job })
  if (made.status !== null && made.status >= 300) throw trouble('the Job was not made', made)
  let failure: unknown = null
  try {
    // Without an answer it may be there all the same, and is deleted like any other.
    if (made.status === null) throw trouble('the Job was not made', made)
    await follow(play)
  } catch (error) {
    failure = error
  }
  const left = await remove(play)
  if (failure !== null && !(failure instanceof DrillError)) throw failure
  return { ended: failure, left }
}

/** Refuses a cluster that does not answer, or is too old, before anything is made on it. */
export async function requireCluster(api: ContextApi): Promise<void> {
  const answer = await api.ask('GET', '/version')
  if (answer.status !== 200) {
    throw trouble(`the API of context ${api.context} did not say its version`, answer)
  }
  const { major, minor } = JSON.parse(answer.body) as { major?: string; minor?: string }
  if (Number(major) === 1 && Number.parseInt(minor ?? '', 10) >= minorVersionMin) return
  throw new MachineError({
    what: `the cluster of context ${api.context} is Kubernetes ${major}.${minor}; a sweep needs 1.${minorVersionMin} or later`,
    changed: 'nothing was changed',
    next: 'Play it here, without --on.',
  })
}

async function follow(play: JobPlay): Promise<void> {
  const { job, clock, signal, tell } = play
  const parts = job.spec?.completions ?? 0
  const taken = new Set<number>()
  const reads = new Map<number, number>()
  let heardMs = clock.nowMs()
  let movedMs = clock.nowMs()
  for (;;) {
    signal.throwIfAborted()
    const seen = await look(play)
    if ('unheard' in seen) {
      if (clock.nowMs() - heardMs > silenceMaxMs) {
        throw trouble(`the API was silent for ${formatMs(silenceMaxMs)}`, seen.unheard)
      }
    } else {
      heardMs = clock.nowMs()
      for (const pod of seen.pods.filter(isDone)) {
        const part = partOf(pod)
        if (part === null || part >= parts || taken.has(part)) continue
        const problem = await takeLog(play, part, pod)
        if (problem === null) taken.add(part)
        else reads.set(part, (reads.get(part) ?? 0) + 1)
        if ((reads.get(part) ?? 0) >= readsMax) throw lost(`part ${part}: ${problem}`)
      }
      if (taken.size === parts) return
      const state = stateOf(seen.pods, taken.size, parts)
      tell(state)
      await refuseFailed(play, seen)
      const there = new Set([...taken, ...seen.pods.filter(isDone).map(partOf)])
      if (isComplete(seen.job) && there.size < parts) {
        throw lost('a pod that was done is gone, and its log with it')
      }
      if (state.running > 0 || !seen.pods.some(cannotStart)) movedMs = clock.nowMs()
      if (clock.nowMs() - movedMs > startWithinMs) {
        throw new MachineError({
          what: `no pod could start within ${formatMs(startWithinMs)}: ${state.why}`,
          changed: nothingStays,
          next: 'Bring the image to the nodes, or name with --image one that they can pull.',
        })
      }
    }
    await clock.sleepUntil(clock.nowMs() + lookEveryMs, signal)
  }
}

interface Seen {
  job: V1Job
  pods: V1Pod[]
}

/** The Job and its pods; the answer where there is none, and a refusal where it is for good. */
async function look({ api, job }: JobPlay): Promise<Seen | { unheard: ApiAnswer }> {
  const jobs = await api.ask('GET', `${jobsPath(job)}?${ofRun(job)}`)
  if (isRefused(jobs)) throw trouble('the Job may not be read', jobs)
  const pods = await api.ask('GET', `${podsPath(job)}?${ofRun(job)}`)
  if (isRefused(pods)) throw trouble('its pods may not be read', pods)
  if (jobs.status !== 200) return { unheard: jobs }
  if (pods.status !== 200) return { unheard: pods }
  const found = ownIn(job, JSON.parse(jobs.body) as V1JobList)
  if (!found) throw lost('the Job is gone: someone else deleted it')
  const uid = found.metadata?.uid
  return {
    job: found,
    pods: (JSON.parse(pods.body) as V1PodList).items.filter(({ metadata }) =>
      metadata?.ownerReferences?.some((owner) => owner.uid === uid),
    ),
  }
}

async function takeLog(play: JobPlay, part: number, pod: V1Pod): Promise<string | null> {
  const log = await logOf(play, pod, `limitBytes=${play.logBytesMax}`)
  return log.status === 200 ? play.take(part, log.body) : `its log could not be read: ${said(log)}`
}

function logOf({ api, job, logBytesMax }: JobPlay, pod: V1Pod, query: string): Promise<ApiAnswer> {
  const path = `${podsPath(job)}/${encodeURIComponent(pod.metadata?.name ?? '')}/log`
  return api.ask('GET', `${path}?container=${containerName}&${query}`, {
    timeoutMs: 60_000,
    bytesMax: logBytesMax + 1,
  })
}

async function refuseFailed(play: JobPlay, { job, pods }: Seen): Promise<void> {
  const failed = conditionOf(job, 'Failed') ?? conditionOf(job, 'FailureTarget')
  if (!failed) return
  const pod = pods.find(({ status }) => status?.phase === 'Failed')
  const log = pod && (await logOf(play, pod, 'tailLines=15&limitBytes=10000'))
  const words =
    log?.status === 200 ? `; the last words of ${pod?.metadata?.name}:\n${log.body}` : ''
  throw new MachineError({
    what: printable(`the Job failed: ${failed.reason}: ${failed.message}${words}`),
    changed: nothingStays,
    next: 'Put right what it says, and run it again.',
  })
}

/** Deletes the Job, pods first, and waits until it is gone; what is left where it is not, for people. */
async function remove({ api, job, clock }: JobPlay): Promise<string | null> {
  const { name, namespace } = job.metadata ?? {}
  const deadlineMs = clock.nowMs() + removedWithinMs
  let asked = false
  let refused = false
  for (;;) {
    const jobs = await api.ask('GET', `${jobsPath(job)}?${ofRun(job)}`)
    if (jobs.status === 200) {
      const found = ownIn(job, JSON.parse(jobs.body) as V1JobList)
      if (!found) return null
      const preconditions = { uid: found.metadata?.uid }
      const body = { propagationPolicy: 'Foreground', preconditions }
      if (!asked) {
        const deleted = await api.ask('DELETE', `${jobsPath(job)}/${name}`, { body })
        asked = deleted.status !== null && deleted.status < 300
        refused = isRefused(deleted)
      }
    }
    if (refused || isRefused(jobs) || clock.nowMs() > deadlineMs) {
      return `Job ${name} in namespace ${namespace}, if it was made. \`kubectl --context ${api.context} --namespace ${namespace} delete job ${name}\` deletes it; by itself it goes an hour after its end.`
    }
    await clock.sleepUntil(clock.nowMs() + lookEveryMs)
  }
}

const jobsPath = ({ metadata }: V1Job): string =>
  `/apis/batch/v1/namespaces/${metadata?.namespace}/jobs`
const podsPath = ({ metadata }: V1Job): string => `/api/v1/namespaces/${metadata?.namespace}/pods`
const ofRun = ({ metadata }: V1Job): string =>
  `labelSelector=${encodeURIComponent(`${runLabel}=${metadata?.labels?.[runLabel]}`)}`

const ownIn = ({ metadata }: V1Job, { items }: V1JobList): V1Job | undefined =>
  items.find((each) => each.metadata?.name === metadata?.name)

const isDone = ({ status }: V1Pod): boolean => status?.phase === 'Succeeded'
const isComplete = (job: V1Job): boolean => conditionOf(job, 'Complete') !== undefined
const conditionOf = ({ status }: V1Job, type: string) =>
  status?.conditions?.find((each) => each.type === type && each.status === 'True')

function partOf({ metadata }: V1Pod): number | null {
  const text = metadata?.labels?.[indexLabel] ?? metadata?.annotations?.[indexLabel] ?? ''
  return /^\d+$/.test(text) ? Number(text) : null
}

const waitingOf = ({ status }: V1Pod) => status?.containerStatuses?.[0]?.state?.waiting
/** Its image is not to be had, or its container is refused; both may pass. */
const cannotStart = (pod: V1Pod): boolean =>
  !['ContainerCreating', undefined].includes(waitingOf(pod)?.reason)

function stateOf(pods: readonly V1Pod[], done: number, parts: number): PartsState {
  const running = pods.filter(
    ({ status, metadata }) => status?.phase === 'Running' && !metadata?.deletionTimestamp,
  ).length
  const reasons = pods
    .filter(({ status }) => status?.phase === 'Pending')
    .flatMap((pod) => {
      const unplaced = pod.status?.conditions?.find(({ status }) => status === 'False')
      const { reason, message } = waitingOf(pod) ?? unplaced ?? {}
      return reason ? [printable(message ? `${reason}: ${message}` : reason)] : []
    })
  return {
    ...{ done, running, waiting: Math.max(0, parts - done - running) },
    why: reasons.find((reason) => reason !== 'ContainerCreating') ?? reasons[0] ?? null,
  }
}

const isRefused = ({ status }: ApiAnswer): boolean => status === 401 || status === 403

/** In the API's own words, where it has some. */
function said({ status, body, error }: ApiAnswer): string {
  if (status === null) return printable(error ?? 'no answer')
  try {
    const { message } = JSON.parse(body) as { message?: string }
    if (message) return printable(message)
  } catch {
    // No Status object.
  }
  return `HTTP ${status}`
}

const trouble = (what: string, answer: ApiAnswer): MachineError =>
  new MachineError({
    what: `${what}: ${said(answer)}`,
    changed: nothingStays,
    next: 'docs/sweep.md has the Role that it needs.',
  })

const lost = (what: string): MachineError =>
  new MachineError({ what, changed: nothingStays, next: 'Run it again.' })

/** What comes from a cluster is shown without what would steer a terminal, and not at any length. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '').slice(0, 2_000)
