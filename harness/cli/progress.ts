/**
 * Set-up work as lines: what is being built, how far, how long it took.
 */
import chalk from 'chalk'
import type { Progress } from '../../toolchain/index.ts'
import { formatMs } from '../model/units.ts'

const marks = { start: '…', progress: '·', done: chalk.green('✓'), cached: chalk.dim('=') } as const

export function progressLines(stream: NodeJS.WritableStream): Progress {
  return ({ step, state, detail, fraction, elapsedMs }) => {
    const share = fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`
    const took = elapsedMs === undefined ? '' : chalk.dim(` ${formatMs(elapsedMs)}`)
    stream.write(`${marks[state]} ${step}${share}${detail ? `: ${detail}` : ''}${took}\n`)
  }
}
