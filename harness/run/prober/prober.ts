/**
 * The conductor's hold on the prober: starts it as a process of its own, so that whatever keeps
 * this one busy delays no probe, hands its samples on, and stops it in order. A prober that dies
 * by itself is told of at once; it is not started again, for the gap belongs in the result.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../../model/errors.ts'
import type { Lateness } from '../../model/record.ts'
import type { ApiCredentials, Sample, Vantage } from '../../model/vantage.ts'
import type { StoppedMessage, ToChild, ToParent } from './messages.ts'

export interface ProberOptions {
  vantages: readonly Vantage[]
  /** Needed as soon as a vantage's URL is https. */
  credentials: ApiCredentials | null
  /** Goes into every save, so that runs do not read back each other's. */
  runId: string
  /** The session's zero: a value of `process.hrtime.bigint()`. */
  originNs: bigint
  /** Appended to, one line a sample, at least every 250 ms. */
  samplesFile: string
  /** Called at most every 100 ms or so, in the order in which the probes ended. */
  onSamples(batch: readonly Sample[]): void
  /** Whatever weakens the measurement, a sentence each: disk full, probes skipped, died. */
  onTrouble(message: string): void
}

export interface ProberResult {
  /** How late the probes left; null when none did, or the prober died. */
  latenessMs: Lateness | null
  /** Slots of the schedule in which no probe was sent. */
  skipped: number
}

export interface RunningProber {
  readonly pid: number
  /**
   * Sends no new probes, waits for those under way as long as their time-out, and resolves when
   * all is on disk and the process has ended. Never rejects; the same promise for every call.
   */
  stop(): Promise<ProberResult>
}

/**
 * The runtime's helper threads keep their ordinary priority; probes would wait behind the whole
 * machine for the garbage that those collect.
 */
const oneThread = ['--single-threaded', '--v8-pool-size=0']
/** In megabytes, for young objects: it makes many and keeps few, and a large space only fills up. */
const smallHeap = ['--max-semi-space-size=2']

const startWithinMs = 15_000
/** Beyond the longest time-out of a vantage, for the last writes. */
const stopGraceMs = 5_000

/**
 * Resolves once the first probes are under way. Rejects with a `MachineError` when the process
 * cannot start, the samples file cannot be opened, or a vantage cannot be probed as described.
 */
export async function startProber(options: ProberOptions): Promise<RunningProber> {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [], {
    execArgv: [...oneThread, ...smallHeap, '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_OPTIONS: '' },
    // A session of its own: Ctrl-C in the terminal does not reach it, and its priority counts.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const lastWords = tailOf(child)
  const gone = endOf(child)
  let stopping = false
  let result: StoppedMessage | null = null
  const ready = new Promise<string | null>((resolve) => {
    child.on('message', (message: ToParent) => {
      if (message.type === 'ready') resolve(null)
      else if (message.type === 'cannot-start') resolve(message.message)
      else if (message.type === 'samples') options.onSamples(message.samples)
      else if (message.type === 'trouble') options.onTrouble(message.message)
      else result = message
    })
    gone.then((how) => resolve([how, lastWords()].filter(Boolean).join(': ')))
  })

  const { vantages, credentials, runId, originNs, samplesFile } = options
  send(child, {
    type: 'start',
    vantages,
    credentials,
    runId,
    originNs: String(originNs),
    samplesFile,
  })

  const problem = await within(startWithinMs, ready, `no answer within ${startWithinMs} ms`)
  if (problem !== null || child.pid === undefined) {
    child.kill('SIGKILL')
    throw new MachineError({
      what: `The prober cannot start: ${problem ?? 'it has no process'}`,
      changed: 'no fault was injected',
      next: 'Correct what it names and run again.',
    })
  }
  gone.then((how) => {
    if (!stopping)
      options.onTrouble(['the prober died', how, lastWords()].filter(Boolean).join(': '))
  })

  const stop = async (): Promise<ProberResult> => {
    stopping = true
    const longestMs = Math.max(0, ...vantages.map((vantage) => vantage.timeoutMs))
    send(child, { type: 'stop' })
    const how = await within(longestMs + stopGraceMs, gone, null)
    if (how === null) child.kill('SIGKILL')
    if (result === null) {
      options.onTrouble('the prober did not stop in order: its last samples may be missing')
      return { latenessMs: null, skipped: 0 }
    }
    const { latenessMs, skipped, unwritten } = result
    if (skipped > 0) options.onTrouble(`the prober was held up: ${skipped} probes were not sent`)
    if (unwritten > 0) options.onTrouble(`${unwritten} samples could not be written to disk`)
    return { latenessMs, skipped }
  }
  let stopped: Promise<ProberResult> | null = null
  return {
    pid: child.pid,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** How the process ended, told only when all that it said has been heard. */
function endOf(child: ChildProcess): Promise<string> {
  const heard = new Promise<void>((resolve) => child.once('disconnect', resolve))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      heard.then(() => resolve(`ended with ${signal ?? `code ${code}`}`))
    })
  })
}

function send(child: ChildProcess, message: ToChild): void {
  // A child that is gone is told of by its exit; the failed message adds nothing.
  if (child.connected) child.send(message, () => {})
}

function within<T, U>(ms: number, promise: Promise<T>, otherwise: U): Promise<T | U> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), ms)
    promise.then((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}

const tailCharacters = 2_000

function tailOf(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-tailCharacters)
  })
  return () => tail.trim()
}
