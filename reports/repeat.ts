/**
 * A set of runs of one scenario, as Markdown and for a terminal: what the median run looks like,
 * how far the others lie from it, and what the documents' claims come to over all of them.
 */
import type { RepeatedClaim, RepeatRecord, Spread } from '../harness/model/repeat.ts'
import { formatInterval, formatMs } from '../harness/model/units.ts'
import { code, list, plain, table } from './markdown.ts'
import {
  capitalised,
  countOf,
  listed,
  paceNoteOf,
  provenanceOf,
  timerName,
  verdictSymbol,
} from './phrases.ts'
import { harmless, wrapped } from './terminal-text.ts'

const columns = 100

/** `37.1 s to 37.2 s`, `at least 40 s`. */
function medianText({ medianMs: [lower, upper] }: Spread): string {
  return upper === null ? `at least ${formatMs(lower)}` : formatInterval([lower, upper])
}

function rangeText({ minMs, maxMs }: Spread): string {
  return `${formatMs(minMs)} to ${maxMs === null ? 'without end' : formatMs(maxMs)}`
}

interface Row {
  name: string
  median: string
  range: string
  runs: string
}

function rowsOf(repeat: RepeatRecord): Row[] {
  const figures = {
    Reaction: repeat.reactionMs,
    Repair: repeat.repairMs,
    Recovery: repeat.recoveryMs,
    Outage: repeat.outageMs,
  }
  return Object.entries(figures).map(([name, spread]) => ({
    name,
    median: spread === null ? 'did not happen' : medianText(spread),
    range: spread === null ? '–' : rangeText(spread),
    runs: `${spread?.runs ?? 0}`,
  }))
}

/** How many runs the set has, and the median outage with its spread. */
export function repeatHeadline(repeat: RepeatRecord): string {
  const valid = repeat.runs.filter(({ verdict }) => verdict !== 'invalid').length
  const of = valid === repeat.runs.length ? '' : `, ${valid} of them valid`
  const runs = `${capitalised(countOf(repeat.runs.length, 'run'))}${of}`
  const { outageMs } = repeat
  if (outageMs === null) return `${runs}: no outage could be measured.`
  return `${runs}: the median outage is ${medianText(outageMs)}, the spread ${rangeText(outageMs)}.`
}

function dominatingSentence({ dominating }: RepeatRecord): string | null {
  const timers = Object.entries(dominating).toSorted((a, b) => b[1] - a[1])
  if (timers.length === 0) return null
  const said = timers.map(([timer, runs]) => `${timerName(timer)} in ${countOf(runs, 'run')}`)
  return `Most of the outage was waited for ${listed(said)}.`
}

function savesSentence({ integrity }: RepeatRecord): string {
  const { acknowledgedWrites, lostWrites } = integrity
  return `${acknowledgedWrites} saves acknowledged in all, ${lostWrites === 0 ? 'none lost' : `${lostWrites} LOST`}.`
}

const heading = (repeat: RepeatRecord): string =>
  repeat.target === null ? '' : `, target ${repeat.target}`

function foundText({ found }: RepeatedClaim): string {
  return Object.entries(found)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${verdict} × ${count}`)
    .join(', ')
}

/** Begins with a second-level heading and ends with a line feed. */
export function renderRepeatMarkdown(repeat: RepeatRecord): string {
  const pace = paceNoteOf(repeat)
  const dominating = dominatingSentence(repeat)
  return [
    `## ${verdictSymbol[repeat.verdict]} ${repeat.verdict}: ${code(repeat.scenario)} on ${code(repeat.topology)}, ${countOf(repeat.runs.length, 'run')}${plain(heading(repeat))}`,
    '',
    `**${provenanceOf(repeat).text}**${pace === null ? '' : ` · **${pace}**`}`,
    '',
    plain(repeatHeadline(repeat)),
    ...(dominating === null ? [] : ['', plain(dominating)]),
    ...list('Problems', repeat.problems),
    '',
    ...table(
      ['Figure', 'Median', 'From least to most', 'Runs'],
      rowsOf(repeat).map(({ name, median, range, runs }) => [name, median, range, runs]),
    ),
    '',
    '### Claims, over all runs',
    '',
    ...table(
      ['Claim', 'Verdict', 'Accepted', 'In single runs', 'Promised', 'Found', 'Because'],
      repeat.claims.map((claim) => [
        code(claim.id),
        `${verdictSymbol[claim.verdict]} ${claim.verdict}`,
        claim.verdict === claim.accepted.verdict
          ? `= ${claim.accepted.verdict}`
          : `**≠ ${claim.accepted.verdict}**`,
        foundText(claim),
        plain(claim.expected),
        plain(claim.measured),
        plain(claim.because),
      ]),
    ),
    '',
    '### The runs',
    '',
    ...table(
      ['Run', 'Verdict', 'Outage', 'Recovery', 'Problems'],
      repeat.runs.map((run) => [
        code(run.runId),
        `${verdictSymbol[run.verdict]} ${run.verdict}`,
        run.outageMs === null ? '–' : formatInterval(run.outageMs),
        run.recoveryMs === null ? '–' : formatInterval(run.recoveryMs),
        plain(run.problems.join('; ')),
      ]),
    ),
    '',
    `Saves: ${plain(savesSentence(repeat))}`,
    '',
  ].join('\n')
}

const indented = (text: string, indent: string): string[] =>
  wrapped(harmless(text), columns - indent.length).map((line) => indent + line)

/** Several lines without a final line feed. */
export function renderRepeatText(repeat: RepeatRecord): string {
  const pace = paceNoteOf(repeat)
  const dominating = dominatingSentence(repeat)
  const verdict = `${verdictSymbol[repeat.verdict]} ${repeat.verdict.toUpperCase()}`
  return [
    harmless(`${verdict}  ${repeat.scenario} on ${repeat.topology}${heading(repeat)}`),
    `${provenanceOf(repeat).text}${pace === null ? '' : `; ${pace}`}`,
    '',
    ...indented(repeatHeadline(repeat), ''),
    ...(dominating === null ? [] : indented(dominating, '')),
    '',
    ...rowsOf(repeat).map(
      ({ name, median, range }) =>
        `  ${name.toLowerCase().padEnd(10)} ${median.padEnd(22)} ${range}`,
    ),
    ...(repeat.claims.length === 0 ? [] : ['', 'Claims, over all runs']),
    ...repeat.claims.flatMap((claim) => [
      harmless(
        `  ${verdictSymbol[claim.verdict]} ${claim.verdict.padEnd(12)} ${claim.id}  ${
          claim.verdict === claim.accepted.verdict
            ? 'as accepted'
            : `≠ accepted ${claim.accepted.verdict}`
        }`,
      ),
      ...indented(`promised ${claim.expected}; found ${claim.measured}`, '      '),
      ...indented(`because ${claim.because}`, '      '),
    ]),
    '',
    `Saves: ${savesSentence(repeat)}`,
    ...(repeat.problems.length === 0 ? [] : ['', 'Problems']),
    ...repeat.problems.flatMap((problem) => indented(problem, '  ')),
  ].join('\n')
}
