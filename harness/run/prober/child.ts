/**
 * The prober's own process: fires the probes of all vantages when the schedule says so, writes
 * every sample to the file and tells the parent. It ends when the parent says so or disappears,
 * and at no signal from the terminal, so that healing after Ctrl-C is measured as well.
 *
 * Nine vantages at 20/s over TLS, half of the connections new, two processors that three parallel
 * compilers keep busy: lateness p50 0.7, p99 2, max 4 to 14 ms at a fifth of one processor; p99 11,
 * max 24 ms without real-time priority. The alarm is a plain timer, rounded up to the next
 * millisecond: spinning for the last 1.5 ms made p50 0.01 ms, and cost twice the processor time,
 * taken from the cluster under test.
 */
import { open } from 'node:fs/promises'
import { messageOf } from '../../model/errors.ts'
import { encodeSample } from '../../model/sample-line.ts'
import type { Sample } from '../../model/vantage.ts'
import { latenessOf } from './lateness.ts'
import { LocalPorts } from './local-ports.ts'
import type { StartMessage, ToChild, ToParent } from './messages.ts'
import { monotonicSince } from './monotonic.ts'
import { raisePriority } from './priority.ts'
import { Probe, secureContextOf } from './probe.ts'
import { SampleFile } from './sample-file.ts'
import { OpenLoopSchedule } from './schedule.ts'

const reportEveryMs = 100
const writeEveryMs = 200
/** Samples that may wait for a parent that is busy; they are on disk in any case. */
const unreportedMax = 50_000
/** What `stop` allows beyond the longest time-out. */
const graceMs = 500

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

function tell(message: ToParent, told: () => void = () => {}): void {
  if (!process.connected) return
  process.send?.(message, undefined, undefined, () => told())
}

let stop = (): void => process.exit(0)
let abandon = (): void => process.exit(0)
process.on('disconnect', () => abandon())
process.on('message', (message: ToChild) => {
  if (message.type === 'stop') return stop()
  start(message).catch((error: unknown) => {
    tell({ type: 'cannot-start', message: messageOf(error) }, () => process.exit(1))
  })
})

async function start(order: StartMessage): Promise<void> {
  raisePriority()
  const nowMs = monotonicSince(BigInt(order.originNs))
  const handle = await open(order.samplesFile, 'a')
  const file = new SampleFile({
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    onTrouble: (message) => tell({ type: 'trouble', message }),
  })
  const lateMs: number[] = []
  const report = new Report()

  const secureContext = order.credentials === null ? null : secureContextOf(order.credentials)
  const localPorts = new LocalPorts(process.pid * 997)
  const probes = order.vantages.map(
    (vantage) =>
      new Probe({
        vantage,
        secureContext,
        serverName: order.credentials?.serverName ?? null,
        runId: order.runId,
        localPorts,
        nowMs,
        onSample: (sample) => {
          lateMs.push(sample.sentAtMs - sample.scheduledAtMs)
          file.add(encodeSample(sample))
          report.add(sample)
        },
      }),
  )

  const schedule = new OpenLoopSchedule(
    order.vantages.map((vantage) => vantage.intervalMs),
    nowMs() + 1,
  )
  const skipped = (): number => schedule.skipped + probes.reduce((sum, p) => sum + p.refused, 0)
  let alarm: NodeJS.Timeout | undefined
  const fire = (): void => {
    for (const slot of schedule.take(nowMs())) probes[slot.vantage]?.send(slot.scheduledAtMs)
    alarm = setTimeout(fire, Math.ceil(schedule.nextDueMs() - nowMs()))
  }
  if (probes.length > 0) fire()

  const reporting = setInterval(() => report.send(), reportEveryMs)
  const writing = setInterval(() => void file.flush(), writeEveryMs)
  const inFlight = (): number => probes.reduce((sum, probe) => sum + probe.inFlight, 0)

  const writeAll = async (): Promise<void> => {
    // The first may be one that was under way already, and about to give up.
    await file.flush()
    await file.flush()
  }
  const endOfAnswers = async (): Promise<void> => {
    const longestMs = Math.max(0, ...order.vantages.map((vantage) => vantage.timeoutMs))
    const untilMs = nowMs() + longestMs + graceMs
    while (inFlight() > 0 && nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const finish = async (): Promise<void> => {
    clearTimeout(alarm)
    await endOfAnswers()
    clearInterval(reporting)
    clearInterval(writing)
    await writeAll()
    report.send()
    const latenessMs = latenessOf(lateMs)
    const unwritten = file.unwritten
    tell({ type: 'stopped', latenessMs, skipped: skipped(), unwritten }, () => process.exit(0))
  }

  stop = () => void finish()
  abandon = () => {
    clearTimeout(alarm)
    void writeAll().finally(() => process.exit(0))
  }
  tell({ type: 'ready' })
}

/** Samples on their way to the parent, one message at a time, so that a busy one is not flooded. */
class Report {
  #waiting: Sample[] = []
  #underWay = false
  #dropped = 0

  add(sample: Sample): void {
    if (this.#waiting.length < unreportedMax) this.#waiting.push(sample)
    else this.#dropped += 1
  }

  send(): void {
    if (this.#underWay || this.#waiting.length === 0) return
    if (this.#dropped > 0) {
      const message = `${this.#dropped} samples went to disk only: the harness was too busy`
      tell({ type: 'trouble', message })
      this.#dropped = 0
    }
    this.#underWay = true
    const samples = this.#waiting
    this.#waiting = []
    tell({ type: 'samples', samples }, () => {
      this.#underWay = false
    })
  }
}
