/** The Job of a sweep against an API that is a few objects: followed, taken from, and deleted. */
import type { V1Job, V1Pod } from '@kubernetes/client-node'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ApiAnswer } from '../../../../harness/cluster/kubernetes/api.ts'
import type { ContextApi } from '../../../../harness/cluster/kubernetes/sweep-job/context.ts'
import { sweepJob } from '../../../../harness/cluster/kubernetes/sweep-job/manifest.ts'
import {
  type PartsState,
  playJob,
  requireCluster,
} from '../../../../harness/cluster/kubernetes/sweep-job/play.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const job = sweepJob({
  ...{ runId: 'ab12', namespace: 'drills', image: 'i', parts: 2, argument: '{}' },
})
const jobsPath = '/apis/batch/v1/namespaces/drills/jobs'
const podsPath = '/api/v1/namespaces/drills/pods'

let clock: FakeClock
let jobs: V1Job[]
let pods: V1Pod[]
let logs: Record<string, string>
/** Method and path of each request, and the answers that stand in for the usual ones. */
let asked: string[]
let bodies: object[]
let instead: Record<string, ApiAnswer>
let told: PartsState[]
let taken: Record<number, string>
let interrupt: AbortController

const answer = (status: number | null, body: unknown = ''): ApiAnswer => ({
  ...{ status, body: typeof body === 'string' ? body : JSON.stringify(body) },
  error: status === null ? 'connect ECONNREFUSED' : null,
})

const api: ContextApi = {
  context: 'dev',
  namespace: null,
  ask: async (method, path, { body } = {}) => {
    const [bare = ''] = path.split('?')
    asked.push(`${method} ${path}`)
    if (body) bodies.push(body)
    const other = instead[`${method} ${bare}`]
    if (other) return other
    if (method === 'POST') {
      const made = body as V1Job
      jobs.push({ ...made, metadata: { ...made.metadata, uid: 'u1' } })
      return answer(201)
    }
    if (method === 'DELETE') jobs = jobs.filter(({ metadata }) => metadata?.uid !== 'u1')
    if (method === 'DELETE' || bare === '/version') return answer(200, '{}')
    if (bare === jobsPath) return answer(200, { items: jobs })
    if (bare === podsPath) return answer(200, { items: pods })
    const [, name = ''] = /\/pods\/([^/]+)\/log$/.exec(bare) ?? []
    return name in logs ? answer(200, logs[name]) : answer(404)
  },
}

function pod(name: string, index: number, phase: string, over: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: {
      name,
      labels: { 'batch.kubernetes.io/job-completion-index': `${index}` },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u1' }],
    },
    status: { phase },
    ...over,
  }
}

const play = () =>
  playJob({
    ...{ api, job, clock, signal: interrupt.signal, logBytesMax: 100 },
    take: (part, log) => {
      if (log === 'torn') return 'its log is cut off'
      taken[part] = taken[part] === undefined ? log : 'twice'
      return null
    },
    tell: (state) => told.push(state),
  })

beforeEach(() => {
  clock = new FakeClock()
  ;[jobs, pods, logs, asked, bodies, instead, told, taken] = [[], [], {}, [], [], {}, [], {}]
  interrupt = new AbortController()
})

