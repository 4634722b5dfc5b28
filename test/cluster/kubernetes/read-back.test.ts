/** Acknowledged saves and API writes, read back from servers that lost some of them. */
import { describe, expect, it } from 'vitest'
import { readBack, writeLostBehind } from '../../../harness/cluster/kubernetes/read-back.ts'
import type { ApiWrite } from '../../../harness/cluster/port.ts'
import { makeAuthority } from '../../run/prober/certificates.ts'
import { deadPort, serve } from '../../run/prober/loopback-server.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const authority = makeAuthority()
const client = authority.issue('client')
const access = {
  kubeconfig: 'kubeconfig',
  credentials: { ca: authority.ca, ...client, serverName: 'kubernetes' },
}
const saves = new Map([
  ['save-a', [1, 2, 3]],
  ['save-b', [1, 2]],
])
const write = (number: number, sentAtMs: number, endedAtMs: number, acknowledged = true) =>
  ({ number, sentAtMs, endedAtMs, acknowledged }) satisfies ApiWrite

const workload = (kept: string[]) =>
  serve((response) => response.end(JSON.stringify({ saves: kept })))
const apiServer = (data: Record<string, string>) =>
  serve((response) => response.end(JSON.stringify({ data })), {
    tls: { leaf: authority.issue('kubernetes'), ca: authority.ca },
  })
const options = (ports: number[], apiPort = 1) => ({
  access,
  apiUrls: [`https://127.0.0.1:${apiPort}`],
  entries: ports.map((port) => `http://127.0.0.1:${port}`),
  runId: 'run 1',
  clock: new FakeClock(),
})
const noWrites = new Map<string, ApiWrite[]>()

describe('saves', () => {
  it('are all there', async () => {
    await using server = await workload([
      'save-a:1',
      'save-a:2',
      'save-a:3',
      'save-b:1',
      'save-b:2',
    ])
    expect(await readBack({ saves, apiWrites: noWrites }, options([server.port]))).toEqual({
      acknowledgedWrites: 5,
      lostWrites: 0,
      readBack: true,
      apiWrites: null,
      problems: [],
    })
    expect(server.seen[0]?.url).toBe('/saves?run=run%201')
  })

  it('are lost where they were acknowledged by their own vantage and are not held', async () => {
    await using server = await workload(['save-a:1', 'save-b:2', 'save-b:3', 'save-c:2'])
    const { acknowledgedWrites, lostWrites } = await readBack(
      { saves, apiWrites: noWrites },
      options([server.port]),
    )
    expect([acknowledgedWrites, lostWrites]).toEqual([5, 3])
  })

  it('are read through another way where one is gone, or answers with an error', async () => {
    await using failing = await serve((response) => response.writeHead(503).end('{}'))
    await using server = await workload([])
    const ports = [await deadPort(), failing.port, server.port]
    const result = await readBack({ saves, apiWrites: noWrites }, options(ports))
    expect(result).toMatchObject({ readBack: true, lostWrites: 5 })
  })

  it('are not said to be lost where nobody answers', async () => {
    const result = await readBack({ saves, apiWrites: noWrites }, options([await deadPort()]))
    expect(result).toMatchObject({
      acknowledgedWrites: 5,
      lostWrites: 0,
      readBack: false,
      problems: ['the acknowledged saves could not be read back: the workload did not answer'],
    })
  })
})

