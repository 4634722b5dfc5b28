/**
 * How far many simulated runs are: one line that is redrawn on a terminal; elsewhere a line for the
 * first that are done, and for each tenth.
 */
import { createLogUpdate } from 'log-update'
import { formatMs } from '../model/units.ts'

export interface RunsProgress extends Disposable {
  /** So many are done by now. */
  done(runs: number): void
}

export function runsProgress(stream: NodeJS.WriteStream, total: number): RunsProgress {
  const beganMs = performance.now()
  const redraw = stream.isTTY ? createLogUpdate(stream) : null
  let told = -1
  return {
    done: (runs) => {
      const tookMs = performance.now() - beganMs
      const line = `SIMULATED ${runs} of ${total} runs, ${formatMs((tookMs / runs) * (total - runs))} left`
      if (redraw) return redraw(line)
      const tenth = Math.floor((runs / total) * 10)
      if (tenth > told) stream.write(`${line}\n`)
      told = tenth
    },
    [Symbol.dispose]: () => redraw?.clear(),
  }
}
