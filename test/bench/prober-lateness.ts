/**
 * How late the prober's probes leave, and what it costs: real probes against a server in another
 * process. Run by itself it prints one row; `--busy N` adds N processes that only count.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Lateness } from '../../harness/model/record.ts'
import type { ApiCredentials, Vantage } from '../../harness/model/vantage.ts'
import { startProber } from '../../harness/run/prober/prober.ts'
import { makeAuthority } from '../run/prober/certificates.ts'

export interface LatenessRun {
  vantages: number
  perSecond: number
  seconds: number
  /** API vantages with new TLS connections instead of page vantages. Default false. */
  tls?: boolean
}

export interface LatenessResult {
  latenessMs: Lateness | null
  skipped: number
  samples: number
  failed: number
  /** Processor time of the prober by elapsed time, 1 = one processor; null off Linux. */
  processors: number | null
}

export async function measureLateness(run: LatenessRun): Promise<LatenessResult> {
  const authority = makeAuthority()
  const leaf = run.tls === true ? authority.issue('kubernetes') : null
  const server = fork(fileURLToPath(new URL('./answering-server.ts', import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const directory = await mkdtemp(join(tmpdir(), 'clusterdrill-lateness-'))
  try {
    server.send({ leaf })
    const [port] = (await once(server, 'message')) as [number]
    const result = { samples: 0, failed: 0 }
    const credentials: ApiCredentials = {
      ca: authority.ca,
      ...authority.issue('client'),
      serverName: 'kubernetes',
    }
    const prober = await startProber({
      vantages: Array.from({ length: run.vantages }, (_, position) => vantage(run, position, port)),
      credentials,
      runId: 'bench',
      originNs: process.hrtime.bigint(),
      samplesFile: join(directory, 'samples.jsonl'),
      onSamples: (batch) => {
        result.samples += batch.length
        result.failed += batch.filter((sample) => !sample.ok).length
      },
      onTrouble: (message) => console.error(message),
    })
    await new Promise((resolve) => setTimeout(resolve, run.seconds * 1_000))
    const usedSeconds = await processorSeconds(prober.pid)
    const { latenessMs, skipped } = await prober.stop()
    const processors = usedSeconds === null ? null : usedSeconds / run.seconds
    return { latenessMs, skipped, ...result, processors }
  } finally {
    server.disconnect()
    await rm(directory, { recursive: true, force: true })
  }
}

function vantage(run: LatenessRun, position: number, port: number): Vantage {
  return {
    id: `vantage-${position}`,
    kind: run.tls === true ? 'api-read' : 'page',
    through: 'loopback',
    throughNode: null,
    connection: position % 2 === 0 ? 'new' : 'reused',
    url: `${run.tls === true ? 'https' : 'http'}://127.0.0.1:${port}/`,
    timeoutMs: 1_000,
    intervalMs: 1_000 / run.perSecond,
  }
}

const ticksPerSecond = 100

async function processorSeconds(pid: number): Promise<number | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return null
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      vantages: { type: 'string', default: '9' },
      perSecond: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '10' },
      tls: { type: 'boolean', default: false },
      busy: { type: 'string', default: '0' },
    },
  })
  const counting = Array.from({ length: Number(values.busy) }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  const result = await measureLateness({
    vantages: Number(values.vantages),
    perSecond: Number(values.perSecond),
    seconds: Number(values.seconds),
    tls: values.tls,
  })
  for (const process of counting) process.kill('SIGKILL')
  console.log(JSON.stringify({ ...values, ...result }))
}
