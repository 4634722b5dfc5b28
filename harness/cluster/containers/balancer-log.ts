/**
 * Follows what HAProxy says of itself, across its restarts: a log ends whenever its container does,
 * and goes on from its next start. That it ended where nobody took its power is told, for then the
 * load balancer itself is not what the document draws.
 */
import type { Clock } from '../../model/clock.ts'
import type { DrillEvent } from '../../model/event.ts'
import type { Engine } from './engine.ts'
import { parseLogLine } from './haproxy.ts'

export interface BalancerLog {
  container: string
  backend: string
  clock: Clock
  emit(event: DrillEvent): void
  /** Did this drill take the power of the load balancer? Then its log may end. */
  mayEnd(): boolean
  /** Nobody follows any more: it ended by itself, its container is gone, or the engine is. */
  onEnd(): void
}

export interface FollowedLog {
  /** The server that the last finished session reached; null before the first. */
  lastServed(): string | null
  stop(): Promise<void>
}

/** HAProxy says each change twice, as a warning and as a log line. */
const sameWithinMs = 1_500
const lookEveryMs = 250

export function followLog(
  engine: Pick<Engine, 'follow' | 'inspect'>,
  options: BalancerLog,
): FollowedLog {
  const { container, clock } = options
  const stopped = new AbortController()
  const reader = new LogReader(options)
  const begin = (...from: string[]) =>
    engine.follow(['logs', '--follow', '--timestamps', ...from, container])
  let child = begin('--tail', '0')
  /** When the container last began to run, once it does; null where it is gone. */
  const nextStart = async (): Promise<string | null> => {
    for (;;) {
      const seen = await engine.inspect(container)
      if (!seen || seen.running) return seen?.startedAt ?? null
      await clock.sleepUntil(clock.nowMs() + lookEveryMs, stopped.signal)
    }
  }
  const reading = (async () => {
    for (;;) {
      for await (const line of child.iterable({ from: 'all' })) reader.take(line)
      if (stopped.signal.aborted || !options.mayEnd()) return
      // A moment in between, so that a log that cannot be followed is not asked for without end.
      await clock.sleepUntil(clock.nowMs() + lookEveryMs, stopped.signal)
      const startedAt = await nextStart()
      if (startedAt === null || stopped.signal.aborted) return
      child = begin('--since', reader.from(startedAt))
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      if (!stopped.signal.aborted) options.onEnd()
    })
  return {
    lastServed: () => reader.served,
    stop: async () => {
      stopped.abort()
      child.kill()
      await reading
    },
  }
}

/** Lines → events, each change once. */
class LogReader {
  served: string | null = null
  readonly #options: BalancerLog
  readonly #toldMs = new Map<string, number>()
  /** The time of the last line, as the engine wrote it. */
  #lastAt = ''

  constructor(options: BalancerLog) {
    this.#options = options
  }

  /** From where on lines are new: the start of the container, or the last line after that. */
  from(startedAt: string): string {
    return Date.parse(this.#lastAt) > Date.parse(startedAt) ? this.#lastAt : startedAt
  }

  take(line: string): void {
    const { backend, clock } = this.#options
    const space = line.indexOf(' ')
    const stamp = line.slice(0, space)
    const epochMs = Date.parse(stamp)
    if (!Number.isNaN(epochMs)) this.#lastAt = stamp
    const atMs = Number.isNaN(epochMs) ? clock.nowMs() : clock.fromEpochMs(epochMs)
    const parsed = parseLogLine(line.slice(space + 1))
    // Ports that nothing serves here have servers of the same names, and are DOWN for good.
    if (!parsed || parsed.backend !== backend) return
    if (parsed.kind === 'session') {
      this.served = parsed.server
      return
    }
    const subject = parsed.kind === 'empty' ? parsed.backend : parsed.server
    const key = `${parsed.kind} ${subject}`
    const before = this.#toldMs.get(key)
    this.#toldMs.set(key, atMs)
    if (before !== undefined && atMs - before < sameWithinMs) return
    this.#options.emit({
      atMs,
      source: 'load-balancer',
      name: `lb-${parsed.kind}`,
      subject,
      node: parsed.kind === 'empty' ? null : parsed.server,
      component: null,
      detail: parsed.kind === 'empty' ? 'no server available' : parsed.reason,
    })
  }
}