describe('a Job', () => {
  test('is followed until each part is taken, and deleted with its pods', async () => {
    pods = [pod('a', 0, 'Running'), pod('b', 1, 'Pending')]
    logs = { b: 'of b', c: 'of c' }
    clock.at(2_500, () => {
      // A lost pod, and another in its place.
      pods = [pod('a', 0, 'Failed'), pod('b', 1, 'Succeeded'), pod('c', 0, 'Running')]
    })
    clock.at(4_500, () => {
      pods = [pod('b', 1, 'Succeeded'), pod('c', 0, 'Succeeded')]
    })
    expect(await play()).toEqual({ ended: null, left: null })
    expect(taken).toEqual({ 0: 'of c', 1: 'of b' })
    expect(told[0]).toEqual({ done: 0, running: 1, waiting: 1, why: null })
    expect(told.at(-1)).toEqual({ done: 1, running: 1, waiting: 0, why: null })
    expect(jobs).toEqual([])
    expect(bodies).toEqual([job, { propagationPolicy: 'Foreground', preconditions: { uid: 'u1' } }])
    const mine = 'labelSelector=clusterdrill.dev%2Frun%3Dab12'
    expect(new Set(asked)).toEqual(
      new Set([
        `POST ${jobsPath}`,
        `GET ${jobsPath}?${mine}`,
        `GET ${podsPath}?${mine}`,
        `GET ${podsPath}/b/log?container=part&limitBytes=100`,
        `GET ${podsPath}/c/log?container=part&limitBytes=100`,
        `DELETE ${jobsPath}/clusterdrill-sweep-ab12`,
      ]),
    )
  })

  test('takes nothing from pods that are not its own', async () => {
    const foreign = pod('x', 0, 'Succeeded')
    foreign.metadata = { ...foreign.metadata, ownerReferences: [] }
    pods = [foreign, pod('a', 7, 'Succeeded'), pod('b', 1, 'Succeeded')]
    logs = { x: 'x', a: 'a', b: 'b' }
    clock.at(1_500, () => interrupt.abort(new Error('enough')))
    await expect(play()).rejects.toThrow('enough')
    expect([taken, jobs]).toEqual([{ 1: 'b' }, []])
  })

  test('asks again for a log that is torn, and not for ever', async () => {
    pods = [pod('a', 0, 'Succeeded'), pod('b', 1, 'Succeeded')]
    logs = { a: 'torn', b: 'of b' }
    clock.at(2_500, () => {
      logs.a = 'of a'
    })
    expect(await play()).toEqual({ ended: null, left: null })
    expect(taken).toEqual({ 0: 'of a', 1: 'of b' })
    jobs = []
    logs.b = 'torn'
    const { ended } = await play()
    expect(ended?.what).toBe('part 1: its log is cut off')
    expect(jobs).toEqual([])
  })

  test('that failed says why, without what would steer a terminal', async () => {
    pods = [pod('a', 0, 'Failed'), pod('b', 1, 'Running')]
    logs = { a: 'cannot do that\u001b[2J\n  - no such scenario' }
    clock.at(1_500, () => {
      const conditions = [
        { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message: 'exit code 64' },
      ]
      jobs = jobs.map((each) => ({ ...each, status: { conditions } }))
    })
    const { ended, left } = await play()
    expect(ended?.exitCode).toBe(69)
    expect(ended?.what).toBe(
      'the Job failed: PodFailurePolicy: exit code 64; the last words of a:\ncannot do that[2J\n  - no such scenario',
    )
    expect([left, jobs]).toEqual([null, []])
  })

  test('whose pods cannot start is given up, and one that waits for room is not', async () => {
    const waiting = { reason: 'ErrImageNeverPull', message: 'no such image' }
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' },
    ]
    pods = [pod('a', 0, 'Pending', { status: { phase: 'Pending', conditions } })]
    clock.at(300_000, () => {
      expect(told.at(-1)?.why).toBe('Unschedulable: no room')
      const containerStatuses = [
        { state: { waiting }, image: '', imageID: '', name: 'part', ready: false, restartCount: 0 },
      ]
      pods = [pod('a', 0, 'Pending', { status: { phase: 'Pending', containerStatuses } })]
    })
    const { ended } = await play()
    expect(ended?.what).toContain('could start within 2 min: ErrImageNeverPull: no such image')
    expect(Math.round(clock.nowMs() / 10_000)).toBe(42)
  })

  test('whose API is silent for a while is followed on, and given up later', async () => {
    pods = [pod('a', 0, 'Succeeded'), pod('b', 1, 'Running')]
    logs = { a: 'of a', b: 'of b' }
    clock.at(1_500, () => {
      instead[`GET ${jobsPath}`] = answer(null)
    })
    clock.at(100_000, () => {
      instead = {}
    })
    clock.at(110_000, () => {
      instead[`GET ${jobsPath}`] = answer(503)
    })
    const { ended, left } = await play()
    expect(ended?.what).toBe('the API was silent for 2 min: HTTP 503')
    expect(left).toContain('kubectl --context dev --namespace drills delete job clusterdrill')
    expect(taken).toEqual({ 0: 'of a' })
  })

  test('that someone else deletes, or whose finished pod is gone, is given up', async () => {
    clock.at(1_500, () => {
      jobs = []
    })
    expect((await play()).ended?.what).toBe('the Job is gone: someone else deleted it')
    pods = [pod('a', 0, 'Succeeded')]
    logs = { a: 'of a' }
    clock.at(clock.nowMs() + 1_500, () => {
      pods = []
      const conditions = [{ type: 'Complete', status: 'True' }]
      jobs = jobs.map((each) => ({ ...each, status: { conditions } }))
    })
    expect((await play()).ended?.what).toContain('its log with it')
  })
})

describe('refusals', () => {
  test('of the Job leave nothing, and ask for nothing more', async () => {
    const said = { kind: 'Status', message: 'jobs.batch is forbidden: may not create' }
    instead[`POST ${jobsPath}`] = answer(403, said)
    await expect(play()).rejects.toThrow('the Job was not made: jobs.batch is forbidden')
    expect(asked).toEqual([`POST ${jobsPath}`])
  })

  test('of nothing, where no answer says whether the Job was made', async () => {
    instead[`POST ${jobsPath}`] = answer(null)
    jobs = [{ ...job, metadata: { ...job.metadata, uid: 'u1' } }]
    const { ended, left } = await play()
    expect(ended?.what).toContain('the Job was not made: connect ECONNREFUSED')
    expect([left, jobs]).toEqual([null, []])
  })

  test('of its deletion say what is left', async () => {
    instead[`GET ${podsPath}`] = answer(403)
    instead[`DELETE ${jobsPath}/clusterdrill-sweep-ab12`] = answer(403)
    const { ended, left } = await play()
    expect(ended?.what).toBe('its pods may not be read: HTTP 403')
    expect(left).toContain('Job clusterdrill-sweep-ab12 in namespace drills')
  })

  test('of an old cluster, or one that does not answer, come before anything is made', async () => {
    const version = (minor: string) => {
      instead['GET /version'] = answer(200, { major: '1', minor })
      return requireCluster(api)
    }
    await version('29')
    await version('34+')
    await expect(version('28')).rejects.toThrow('Kubernetes 1.28; a sweep needs 1.29')
    instead['GET /version'] = answer(null)
    await expect(requireCluster(api)).rejects.toThrow('did not say its version: connect')
    expect(asked.every((each) => each === 'GET /version')).toBe(true)
  })
})
