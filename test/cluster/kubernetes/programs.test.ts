/** The workload's programs, run as they are in a pod, before a database that may be silent. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deadPort, serve } from '../../run/prober/loopback-server.ts'
import { type RedisStandIn, startRedis } from './redis-stand-in.ts'

const folder = path.resolve(
  import.meta.dirname,
  '../../../harness/cluster/kubernetes/workload/programs',
)

/** Starts a program and waits until it answers; gives its address and how to end it. */
async function start(program: string, env: Record<string, string>) {
  const port = await deadPort()
  const file = path.join(folder, program)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    env: { PATH: process.env.PATH, HOSTNAME: 'page-1', PORT: String(port), ...env },
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    if (child.exitCode !== null) return child.exitCode
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number | null]
    return code
  }
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const up = await fetch(`${url}/healthz`).catch(() => null)
    if (up?.status === 200) return { url, port, stop }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await stop()
  throw new Error(`${program} did not answer`)
}

const save = (url: string, number: number) =>
  fetch(`${url}/save`, {
    method: 'POST',
    body: JSON.stringify({ run: 'run-1', vantage: 'save-a', number }),
  })

let redis: RedisStandIn
let api: Awaited<ReturnType<typeof start>>
let page: Awaited<ReturnType<typeof start>>

beforeAll(async () => {
  redis = await startRedis()
  api = await start('api.ts', { DATABASE_HOST: '127.0.0.1', DATABASE_PORT: String(redis.port) })
  page = await start('page.ts', { API_URL: api.url })
})
beforeEach(() => {
  redis.release()
  redis.sets.clear()
})
afterAll(async () => {
  await Promise.all([api?.stop(), page?.stop()])
  await redis?.[Symbol.asyncDispose]()
})

describe('the API', () => {
  it('acknowledges a save only after the database has', async () => {
    redis.silent = true
    let acknowledged = false
    const saving = save(api.url, 1).then((answer) => {
      acknowledged = true
      return answer
    })
    await expect.poll(() => redis.sets.get('saves:run-1')?.size).toBe(1)
    expect(acknowledged).toBe(false)
    redis.release()
    const answer = await saving
    expect(answer.status).toBe(201)
    expect(await answer.json()).toEqual({ saved: 1 })
  })

  it('gives all saves of a run back, and none of another', async () => {
    await Promise.all([1, 2, 3].map((number) => save(api.url, number)))
    const answer = await fetch(`${api.url}/saves?run=run-1`)
    const { saves } = (await answer.json()) as { saves: string[] }
    expect(saves.toSorted()).toEqual(['save-a:1', 'save-a:2', 'save-a:3'])
    const other = await fetch(`${api.url}/saves?run=run-2`)
    expect(await other.json()).toEqual({ saves: [] })
  })

  it('reads back what comes in many pieces', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `save-a:${index}`)
    redis.sets.set('saves:run-1', new Set(many))
    const answer = await fetch(`${api.url}/saves?run=run-1`)
    const { saves } = (await answer.json()) as { saves: string[] }
    expect(saves).toEqual(many)
  })

  it('gives up on a silent database within a second or so, and recovers with it', async () => {
    redis.silent = true
    const beganMs = performance.now()
    const refused = await save(api.url, 1)
    const tookMs = performance.now() - beganMs
    expect(refused.status).toBe(503)
    expect(await refused.json()).toEqual({ error: 'the database is silent' })
    expect(tookMs).toBeGreaterThan(900)
    expect(tookMs).toBeLessThan(2_500)
    redis.silent = false
    expect((await save(api.url, 2)).status).toBe(201)
  })

  it('is healthy whatever becomes of the database', async () => {
    redis.silent = true
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
  })
})

describe('the page', () => {
  it('hands a save to the API, and what it answers back', async () => {
    const answer = await save(page.url, 7)
    expect(answer.status).toBe(201)
    expect([...(redis.sets.get('saves:run-1') ?? [])]).toEqual(['save-a:7'])
    const read = await fetch(`${page.url}/saves?run=run-1`)
    expect(await read.json()).toEqual({ saves: ['save-a:7'] })
  })

  it('says who served it', async () => {
    expect(await (await fetch(page.url)).text()).toContain('Served by page-1')
  })

  it('answers by itself while the API is down, and refuses only saves', async () => {
    const nobody = await deadPort()
    const alone = await start('page.ts', { API_URL: `http://127.0.0.1:${nobody}` })
    try {
      expect((await fetch(`${alone.url}/`)).status).toBe(200)
      expect((await save(alone.url, 1)).status).toBe(502)
      expect((await fetch(`${alone.url}/`)).status).toBe(200)
    } finally {
      expect(await alone.stop()).toBe(0)
    }
  })

  it('knows nothing else', async () => {
    expect((await fetch(`${page.url}/other`)).status).toBe(404)
    expect((await fetch(`${page.url}/savesomething`)).status).toBe(404)
  })
})

describe('the report', () => {
  it('counts the saves of all runs in the database, and fails with it', async () => {
    const report = await start('report.ts', {
      ...{ DATABASE_HOST: '127.0.0.1', DATABASE_PORT: String(redis.port) },
    })
    try {
      expect(await (await fetch(report.url)).json()).toEqual({ saves: 0 })
      redis.sets.set('saves:run-1', new Set(['save-a:1', 'save-a:2']))
      redis.sets.set('saves:run-2', new Set(['save-a:1']))
      redis.sets.set('other', new Set(['1']))
      expect(await (await fetch(report.url)).json()).toEqual({ saves: 3 })
      expect((await fetch(`${report.url}/other`)).status).toBe(404)
      redis.silent = true
      expect((await fetch(report.url)).status).toBe(503)
      expect((await fetch(`${report.url}/healthz`)).status).toBe(200)
    } finally {
      expect(await report.stop()).toBe(0)
    }
  })
})

describe('the monitoring', () => {
  it('serves the last answers of page and report, whatever they are', async () => {
    let status = 200
    await using watched = await serve((response) => response.writeHead(status).end())
    const nobody = await deadPort()
    const monitor = await start('monitor.ts', {
      ...{ PAGE_URL: `http://127.0.0.1:${watched.port}` },
      ...{ REPORT_URL: `http://127.0.0.1:${nobody}` },
    })
    const last = async () => {
      type Looks = Record<string, { ok: boolean; answer: string }>
      const { page, report } = (await (await fetch(monitor.url)).json()) as Looks
      return [page?.ok, page?.answer, report?.ok]
    }
    try {
      await expect.poll(last, { timeout: 5_000 }).toEqual([true, 'HTTP 200', false])
      status = 503
      await expect.poll(last, { timeout: 5_000 }).toEqual([false, 'HTTP 503', false])
    } finally {
      expect(await monitor.stop()).toBe(0)
    }
  })

  it('looks at nothing that is not there', async () => {
    await using page = await serve((response) => response.end())
    const monitor = await start('monitor.ts', { PAGE_URL: `http://127.0.0.1:${page.port}` })
    try {
      const names = async () => Object.keys((await (await fetch(monitor.url)).json()) as object)
      await expect.poll(names).toEqual(['page'])
    } finally {
      await monitor.stop()
    }
  })
})
