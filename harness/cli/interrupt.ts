/**
 * Ctrl-C, for every command that has something to heal or to remove before it ends. The first one
 * asks for it; more of them change nothing, and say so.
 */
import { type Explanation, InterruptedError } from '../model/errors.ts'

export interface Interrupt extends Disposable {
  /** Aborted with an `InterruptedError` (exit 130). */
  readonly signal: AbortSignal
}

const ofDrill: Explanation = {
  what: 'interrupted',
  changed: 'what was broken has been healed, what was measured is kept',
  next: 'Run it again for a result.',
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Listens until it is disposed. `over` is what to say of it in the place of a drill's words; `now` is
 * what is done at once where there is nothing to heal.
 */
export function onInterrupt({
  now,
  ...over
}: Partial<Explanation> & { now?: string } = {}): Interrupt {
  const controller = new AbortController()
  const handle = () => {
    if (controller.signal.aborted) {
      process.stderr.write(
        now === undefined
          ? 'already healing; `kill -9` and `pnpm run clean` is the other way out\n'
          : `already ${now}\n`,
      )
      return
    }
    process.stderr.write(`interrupted: ${now ?? 'healing first'}\n`)
    controller.abort(new InterruptedError({ ...ofDrill, ...over }))
  }
  for (const name of signals) process.on(name, handle)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, handle)
    },
  }
}