describe('API writes', () => {
  const apiWrites = new Map([
    ['api-write', [write(1, 0, 5), write(2, 50, 55), write(3, 100, 110, false)]],
  ])

  it('are there when the last acknowledged one is held', async () => {
    await using server = await workload([])
    await using api = await apiServer({ 'api-write': '2' })
    const result = await readBack({ saves: new Map(), apiWrites }, options([server.port], api.port))
    expect(result.apiWrites).toEqual({ acknowledged: 2, highest: 2, held: 2 })
    expect(result.problems).toEqual([])
  })

  it('are missing when an older one is held', async () => {
    await using server = await workload([])
    await using api = await apiServer({ 'api-write': '1' })
    const result = await readBack({ saves: new Map(), apiWrites }, options([server.port], api.port))
    expect(result.problems).toEqual([
      'acknowledged API writes are missing: api-write held 1, but 2 was written after it',
    ])
  })

  it('cannot be read back where the API does not answer', async () => {
    await using server = await workload([])
    const nobody = options([server.port], await deadPort())
    const result = await readBack({ saves: new Map(), apiWrites }, nobody)
    expect(result.apiWrites).toEqual({ acknowledged: 2, highest: 2, held: null })
    expect(result.problems).toEqual(['the API writes could not be read back'])
  })
})

describe('API writes against a history', () => {
  const apiWrites = new Map([
    [
      'api-write',
      [write(1, 0, 5), write(2, 50, 55), write(3, 100, 110, false), write(4, 150, 155)],
    ],
  ])
  const against = async (states: Record<string, string>[] | null) => {
    await using server = await workload([])
    await using api = await apiServer({ 'api-write': '4' })
    return await readBack(
      { saves: new Map(), apiWrites },
      { ...options([server.port], api.port), history: async () => states },
    )
  }
  const states = (...numbers: number[]) => numbers.map((number) => ({ 'api-write': `${number}` }))

  it('are all there, overwritten or not', async () => {
    const result = await against([{}, ...states(1, 2, 3, 4)])
    expect(result.apiWrites).toEqual({ acknowledged: 3, highest: 4, held: 4, lost: 0 })
    expect(result.problems).toEqual([])
  })

  it('are counted and named where the history lacks them, though the last one is held', async () => {
    const result = await against([{}, ...states(1, 4)])
    expect(result.apiWrites?.lost).toBe(1)
    expect(result.problems).toEqual([
      "1 of 3 acknowledged API writes are not in etcd's history: api-write 2",
    ])
  })

  it('are not said to be lost where compaction took the beginning', async () => {
    const result = await against(states(4))
    expect(result.apiWrites?.lost).toBe(0)
    expect(result.problems).toEqual([
      "2 of 3 acknowledged API writes are older than what compaction left of etcd's history: they were not looked for",
    ])
  })

  it('are judged by the counter alone where no history is told', async () => {
    const result = await against(null)
    expect(result.apiWrites).toEqual({ acknowledged: 3, highest: 4, held: 4 })
    expect(result.problems).toEqual([])
  })

  it('are read through another way where the first is gone', async () => {
    await using api = await apiServer({ 'api-write': '4' })
    const { apiUrls, ...rest } = options([], api.port)
    const gone = `https://127.0.0.1:${await deadPort()}`
    const result = await readBack(
      { saves: new Map(), apiWrites },
      { ...rest, apiUrls: [gone, ...apiUrls] },
    )
    expect(result.apiWrites?.held).toBe(4)
  })
})

describe('a write behind the held one', () => {
  const one = write(1, 0, 100)
  const overlapping = write(2, 50, 60)
  const later = write(3, 101, 110)

  it('is lost when it began after the held one was acknowledged', () => {
    expect(writeLostBehind(1, [one, overlapping, later])).toEqual(later)
    expect(writeLostBehind(3, [one, overlapping, later])).toBeNull()
  })

  it('is not lost when the two overlapped', () => {
    expect(writeLostBehind(1, [one, overlapping])).toBeNull()
  })

  it('is not lost when it was never acknowledged, or the held one was not', () => {
    expect(writeLostBehind(1, [one, write(3, 101, 110, false)])).toBeNull()
    expect(writeLostBehind(1, [write(1, 0, 100, false), later])).toBeNull()
  })

  it('is lost when nothing is held, or what nobody wrote', () => {
    expect(writeLostBehind(0, [one])).toEqual(one)
    expect(writeLostBehind(99, [one])).toEqual(one)
    expect(writeLostBehind(0, [])).toBeNull()
  })
})
