/**
 * Following HAProxy's log: one event for what it says twice, at the time it said so, and across the
 * restarts of its container.
 */
import { describe, expect, it } from 'vitest'
import { followLog } from '../../../harness/cluster/containers/balancer-log.ts'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import type { DrillEvent } from '../../../harness/model/event.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const down = 'Server k8sServers/cka-cp-1 is DOWN, reason: Layer4 timeout, check duration: 2001ms.'
const tail = '2 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining.'
const session = '172.28.0.5:40312 [06/Aug/2026:12:14:14.655] k8sVip'

/** When the container starts, what each `docker logs --follow` in turn writes until it ends. */
interface Log {
  lines: readonly string[]
  startedAt?: string
}

function engineThatLogs(logs: readonly Log[]) {
  const asked: string[] = []
  const ahead = [...logs]
  const engine = {
    follow: (args: readonly string[]) => {
      asked.push(args.join(' '))
      const lines = ahead.shift()?.lines ?? []
      return {
        async *iterable() {
          yield* lines
        },
        kill: () => true,
      }
    },
    inspect: async () => (ahead[0] ? { running: true, startedAt: ahead[0].startedAt } : null),
  } as unknown as Pick<Engine, 'follow' | 'inspect'>
  return { engine, asked }
}

/** The fake clock begins at 12:00:00. */
const at = (seconds: string, text: string) => `2026-08-06T12:00:${seconds}Z ${text}`

/** Follows until nobody can any more. */
async function follow(lines: readonly string[], restarts: readonly Log[] = [], mayEnd = false) {
  const events: DrillEvent[] = []
  let ended = 0
  const clock = new FakeClock(Date.parse('2026-08-06T12:00:00Z'))
  const { engine, asked } = engineThatLogs([{ lines }, ...restarts])
  const { promise, resolve } = Promise.withResolvers<void>()
  const log = followLog(engine, {
    ...{ container: 'lb', backend: 'k8sServers', clock },
    emit: (event) => events.push(event),
    mayEnd: () => mayEnd,
    onEnd: () => {
      ended += 1
      resolve()
    },
  })
  await promise
  return { events, lastServed: log.lastServed(), ended, asked }
}

it('tells once what HAProxy says as a warning and as a log line', async () => {
  const { events } = await follow([
    at('07.250000001', `[WARNING]  (8) : ${down} ${tail}`),
    at('07.250000002', `${down} ${tail}`),
    at(
      '20.5',
      'Server k8sServers/cka-cp-1 is UP, reason: Layer4 check passed, check duration: 0ms.',
    ),
    at('31', `${down} ${tail}`),
  ])
  expect(events.map(({ atMs, name, subject }) => [atMs, name, subject])).toEqual([
    [7_250, 'lb-down', 'cka-cp-1'],
    [20_500, 'lb-up', 'cka-cp-1'],
    [31_000, 'lb-down', 'cka-cp-1'],
  ])
  expect(events[0]).toEqual({
    atMs: 7_250,
    source: 'load-balancer',
    name: 'lb-down',
    subject: 'cka-cp-1',
    node: 'cka-cp-1',
    component: null,
    detail: 'Layer4 timeout, check duration: 2001ms',
  })
})

it('tells once that no server is left, whose name HAProxy quotes in one of the two', async () => {
  const { events } = await follow([
    at('07.1', "[ALERT]    (8) : backend 'k8sServers' has no server available!"),
    at('07.1', 'backend k8sServers has no server available!'),
  ])
  expect(events.map(({ name, subject, node }) => [name, subject, node])).toEqual([
    ['lb-empty', 'k8sServers', null],
  ])
})

it('knows who served last, and that nobody did', async () => {
  const lines = [
    at('01', `${session} k8sServers/cka-cp-2 1/0/12 2123 -- 1/1/0/0/0 0/0`),
    at('02', `${session} k8sServers/cka-cp-3 1/0/12 2123 -- 1/1/0/0/0 0/0`),
    at('03', `${session} k8sServers/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0`),
  ]
  expect((await follow(lines)).lastServed).toBe('cka-cp-3')
  expect((await follow([])).lastServed).toBeNull()
})

it('does not count a server that was tried in vain as having served', async () => {
  const lines = [
    at('01', `${session} k8sServers/cka-cp-2 1/0/12 2123 -- 1/1/0/0/0 0/0`),
    at('02', `${session} k8sServers/cka-cp-1 1/-1/20003 0 sC 1/1/0/0/3 0/0`),
  ]
  expect((await follow(lines)).lastServed).toBe('cka-cp-2')
})

it('says when the log ends by itself', async () => {
  const { ended, asked } = await follow([], [{ lines: [], startedAt: '2026-08-06T12:00:09Z' }])
  expect(ended).toBe(1)
  expect(asked).toEqual(['logs --follow --timestamps --tail 0 lb'])
})

describe('of a load balancer whose power was taken', () => {
  const up = 'Server k8sServers/cka-cp-1 is UP, reason: Layer4 check passed, check duration: 0ms.'

  it('goes on from its next start', async () => {
    const restart = { lines: [at('40', up)], startedAt: '2026-08-06T12:00:39.5Z' }
    const { events, asked, ended } = await follow([at('07', `${down} ${tail}`)], [restart], true)
    expect(events.map(({ atMs, name }) => [atMs, name])).toEqual([
      [7_000, 'lb-down'],
      [40_000, 'lb-up'],
    ])
    expect(asked[1]).toBe('logs --follow --timestamps --since 2026-08-06T12:00:39.5Z lb')
    // Its container is gone in the end, and that is told once.
    expect(ended).toBe(1)
  })

  it('goes on from its last line where it was not restarted', async () => {
    const again = { lines: [], startedAt: '2026-08-06T11:00:00Z' }
    const { asked } = await follow([at('07.25', `${down} ${tail}`)], [again], true)
    expect(asked[1]).toBe('logs --follow --timestamps --since 2026-08-06T12:00:07.25Z lb')
  })

  it('waits while its container does not run, and can be stopped meanwhile', async () => {
    let looks = 0
    let ended = false
    const clock = new FakeClock()
    const { promise, resolve } = Promise.withResolvers<void>()
    const engine = {
      follow: () => ({
        async *iterable() {
          yield* []
        },
        kill: () => true,
      }),
      inspect: async () => {
        looks += 1
        if (looks === 4) resolve()
        return { running: false }
      },
    } as unknown as Pick<Engine, 'follow' | 'inspect'>
    const log = followLog(engine, {
      ...{ container: 'lb', backend: 'k8sServers', clock, emit: () => undefined },
      mayEnd: () => true,
      onEnd: () => {
        ended = true
      },
    })
    await promise
    await log.stop()
    expect(ended).toBe(false)
    // A quarter of a second before each look.
    expect(clock.nowMs()).toBeGreaterThanOrEqual(4 * 250)
  })

  it('is told as lost where the engine is', async () => {
    const ended = await new Promise<boolean>((resolve) => {
      const engine = {
        ...engineThatLogs([]).engine,
        inspect: async () => {
          throw new Error('the container engine does not answer')
        },
      }
      const clock = new FakeClock()
      const onEnd = () => resolve(true)
      followLog(engine, {
        ...{ container: 'lb', backend: 'k8sServers', clock, emit: () => undefined },
        ...{ mayEnd: () => true, onEnd },
      })
    })
    expect(ended).toBe(true)
  })
})
