/**
 * What the full report is made from: the judged record, and the raw history behind it. Everything
 * comes from the run directory, so that an old run can be rendered by newer code.
 */
import type { DrillEvent } from '../harness/model/event.ts'
import type { RunRecord } from '../harness/model/record.ts'
import type { Topology } from '../harness/model/topology.ts'
import type { Sample } from '../harness/model/vantage.ts'

export interface ReportInput {
  record: RunRecord
  /** May be empty, as for a simulated run that kept state intervals only. */
  samples: readonly Sample[]
  events: readonly DrillEvent[]
  topology: Topology
}
