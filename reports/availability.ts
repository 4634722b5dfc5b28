/** The downtime of a year for a terminal: of workload and API, by cause, and how sure it is. */
import chalk from 'chalk'
import {
  type Availability,
  type Cause,
  type Repair,
  type Yearly,
  yearMs,
} from '../harness/model/availability.ts'
import { formatMs, minuteMs } from '../harness/model/units.ts'
import { paceNoteOf, provenanceOf } from './phrases.ts'
import { aligned, harmless } from './terminal-text.ts'

const hourMs = 60 * minuteMs

/** `5 h 12 min` from an hour on. */
function downtime(ms: number): string {
  if (ms < hourMs) return ms === 0 ? '0' : formatMs(ms)
  const minutes = Math.round(ms / minuteMs)
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

const sure = ({ meanMs, intervalMs: [lower, upper] }: Yearly): string =>
  meanMs === 0 ? '0' : `${downtime(meanMs)} (${downtime(lower)} to ${downtime(upper)})`

function available({ meanMs }: Yearly): string {
  const share = 1 - meanMs / yearMs
  return `${(Math.floor(share * 1e7) / 1e5).toFixed(5)} %`
}

function repairText(repair: Repair | null): string {
  if (repair === null) return 'passes by itself'
  const { medianMs, p95Ms } = repair
  return medianMs === p95Ms
    ? downtime(medianMs)
    : `${downtime(medianMs)}, one in twenty over ${downtime(p95Ms)}`
}

const heads = ['cause', 'a year', 'failures', 'workload a year', 'API a year', 'repair'] as const

function rowOf({ scenario, perYear, targets, failures, workload, api, repair }: Cause): string[] {
  const rate = targets.length === 1 ? `${perYear}` : `${targets.length} × ${perYear}`
  const [ofWorkload, ofApi] = [workload, api].map((each) =>
    failures === 0 ? 'none came' : sure(each),
  ) as [string, string]
  return [harmless(scenario), rate, `${failures}`, ofWorkload, ofApi, repairText(repair)]
}

/** Without a line feed at its end. */
export function renderAvailability(availability: Availability): string {
  const { topology, years, seed, failures, overlapping, workload, api } = availability
  const pace = paceNoteOf(availability)
  const rows = availability.causes
    .toSorted((a, b) => b.workload.meanMs - a.workload.meanMs)
    .map(rowOf)
  const [head = '', ...lines] = aligned([heads, ...rows])
  const invalid = availability.invalid.map(
    ({ why, runs }) =>
      `${runs} failures without a valid run, counted as no downtime: ${harmless(why)}`,
  )
  return [
    chalk.bold(`${topology}: the workload is down ${sure(workload)} a year`),
    `${provenanceOf(availability).text}${pace === null ? '' : chalk.yellow(`; ${pace}`)}; ${years} years, seed ${seed}; in brackets 95 % confidence`,
    '',
    `workload  ${available(workload)} available, down ${sure(workload)} a year`,
    `API       ${available(api)} available, down ${sure(api)} a year`,
    '',
    chalk.dim(head),
    ...lines,
    '',
    `${overlapping} of ${failures} failures came while another was not over. Each was played alone: what two do at once is not in these figures.`,
    ...invalid,
  ].join('\n')
}
