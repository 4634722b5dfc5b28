/**
 * What a pod of `pnpm sweep --on kubernetes` runs: plays the part of the sweep that the Job gives it by
 * its completion index, and leaves the result in its log. A part follows from its seeds alone, so
 * a pod that is lost is simply played again.
 */
import { UsageError } from '../model/errors.ts'
import { partLog } from '../record/part-log.ts'
import { explain } from './exit.ts'
import { askedSweep, playSweep, type SweepWords } from './play-sweep.ts'
import { partsOf } from './seeds.ts'

/** The one argument of every pod, as JSON. */
export interface PartArgument {
  name: string
  words: SweepWords
  parts: number
}

try {
  const { name, words, parts } = JSON.parse(process.argv[2] ?? '') as PartArgument
  const index = Number(process.env.JOB_COMPLETION_INDEX)
  const problems: string[] = []
  const whole = askedSweep(name, words, problems)
  const seeds = whole && partsOf(whole.seeds, parts)[index]
  if (!seeds) throw new UsageError([...problems, `there is no part ${index}`])
  const { sweep, ended } = await playSweep({ ...whole, seeds }, 1)
  if (ended) throw ended
  process.stdout.write(partLog(index, sweep))
} catch (error) {
  const { text, exitCode } = explain(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
