/**
 * The prober's process against real servers on loopback that are slow, mute, broken, restarted or
 * of somebody else; and its own end, by order, by a kill and with its parent.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MachineError } from '../../../harness/model/errors.ts'
import { decodeSample } from '../../../harness/model/sample-line.ts'
import type { ApiCredentials, Sample, Vantage } from '../../../harness/model/vantage.ts'
import { startProber } from '../../../harness/run/prober/prober.ts'
import { makeAuthority } from './certificates.ts'
import { accept, deadPort, serve } from './loopback-server.ts'

let directory: string
let files = 0
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clusterdrill-prober-'))
})
const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()))
  await rm(directory, { recursive: true, force: true })
})

const newFile = (): string => {
  files += 1
  return join(directory, `samples-${files}.jsonl`)
}

function vantage(port: number, changes: Partial<Vantage> = {}): Vantage {
  return {
    id: 'page',
    kind: 'page',
    through: 'loopback',
    throughNode: null,
    connection: 'new',
    url: `http://127.0.0.1:${port}/`,
    timeoutMs: 2_000,
    intervalMs: 50,
    ...changes,
  }
}

interface Watched {
  samples: Sample[]
  troubles: string[]
  samplesFile: string
  pid: number
  stop: Awaited<ReturnType<typeof startProber>>['stop']
}

async function watch(
  vantages: Vantage[],
  more: { credentials?: ApiCredentials; samplesFile?: string } = {},
): Promise<Watched> {
  const samples: Sample[] = []
  const troubles: string[] = []
  const samplesFile = more.samplesFile ?? newFile()
  const prober = await startProber({
    vantages,
    credentials: more.credentials ?? null,
    runId: 'run-1',
    originNs: process.hrtime.bigint(),
    samplesFile,
    onSamples: (batch) => samples.push(...batch),
    onTrouble: (message) => troubles.push(message),
  })
  const watched = { samples, troubles, samplesFile, pid: prober.pid, stop: prober.stop }
  stops.push(prober.stop)
  return watched
}

async function watchFor(ms: number, vantages: Vantage[], credentials?: ApiCredentials) {
  const watched = await watch(vantages, credentials === undefined ? {} : { credentials })
  await wait(ms)
  return { ...watched, ...(await watched.stop()) }
}

async function onDisk(file: string): Promise<(Sample | null)[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  expect(lines.pop()).toBe('')
  return lines.map(decodeSample)
}

const classes = (samples: readonly Sample[]) => [...new Set(samples.map((sample) => sample.error))]

describe.concurrent('the prober', () => {
  test('reports every sample, on its schedule, and has all of them on disk', async () => {
    await using server = await serve((response) => response.end('ok'))
    const { samples, samplesFile, latenessMs, skipped, troubles } = await watchFor(800, [
      vantage(server.port),
    ])
    expect(classes(samples)).toEqual([null])
    expect(samples.length).toBeGreaterThanOrEqual(14)
    const scheduled = samples.map((sample) => sample.scheduledAtMs).sort((a, b) => a - b)
    const first = scheduled[0] ?? Number.NaN
    for (const [position, atMs] of scheduled.entries()) {
      expect(atMs).toBeCloseTo(first + 50 * position, 3)
    }
    for (const sample of samples) {
      expect(sample.sentAtMs).toBeGreaterThanOrEqual(sample.scheduledAtMs)
    }
    expect(latenessMs?.p50).toBeGreaterThan(0)
    expect(latenessMs?.max).toBeGreaterThanOrEqual(latenessMs?.p99 ?? Number.NaN)
    expect(skipped).toBe(0)
    expect(troubles).toEqual([])
    expect((await onDisk(samplesFile)).map((sample) => sample?.ok)).toEqual(samples.map(() => true))
  })

  test('a slow server delays no probe, and its answers are measured', async () => {
    await using server = await serve((response) => setTimeout(() => response.end('ok'), 300))
    const { samples, skipped } = await watchFor(700, [vantage(server.port)])
    expect(samples.length).toBeGreaterThanOrEqual(12)
    expect(skipped).toBe(0)
    expect(classes(samples)).toEqual([null])
    expect(Math.min(...samples.map((sample) => sample.latencyMs))).toBeGreaterThan(290)
  })

  test('an answer that never comes, or never ends, is a time-out of the answer', async () => {
    await using mute = await serve(() => {})
    await using endless = await serve((response) => response.write('half'))
    const { samples } = await watchFor(200, [
      vantage(mute.port, { id: 'mute', timeoutMs: 150 }),
      vantage(endless.port, { id: 'endless', timeoutMs: 150, connection: 'reused' }),
    ])
    expect(samples.length).toBeGreaterThanOrEqual(6)
    expect(classes(samples)).toEqual(['answer-timeout'])
    for (const sample of samples) {
      expect(sample.latencyMs).toBeGreaterThanOrEqual(149)
      expect(sample.latencyMs).toBeLessThan(350)
    }
  })

  test('failures are told apart', async () => {
    const dead = await deadPort()
    await using resets = await accept((socket) => socket.resetAndDestroy())
    await using closes = await accept((socket) => socket.once('data', () => socket.end()))
    await using cuts = await serve((response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half', () => response.destroy())
    })
    await using refuses = await serve((response) => response.writeHead(503).end())
    const ports = {
      dead,
      resets: resets.port,
      closes: closes.port,
      cuts: cuts.port,
      refuses: refuses.port,
    }
    const { samples } = await watchFor(
      200,
      Object.entries(ports).map(([id, port]) => vantage(port, { id, intervalMs: 100 })),
    )
    const byVantage = Object.fromEntries(
      Object.keys(ports).map((id) => [id, classes(samples.filter((s) => s.vantage === id))]),
    )
    expect(byVantage).toEqual({
      dead: ['refused'],
      resets: ['reset'],
      closes: ['closed'],
      cuts: ['closed'],
      refuses: ['http-503'],
    })
  })

  test('new connections are new each time, and a reused one is one', async () => {
    await using fresh = await serve((response) => response.end('ok'))
    await using kept = await serve((response) => response.end('ok'))
    const { samples } = await watchFor(600, [
      vantage(fresh.port, { id: 'fresh', connection: 'new' }),
      vantage(kept.port, { id: 'kept', connection: 'reused' }),
    ])
    expect(fresh.seen.length).toBeGreaterThanOrEqual(10)
    expect(fresh.connections).toBe(fresh.seen.length)
    expect(kept.seen.length).toBeGreaterThanOrEqual(10)
    expect(kept.connections).toBeLessThan(kept.seen.length / 2)
    expect(classes(samples)).toEqual([null])
  })

  test('reused connections come back after the server was restarted', async () => {
    const before = await serve((response) => response.end('ok'))
    const watched = await watch([vantage(before.port, { connection: 'reused' })])
    await wait(250)
    await before[Symbol.asyncDispose]()
    await wait(250)
    await using after = await serve((response) => response.end('ok'), { port: before.port })
    await wait(400)
    await watched.stop()
    const { samples } = watched
    expect(samples[0]?.ok).toBe(true)
    expect(classes(samples)).toContain('refused')
    expect(samples.slice(-3).map((sample) => sample.ok)).toEqual([true, true, true])
    expect(after.connections).toBeLessThan(after.seen.length)
  })

  test('a connection that hung is not used again', async () => {
    let mute = true
    await using server = await serve((response) => {
      if (!mute) response.end('ok')
    })
    const watched = await watch([vantage(server.port, { connection: 'reused', timeoutMs: 100 })])
    await wait(300)
    mute = false
    await wait(400)
    await watched.stop()
    expect(classes(watched.samples)).toEqual(['answer-timeout', null])
    expect(watched.samples.slice(-3).map((sample) => sample.ok)).toEqual([true, true, true])
  })

  test('saves are numbered in order, and 201 acknowledges them', async () => {
    await using server = await serve((response) => response.writeHead(201).end('saved'))
    const { samples } = await watchFor(500, [
      vantage(server.port, { id: 'save-a', kind: 'save', connection: 'reused' }),
    ])
    expect(classes(samples)).toEqual([null])
    const numbers = samples.map((sample) => sample.number).sort((a, b) => Number(a) - Number(b))
    expect(numbers).toEqual(samples.map((_, position) => position + 1))
    const bodies = server.seen.map((seen) => JSON.parse(seen.body))
    expect(bodies[0]).toEqual({ run: 'run-1', vantage: 'save-a', number: 1 })
    expect(bodies.map((body) => body.number).sort((a, b) => a - b)).toEqual(numbers)
    expect(server.seen[0]?.contentType).toBe('application/json')
  })

  test('a page that answers 201 is not good', async () => {
    await using server = await serve((response) => response.writeHead(201).end())
    expect(classes((await watchFor(100, [vantage(server.port)])).samples)).toEqual(['http-201'])
  })

  test('the API is asked with both certificates, and no session is resumed', async () => {
    const authority = makeAuthority()
    const credentials = {
      ca: authority.ca,
      ...authority.issue('admin'),
      serverName: 'kubernetes',
    }
    await using server = await serve((response) => response.end('{}'), {
      tls: { leaf: authority.issue('kubernetes'), ca: authority.ca },
    })
    const url = `https://127.0.0.1:${server.port}/api/v1/namespaces/clusterdrill/configmaps/counter`
    const { samples } = await watchFor(
      500,
      [
        vantage(0, { id: 'api-read', kind: 'api-read', url }),
        vantage(0, { id: 'api-write', kind: 'api-write', url, connection: 'reused' }),
      ],
      credentials,
    )
    expect(classes(samples)).toEqual([null])
    expect(server.seen.some((seen) => seen.session)).toBe(false)
    const writes = server.seen.filter((seen) => seen.method === 'PATCH')
    expect(writes[0]?.contentType).toBe('application/merge-patch+json')
    expect(JSON.parse(writes[1]?.body ?? '')).toEqual({ data: { 'api-write': '2' } })
    const reads = server.seen.length - writes.length
    expect(server.connections).toBeGreaterThan(reads)
    expect(server.connections).toBeLessThan(server.seen.length)
  })

  test('a server with a certificate of somebody else is a TLS failure', async () => {
    const ours = makeAuthority()
    const theirs = makeAuthority()
    const credentials = { ca: ours.ca, ...ours.issue('admin'), serverName: 'kubernetes' }
    await using foreign = await serve((response) => response.end(), {
      tls: { leaf: theirs.issue('kubernetes'), ca: ours.ca },
    })
    await using misnamed = await serve((response) => response.end(), {
      tls: { leaf: ours.issue('elsewhere'), ca: ours.ca },
    })
    await using silent = await accept(() => {})
    const { samples } = await watchFor(
      150,
      [foreign.port, misnamed.port, silent.port].map((port, position) =>
        vantage(0, {
          id: `api-${position}`,
          kind: 'api-read',
          url: `https://127.0.0.1:${port}/`,
          timeoutMs: 200,
        }),
      ),
      credentials,
    )
    const of = (id: string) => classes(samples.filter((sample) => sample.vantage === id))
    expect([of('api-0'), of('api-1'), of('api-2')]).toEqual([['tls'], ['tls'], ['tls-timeout']])
    expect(foreign.seen).toEqual([])
  })

  test('what it cannot do is said at the start', async () => {
    const start = (changes: Partial<Vantage>, samplesFile = newFile()) =>
      watch([vantage(1, changes)], { samplesFile })
    await expect(start({ url: 'https://127.0.0.1:1/' })).rejects.toThrow(/page needs credentials/)
    await expect(start({}, join(directory, 'nowhere', 'x'))).rejects.toThrow(MachineError)
  })

  test.skipIf(!existsSync('/dev/full'))(
    'a full disk is reported, and probing goes on',
    async () => {
      await using server = await serve((response) => response.end('ok'))
      const watched = await watch([vantage(server.port)], { samplesFile: '/dev/full' })
      await wait(600)
      await watched.stop()
      expect(watched.samples.length).toBeGreaterThanOrEqual(10)
      expect(watched.troubles[0]).toContain('ENOSPC')
      expect(watched.troubles[1]).toBe(
        `${watched.samples.length} samples could not be written to disk`,
      )
      expect(watched.troubles.length).toBe(2)
    },
  )

  test('a prober that is killed is told of, and stopping it does not hang', async () => {
    await using server = await serve((response) => response.end('ok'))
    const watched = await watch([vantage(server.port)])
    process.kill(watched.pid, 'SIGKILL')
    await wait(300)
    expect(watched.troubles).toEqual(['the prober died: ended with SIGKILL'])
    expect(await watched.stop()).toEqual({ latenessMs: null, skipped: 0 })
  })

  test('signals from the terminal do not end it, and a hold-up is counted', async () => {
    await using server = await serve((response) => response.end('ok'))
    const watched = await watch([vantage(server.port, { timeoutMs: 100 })])
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(watched.pid, signal)
    await wait(200)
    process.kill(watched.pid, 'SIGSTOP')
    await wait(700)
    process.kill(watched.pid, 'SIGCONT')
    await wait(300)
    const { skipped, latenessMs } = await watched.stop()
    expect(skipped).toBeGreaterThanOrEqual(7)
    expect(latenessMs?.max).toBeGreaterThan(150)
    expect(watched.troubles).toEqual([`the prober was held up: ${skipped} probes were not sent`])
    const lastMs = Math.max(...watched.samples.map((sample) => sample.sentAtMs))
    expect(lastMs).toBeGreaterThan(1_000)
  })

  test('when its parent is killed it writes what it has and ends', async () => {
    await using server = await serve((response) => response.end('ok'))
    const samplesFile = newFile()
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('./lone-parent.ts', import.meta.url)), samplesFile, `${server.port}`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await parent.stdout.take(1).toArray()) as Buffer[]
    const pid = Number(line)
    expect(alive(pid)).toBe(true)
    await wait(330)
    parent.kill('SIGKILL')
    for (let tries = 0; alive(pid) && tries < 100; tries += 1) await wait(20)
    expect(alive(pid)).toBe(false)
    const samples = await onDisk(samplesFile)
    expect(samples.length).toBeGreaterThanOrEqual(6)
    expect(samples).not.toContain(null)
  })
})

/** A process that ended but was not collected yet is not alive. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc')
  }
}
