/**
 * The chain of events from the fault to the end of the outage, for `--explain`: each link of the
 * explanation with its cause and its timer, and below it all that was told while it lasted. Times are
 * relative to the injection. Says so where nothing was away.
 */
import type { DrillEvent } from '../harness/model/event.ts'
import type { RunRecord } from '../harness/model/record.ts'
import { formatMs } from '../harness/model/units.ts'
import { type ExplanationLink, linkShare } from './explanation.ts'
import { timerName } from './phrases.ts'
import { harmless, padded, wrapped } from './terminal-text.ts'

const columns = 100
/** As wide as `+12 min 34 s`, and a space. */
const timeColumns = 13
const nameColumns = 20
const indent = ' '.repeat(timeColumns)

/** Several lines without a final line feed. `events` of the run, in any order. */
export function renderEventChain(
  { explanation }: Pick<RunRecord, 'explanation'>,
  events: readonly DrillEvent[],
): string {
  const [first] = explanation?.links ?? []
  if (!explanation || !first) return 'Nothing was away, so that there is no chain to explain.'
  const injectedAtMs = first.fromMs
  const inOrder = events.toSorted((a, b) => a.atMs - b.atMs)
  return [
    `From the fault to the end of the outage of ${harmless(explanation.vantage)}, since the injection:`,
    ...explanation.links.flatMap((link, index) => {
      const told = inOrder.filter(
        ({ name, atMs }) =>
          name !== 'phase' &&
          (index === 0 ? atMs >= link.fromMs : atMs > link.fromMs) &&
          atMs <= link.toMs,
      )
      return [
        '',
        ...linkText(link, injectedAtMs),
        ...told.map((one) => eventText(one, injectedAtMs)),
      ]
    }),
  ].join('\n')
}

function linkText(link: ExplanationLink, injectedAtMs: number): string[] {
  const timer = link.timer === null ? '' : `, waiting for ${timerName(link.timer)}`
  const took = `after ${formatMs(link.toMs - link.fromMs)} (${linkShare(link)})${timer}`
  return [
    `${timeOf(link.toMs, injectedAtMs)}${link.name} ${took}`,
    ...wrapped(harmless(link.cause), columns - timeColumns).map((line) => indent + line),
  ]
}

function eventText(
  { atMs, name, subject, node, detail }: DrillEvent,
  injectedAtMs: number,
): string {
  const where = node === null || node === subject ? '' : ` on ${node}`
  const what = detail === '' ? '' : `: ${detail}`
  const text = harmless(`${subject}${where}${what}`)
  return `${indent}· ${timeOf(atMs, injectedAtMs)}${padded(name, nameColumns)} ${text}`
}

const timeOf = (atMs: number, injectedAtMs: number): string =>
  padded(`+${formatMs(atMs - injectedAtMs)}`, timeColumns)
