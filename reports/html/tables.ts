/**
 * The tables of the page: claims, vantages, steps, faults with their receipts, invariants, timers,
 * clocks, phases, versions and events.
 */
import type { DrillEvent } from '../../harness/model/event.ts'
import type {
  ClaimResult,
  FaultRecord,
  RunRecord,
  RunVerdict,
  Step,
} from '../../harness/model/record.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { clockSentence, factLines } from '../explanation.ts'
import { formatShare, isPartial, originMs } from '../figures.ts'
import { invariantName, invariantsOf } from '../invariants.ts'
import { capitalised, documentedTimerMs, faultSentence, linkOf, verdictSymbol } from '../phrases.ts'
import { type Markup, type MarkupPart, markup } from './escape.ts'
import { tickLabel } from './scale.ts'
import { table } from './table.ts'
import { orderedSteps } from './timeline.ts'

/** Events listed in the page; the rest are in the run's own file. */
export const eventsListed = 400

/** The verdict as symbol and word in one pill. */
export function verdictPill(verdict: RunVerdict): Markup {
  return markup`<span class="pill ${verdict}"><span aria-hidden="true">${verdictSymbol[verdict]}</span> ${verdict}</span>`
}

function acceptedCell({ accepted, verdict }: ClaimResult): MarkupPart {
  const same = accepted.verdict === verdict
  const note = accepted.reason === '' ? accepted.date : `${accepted.reason} (${accepted.date})`
  return markup`<span class="${same ? 'same' : 'differs'}">${same ? '= ' : '≠ '}${accepted.verdict}</span><br><small class="muted">${note}</small>`
}

/** What was promised, what was found, and whether a person has accepted the difference. */
export function claimsTable({ claims }: RunRecord): Markup {
  return table(
    'Documented claims and what this run says of them',
    ['Claim', 'Verdict', 'Promised', 'Found', 'Because', 'Accepted'],
    claims.map((claim) => [
      markup`<code>${claim.id}</code><br><small>${claim.source}</small>`,
      verdictPill(claim.verdict),
      claim.expected,
      claim.measured,
      claim.because,
      acceptedCell(claim),
    ]),
    'claims',
  )
}

function outagesCell(record: RunRecord, vantage: RunRecord['vantages'][number]): MarkupPart {
  const shown = vantage.outages.slice(0, 6)
  if (shown.length === 0) return 'none'
  const more = vantage.outages.length - shown.length
  return markup`<ul>${shown.map((outage) => {
    const dark =
      isPartial(outage) && outage.darkMs !== undefined
        ? `, none answered for ${formatInterval(outage.darkMs)}`
        : ''
    const how = isPartial(outage) ? 'partial: ' : ''
    const end = outage.ended ? '' : ', to the end of the run'
    const began = outage.startMs.map((ms) => tickLabel(ms - originMs(record)))
    const until = outage.endMs.map((ms) => tickLabel(ms - originMs(record)))
    return markup`<li title="began between ${began[0] ?? ''} and ${began[1] ?? ''}, ended between ${until[0] ?? ''} and ${until[1] ?? ''}"><strong>${formatInterval(outage.durationMs)}</strong> from ${began[1] ?? ''}<br><small class="muted">${how}${outage.failed} of ${outage.probes} probes failed${dark}${end}</small></li>`
  })}${more > 0 ? markup`<li>and ${more} more</li>` : null}</ul>`
}

/** What clients saw, vantage by vantage. */
export function vantageTable(record: RunRecord): Markup {
  const late = record.vantages.some((vantage) => vantage.late !== undefined) ? ['Late'] : []
  const heads = ['Vantage', 'Probes', 'Available', 'Outages', 'Errors', 'Latency', 'Slow', ...late]
  return table(
    `What clients saw, by vantage; availability counts from the fault to the end of the run${late.length > 0 ? '; late answers were sent while the fault held, and came after the heal began' : ''}`,
    heads,
    record.vantages.map((vantage) => [
      markup`<code>${vantage.id}</code><br><small class="muted">${vantage.kind}, ${vantage.connection} connections, through ${vantage.through}</small>`,
      markup`${vantage.samples}<br><small class="muted">${vantage.failed} failed</small>`,
      formatShare(vantage.availability),
      outagesCell(record, vantage),
      Object.keys(vantage.errors).length === 0
        ? 'none'
        : markup`<ul>${Object.entries(vantage.errors).map(([error, count]) => markup`<li>${error} × ${count}</li>`)}</ul>`,
      vantage.latencyMs === null
        ? 'no good probe'
        : markup`p50 ${formatMs(vantage.latencyMs.p50)}<br>p99 ${formatMs(vantage.latencyMs.p99)}<br>max ${formatMs(vantage.latencyMs.max)}`,
      vantage.slow,
      ...late.map(() => vantage.late ?? '–'),
    ]),
    'vantages',
  )
}

/** When the model expects a step: the first of that name, or the second for the second … */
function predictedSteps(record: RunRecord, steps: readonly Step[]): (number | null)[] {
  const left = [...(record.prediction?.steps ?? [])]
  return steps.map(({ name }) => {
    const index = left.findIndex((step) => step.name === name)
    return index === -1 ? null : (left.splice(index, 1)[0]?.sinceFaultMs ?? null)
  })
}

