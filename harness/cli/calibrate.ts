/**
 * `pnpm calibrate RUN…`: what took time in saved runs without being a timer, as the file that the
 * model draws from, on standard output.
 */
import { UsageError } from '../model/errors.ts'
import type { RunRecord } from '../model/record.ts'
import { type CalibrationRun, durationsIn, spreadOf } from '../predict/calibrate.ts'
import { openRuns } from '../record/open-run.ts'

const isPlayed = ({ verdict, lacks = [] }: RunRecord) => verdict !== 'invalid' && lacks.length === 0

/** Seen once, a delay has no distribution. */
const timesMin = 2

/** Refuses runs that were simulated or not judged, all of them at once; leaves out what was invalid or not played. */
export async function calibrate(directories: readonly string[]): Promise<void> {
  const problems: string[] = []
  const runs: CalibrationRun[] = []
  for (const { directory, plan, conduct, events, samples, record } of await openRuns(directories)) {
    if (!conduct || !record) problems.push(`${directory}: it holds no judged run`)
    else if (record.timeSource === 'virtual') problems.push(`${directory}: it was simulated`)
    else if (isPlayed(record)) runs.push({ plan, events, samples, record })
  }
  if (problems.length > 0) throw new UsageError(problems, '`pnpm judge` makes a record.')
  const isAlone = ({ plan }: CalibrationRun) =>
    plan.topology.nodes.filter(({ role }) => role === 'control-plane').length === 1
  const versions = [...new Set(runs.map(({ record }) => record.kubernetes))].toSorted()
  const calibration = {
    source: `drills on ${[...new Set(runs.map(({ record }) => record.provider))].join(', ')}, Kubernetes ${versions.join(', ')}`,
    runs: runs.map(({ record }) => record.runId).toSorted(),
    spreads: {
      alone: spreadsOf(runs.filter(isAlone)),
      beside: spreadsOf(runs.filter((run) => !isAlone(run))),
    },
  }
  process.stdout.write(`${JSON.stringify(calibration, null, 2)}\n`)
}

function spreadsOf(runs: readonly CalibrationRun[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    [...durationsIn(runs)]
      .filter(([, durationsMs]) => durationsMs.length >= timesMin)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, durationsMs]) => [name, spreadOf(durationsMs)]),
  )
}
