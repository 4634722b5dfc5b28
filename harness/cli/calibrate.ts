/**
 * `pnpm calibrate RUN…`: what took time in saved runs without being a timer, as the file that the
 * model draws from, on standard output.
 */
import type { Measured } from '../cluster/sim/calibrated.ts'
import { UsageError } from '../model/errors.ts'
import type { Found } from '../model/found.ts'
import type { RunRecord } from '../model/record.ts'
import type { TrackedRun } from '../model/track-record.ts'
import { type CalibrationRun, durationsIn, marginOf, spreadOf } from '../predict/calibrate.ts'
import { predict, runsPerPrediction } from '../predict/predict.ts'
import { isTracked, trackedRun } from '../predict/track-record.ts'
import { openRuns } from '../record/open-run.ts'

interface PlayedRun extends CalibrationRun {
  found: Found | null
}

const isPlayed = ({ verdict, lacks = [] }: RunRecord) => verdict !== 'invalid' && lacks.length === 0

/** Seen once, a delay has no distribution. */
const timesMin = 2

/** Refuses runs that were simulated or not judged, all of them at once; leaves out what was invalid or not played. */
export async function calibrate(directories: readonly string[]): Promise<void> {
  const problems: string[] = []
  const runs: PlayedRun[] = []
  for (const { directory, plan, conduct, events, samples, record } of await openRuns(directories)) {
    if (!conduct || !record) problems.push(`${directory}: it holds no judged run`)
    else if (record.timeSource === 'virtual') problems.push(`${directory}: it was simulated`)
    else if (isPlayed(record))
      runs.push({ plan, events, samples, record, found: conduct.found ?? null })
  }
  if (problems.length > 0) throw new UsageError(problems, '`pnpm judge` makes a record.')
  const versions = [...new Set(runs.map(({ record }) => record.kubernetes))].toSorted()
  const calibrated = {
    source: `drills on ${[...new Set(runs.map(({ record }) => record.provider))].join(', ')}, Kubernetes ${versions.join(', ')}`,
    runs: runs.map(({ record }) => record.runId).toSorted(),
    spreads: spreadsFrom(runs),
    margin: await marginOver(runs),
  }
  process.stdout.write(`${JSON.stringify(calibrated, null, 2)}\n`)
}

/** Those before and after one another in time, for a machine is not every day the same. */
const partsCount = 4

/** What the model misses in each part of the runs when it is calibrated in the other parts. */
async function marginOver(runs: readonly PlayedRun[]): Promise<number> {
  const inTime = runs.toSorted((a, b) => (a.record.runId < b.record.runId ? -1 : 1))
  const partOf = (index: number) => Math.floor((index * partsCount) / inTime.length)
  const tracked: TrackedRun[] = []
  for (let part = 0; part < partsCount; part += 1) {
    const others = inTime.filter((_, index) => partOf(index) !== part)
    const calibrated: Measured = {
      source: 'the other parts',
      runs: others.map(({ record }) => record.runId),
      spreads: spreadsFrom(others),
      margin: 0,
    }
    for (const { record, plan, found } of inTime.filter((_, index) => partOf(index) === part)) {
      if (!isTracked(record)) continue
      const prediction = await predict(plan, found, runsPerPrediction, calibrated)
      tracked.push(trackedRun(record, prediction, { before: false, calibration: false }))
      process.stderr.write(`predicted ${tracked.length} runs, of ${runs.length} at most\r`)
    }
  }
  process.stderr.write('\n')
  return marginOf(tracked)
}

const isAlone = ({ plan }: CalibrationRun) =>
  plan.topology.nodes.filter(({ role }) => role === 'control-plane').length === 1

const spreadsFrom = (runs: readonly CalibrationRun[]): Measured['spreads'] => ({
  alone: spreadsOf(runs.filter(isAlone)),
  beside: spreadsOf(runs.filter((run) => !isAlone(run))),
})

function spreadsOf(runs: readonly CalibrationRun[]): Record<string, [number, number, ...number[]]> {
  return Object.fromEntries(
    [...durationsIn(runs)]
      .filter(([, durationsMs]) => durationsMs.length >= timesMin)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, durationsMs]) => [name, spreadOf(durationsMs)]),
  )
}
