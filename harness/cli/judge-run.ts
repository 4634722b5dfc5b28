/**
 * From a run directory to its record and reports: measure, judge, render. The same code ends a
 * fresh run and reads an old one again.
 */

import { basename, dirname } from 'node:path'
import { renderHtml } from '../../reports/html.ts'
import { renderJunit } from '../../reports/junit.ts'
import { renderMetrics } from '../../reports/metrics.ts'
import { renderSummary } from '../../reports/summary.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { judge } from '../judge/judge.ts'
import { makeRecord } from '../judge/record.ts'
import { measure } from '../measure/measure.ts'
import { UsageError } from '../model/errors.ts'
import type { RunRecord } from '../model/record.ts'
import { type OpenedRun, openRun } from '../record/open-run.ts'
import { RunDirectory } from '../record/run-directory.ts'

/** Measures and judges what is on disk. Refuses a run that never came to its end. */
export function judgeRun(run: OpenedRun): RunRecord {
  const { plan, conduct } = run
  if (!conduct) {
    throw new UsageError(
      [`${run.directory}: the run did not come to its end, so there is nothing to judge`],
      'Samples and events are kept in it; run the scenario again.',
    )
  }
  const measurement = measure({
    plan,
    phases: conduct.phases,
    faults: conduct.faults,
    samples: run.samples,
    vantages: conduct.vantages,
    events: run.events,
    integrity: conduct.integrity,
    floatingIp: conduct.floatingIp,
    invariants: conduct.invariants,
    clocks: conduct.clocks,
    splitBrain: conduct.splitBrain,
  })
  return makeRecord(measurement, judge(measurement, claims, conduct.lacks), {
    ...conduct,
    differences: conduct.differences ?? [],
    problems: [...conduct.problems, ...run.problems.map((text) => ({ invalid: false, text }))],
  })
}

export async function writeReports(run: OpenedRun, record: RunRecord): Promise<void> {
  const directory = directoryOf(run.directory)
  const { samples, events } = run
  await directory.writeReport(
    'report.html',
    renderHtml({ record, samples, events, topology: run.plan.topology }),
  )
  await directory.writeReport('summary.md', renderSummary(record))
  await directory.writeReport('junit.xml', renderJunit([record]))
  await directory.writeReport('metrics.prom', renderMetrics(record))
  directory.close()
}

export async function judgeDirectory(path: string): Promise<RunRecord> {
  const run = await openRun(path)
  const record = judgeRun(run)
  await directoryOf(path).writeRecord(record)
  await writeReports(run, record)
  return record
}

function directoryOf(path: string): RunDirectory {
  return new RunDirectory(dirname(path), basename(path), () => undefined)
}
