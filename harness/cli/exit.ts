/**
 * How the process ends: every error becomes a text that can be acted on and the exit code that
 * goes with it. Whatever is not one of ours is a bug, and asks to be reported.
 */
import chalk from 'chalk'
import { CommanderError } from 'commander'
import { DrillError, UsageError } from '../model/errors.ts'
import { version } from './version.ts'

export function explain(error: unknown): { text: string; exitCode: number } {
  if (error instanceof CommanderError) {
    // Commander has printed its own words, or the help that was asked for.
    return { text: '', exitCode: error.exitCode === 0 ? 0 : 64 }
  }
  if (error instanceof UsageError) {
    const problems = error.problems.map((problem) => `  - ${problem}`).join('\n')
    return {
      text: `${chalk.red('cannot do that')}, nothing was touched:\n${problems}\n${error.next}`,
      exitCode: 64,
    }
  }
  if (error instanceof DrillError) {
    return {
      text: `${chalk.red('error')}: ${error.what}\n  changed: ${error.changed}\n  next: ${error.next}`,
      exitCode: error.exitCode,
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    text: [
      `${chalk.red('this is a bug in Clusterdrill')} (exit 70)`,
      stack,
      `Please report it with the lines above, the command line, and: clusterdrill ${version}, node ${process.version}, ${process.platform} ${process.arch}.`,
      'Then `pnpm clean` undoes what may be left over.',
    ].join('\n'),
    exitCode: 70,
  }
}