/** The legend of the numbered steps, beside the model's where there is a prediction. */
export function stepsTable(record: RunRecord): Markup {
  const steps = orderedSteps(record)
  const predicted = predictedSteps(record, steps)
  const model = record.prediction === null ? [] : ['Model']
  return table(
    'Steps, as numbered in the pictures',
    ['Step', 'Since the fault', ...model, 'Cause'],
    steps.map((step, index) => {
      const predictedMs = predicted[index] ?? null
      return [
        markup`<span class="number">${index + 1}</span> ${step.name}`,
        formatMs(step.sinceFaultMs),
        ...model.map(() => (predictedMs === null ? '–' : formatMs(predictedMs))),
        step.cause,
      ]
    }),
    'steps',
  )
}

/** A node's name stays as it is written; a sentence about a link begins with a capital. */
function headingOf(fault: FaultRecord): string {
  return linkOf(fault) === null ? faultSentence(fault) : capitalised(faultSentence(fault))
}

/** Each fault with the independent proof that it took hold and was undone. */
export function faultCards(record: RunRecord): Markup {
  if (record.faults.length === 0) return markup`<p class="muted">No fault was injected.</p>`
  const at = (ms: number | null) => (ms === null ? 'never' : tickLabel(ms - originMs(record)))
  const proof = (text: string | null) =>
    text === null ? markup`<em class="differs">no proof</em>` : markup`${text}`
  return markup`${record.faults.map(
    (fault) => markup`<article class="card"><h3>${headingOf(fault)}</h3>
<p class="muted"><code>${fault.id}</code> · ${fault.kind} · chosen as ${fault.role}</p>
<dl><dt>Injected</dt><dd>${at(fault.injectedAtMs)} <small class="muted">(${formatMs(fault.injectedAtMs)} into the run)</small></dd>
<dt>Took hold</dt><dd>${at(fault.tookHoldAtMs)}</dd><dt>Undone</dt><dd>${fault.lasting === true ? 'never, it was meant to last' : at(fault.undoneAtMs)}</dd>
<dt>Seen before</dt><dd>${proof(fault.receipt.before)}</dd><dt>Seen while it held</dt><dd>${proof(fault.receipt.during)}</dd><dt>Seen after the undo</dt><dd>${fault.lasting === true && fault.receipt.after === null ? 'nothing was to be undone' : proof(fault.receipt.after)}</dd>${factLines(fault).map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></article>`,
  )}`
}

/** Timers in force against Kubernetes' defaults. */
export function timersTable({ timers, changedTimers, kubernetes }: RunRecord): Markup {
  return table(
    'Timers in force',
    ['Timer', 'In force', 'Kubernetes default', 'Set by hand'],
    Object.entries(timers).map(([name, ms]) => {
      const defaultMs = documentedTimerMs(name, kubernetes)
      return [
        markup`<code>${name}</code>`,
        formatMs(ms),
        defaultMs === null ? 'unknown' : formatMs(defaultMs),
        changedTimers.includes(name) ? 'yes' : 'no',
      ]
    }),
  )
}

export function phasesTable(record: RunRecord): Markup {
  const from = originMs(record)
  return table(
    'Phases',
    ['Phase', 'From', 'To', 'Took'],
    record.phases.map(({ name, fromMs, toMs }) => [
      name,
      tickLabel(fromMs - from),
      tickLabel(toMs - from),
      formatMs(toMs - fromMs),
    ]),
  )
}

export function versionsTable(record: RunRecord): Markup {
  const rows = [['Kubernetes', record.kubernetes], ...Object.entries(record.versions)]
  return table('Versions', ['Component', 'Version'], rows)
}

/** What must be so before anything is broken, and what was found. */
export function invariantsTable(record: RunRecord): Markup {
  return table(
    'Looked at after the workload was placed, before the first fault',
    ['Invariant', 'Holds', 'Expected', 'Seen'],
    invariantsOf(record).map((invariant) => [
      invariantName(invariant),
      invariant.holds
        ? markup`<span class="pill confirmed"><span aria-hidden="true">✓</span> holds</span>`
        : markup`<span class="pill contradicted"><span aria-hidden="true">✗</span> does not hold</span>`,
      invariant.expected,
      invariant.seen,
    ]),
    'invariants',
  )
}

/** How far each node's clock is from the run's; nothing where nobody looked. */
export function clocksTable(record: RunRecord): Markup | null {
  const { clocks = [] } = record
  if (clocks.length === 0) return null
  return table(
    clockSentence(record) ?? '',
    ['Node', 'Ahead of the run’s clock by'],
    clocks.map(({ node, aheadMs: [lower, upper] }) => [
      node,
      `${formatMs(lower)} to ${formatMs(upper)}`,
    ]),
  )
}

/** The event log, cut to what a page can hold, saying so. */
export function eventsTable(events: readonly DrillEvent[], fromMs: number): Markup {
  const shown = events.slice(0, eventsListed)
  const caption =
    shown.length < events.length
      ? `Events, the first ${shown.length} of ${events.length}`
      : 'Events as they were recorded'
  return table(
    caption,
    ['When', 'Seen by', 'Event', 'About', 'Detail'],
    shown.map((event) => [
      tickLabel(event.atMs - fromMs),
      event.source,
      event.name,
      event.node === null || event.node === event.subject
        ? event.subject
        : `${event.subject} on ${event.node}`,
      event.detail,
    ]),
  )
}
