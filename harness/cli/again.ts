/**
 * `pnpm judge` and `pnpm report`: saved runs read again from disk, by today's code.
 */

import { renderResult } from '../../reports/terminal.ts'
import { exitCodeOf } from '../judge/verdict.ts'
import { UsageError } from '../model/errors.ts'
import { openRuns } from '../record/open-run.ts'
import { judgeDirectory, writeReports } from './judge-run.ts'

/** The worst exit code of all runs. */
export async function judgeAgain(directories: readonly string[], json: boolean): Promise<number> {
  const runs = await openRuns(directories)
  const unfinished = runs.filter((run) => !run.conduct)
  if (unfinished.length > 0) {
    throw new UsageError(
      unfinished.map(({ directory }) => `${directory}: the run did not come to its end`),
      'Samples and events are kept in it; run the scenario again.',
    )
  }
  let worst = 0
  for (const { directory } of runs) {
    const record = await judgeDirectory(directory)
    process.stdout.write(
      json ? `${JSON.stringify(record)}\n` : `${renderResult(record, directory)}\n`,
    )
    worst = Math.max(worst, exitCodeOf(record))
  }
  return worst
}

export async function reportAgain(directories: readonly string[]): Promise<void> {
  const runs = await openRuns(directories)
  const unjudged = runs.filter((run) => !run.record)
  if (unjudged.length > 0) {
    throw new UsageError(
      unjudged.map(({ directory }) => `${directory}: it holds no record.json`),
      '`pnpm judge` makes one.',
    )
  }
  for (const run of runs) {
    if (!run.record) continue
    await writeReports(run, run.record)
    process.stdout.write(`${run.directory}/report.html\n`)
  }
}
