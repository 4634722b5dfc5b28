/** Following HAProxy's log: one event for what it says twice, at the time it said so. */
import { expect, it } from 'vitest'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import { followLog } from '../../../harness/cluster/containers/load-balancer.ts'
import type { DrillEvent } from '../../../harness/model/event.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const down = 'Server k8sServers/cka-cp-1 is DOWN, reason: Layer4 timeout, check duration: 2001ms.'
const tail = '2 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining.'
const session = '172.28.0.5:40312 [06/Aug/2026:12:14:14.655] k8sVip'

/** An engine whose `docker logs --follow` writes these lines and ends. */
const engineThatLogs = (lines: readonly string[]) =>
  ({
    follow: () => ({
      async *iterable() {
        yield* lines
      },
      kill: () => true,
    }),
  }) as unknown as Engine

/** The fake clock begins at 12:00:00. */
const at = (seconds: string, text: string) => `2026-08-06T12:00:${seconds}Z ${text}`

async function follow(lines: readonly string[]) {
  const events: DrillEvent[] = []
  let ended = false
  const clock = new FakeClock(Date.parse('2026-08-06T12:00:00Z'))
  const log = await new Promise<ReturnType<typeof followLog>>((resolve) => {
    const following = followLog(
      engineThatLogs(lines),
      { container: 'lb', backend: 'k8sServers' },
      clock,
      (event) => events.push(event),
      () => {
        ended = true
        resolve(following)
      },
    )
  })
  return { events, lastServed: log.lastServed(), ended }
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
  expect((await follow([])).ended).toBe(true)
})
