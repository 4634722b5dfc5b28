/**
 * Set-up work as lines: what is being built, how far, how long it took.
 */
import chalk from 'chalk'
import type { Progress } from '../../toolchain/index.ts'
import { formatMs } from '../model/units.ts'

const marks = { start: '…', progress: '·', done: chalk.green('✓'), cached: chalk.dim('=') } as const

/** Of a part that tells its share, a line for each tenth is enough. */
const tenths = 10

export function progressLines(stream: NodeJS.WritableStream): Progress {
  const told = new Map<string, number>()
  return ({ step, state, detail, fraction, elapsedMs }) => {
    if (state === 'progress' && fraction !== undefined) {
      const reached = Math.floor(fraction * tenths)
      if (told.get(step) === reached) return
      told.set(step, reached)
    }
    const share = fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`
    const took = elapsedMs === undefined ? '' : chalk.dim(` ${formatMs(elapsedMs)}`)
    stream.write(`${marks[state]} ${step}${share}${detail ? `: ${detail}` : ''}${took}\n`)
  }
}
