/**
 * What is printed when a run is over: the verdict and its number, who held the floating IP, which
 * invariants held, the four figures, each claim, what was lost, what went wrong, where the report lies, and how to run it again.
 */
import chalk from 'chalk'
import type { ClaimResult, RunRecord, RunVerdict } from '../harness/model/record.ts'
import {
  apiWritesSentence,
  clockSentence,
  explanationSentence,
  linkLines,
  lostApiWrites,
  splitBrainSentence,
} from './explanation.ts'
import { figuresOf } from './figures.ts'
import { floatingIpSentence } from './floating-ip.ts'
import { invariantSentences } from './invariants.ts'
import {
  acceptanceOf,
  headlineOf,
  integritySentence,
  paceNoteOf,
  predictionSentence,
  provenanceOf,
  reproduceCommand,
  verdictSymbol,
} from './phrases.ts'
import { harmless, padded, wrapped } from './terminal-text.ts'

const columns = 100

const paint: Record<RunVerdict, (text: string) => string> = {
  confirmed: chalk.green,
  contradicted: chalk.red,
  undetermined: chalk.yellow,
  invalid: chalk.magenta,
}

function indented(text: string, indent: string): string[] {
  return wrapped(harmless(text), columns - indent.length).map((line) => indent + line)
}

function claimLines(claim: ClaimResult, idColumns: number): string[] {
  const { verdict, accepted } = claim
  const verdictText = paint[verdict](`${verdictSymbol[verdict]} ${padded(verdict, 12)}`)
  const comparison =
    verdict === accepted.verdict
      ? chalk.dim('as accepted')
      : chalk.bold(`≠ accepted ${accepted.verdict}`)
  return [
    `  ${verdictText} ${padded(harmless(claim.id), idColumns)}  ${comparison}`,
    ...indented(`promised ${claim.expected}; found ${claim.measured}`, '      '),
    ...indented(`because ${claim.because}`, '      ').map((line) => chalk.dim(line)),
  ]
}

function listLines(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return []
  return ['', chalk.bold(title), ...items.flatMap((item) => indented(item, '  '))]
}

function explanationLines({ explanation }: RunRecord): string[] {
  if (!explanation) return []
  return [
    '',
    chalk.bold('Why it took so long'),
    ...indented(explanationSentence(explanation), '  '),
    ...linkLines(explanation).flatMap((line, index) => {
      const [first = '', ...rest] = indented(`${index + 1} ${line}`, '    ')
      return [first, ...rest.map((one) => chalk.dim(one))]
    }),
    ...indented(explanation.advice, '  ').map((line) => chalk.bold(line)),
  ]
}

/** API writes, two truths and clocks: what was looked at when all was over. */
function lookedAfter(record: RunRecord): string[] {
  const bad = (lostApiWrites(record) ?? 0) > 0 || (record.splitBrain?.found.length ?? 0) > 0
  const sentences = [
    apiWritesSentence(record),
    splitBrainSentence(record),
    clockSentence(record),
  ].flatMap((sentence) => sentence ?? [])
  return sentences.flatMap((sentence) =>
    indented(sentence, '').map((line) => (bad && /LOST|FOUND/.test(line) ? chalk.red(line) : line)),
  )
}

/**
 * Several lines without a final line feed.
 *
 * @param directory of the run, as the user would type it
 */
export function renderResult(record: RunRecord, directory: string): string {
  const pace = paceNoteOf(record)
  const prediction = predictionSentence(record)
  const floatingIp = floatingIpSentence(record)
  const [invariants, ...broken] = invariantSentences(record)
  const idColumns = Math.max(0, ...record.claims.map(({ id }) => harmless(id).length))
  const verdict = `${verdictSymbol[record.verdict]} ${record.verdict.toUpperCase()}`
  const lost = !record.integrity.readBack || record.integrity.lostWrites > 0
  return [
    `${paint[record.verdict](chalk.bold(verdict))}  ${harmless(record.scenario)} on ${harmless(record.topology)}`,
    `${provenanceOf(record).text}${pace === null ? '' : chalk.yellow(`; ${pace}`)}`,
    '',
    ...indented(headlineOf(record), '').map((line) => chalk.bold(line)),
    ...indented(acceptanceOf(record), ''),
    ...(floatingIp === null ? [] : indented(floatingIp, '')),
    ...(invariants === undefined ? [] : indented(invariants, '')),
    ...broken.flatMap((sentence) => indented(sentence, '  ').map((line) => chalk.red(line))),
    '',
    ...figuresOf(record).map(({ name, text }) => `  ${padded(name.toLowerCase(), 10)} ${text}`),
    ...(prediction === null ? [] : indented(prediction, '  ')),
    ...explanationLines(record),
    ...(record.claims.length === 0 ? [] : ['', chalk.bold('Claims')]),
    ...record.claims.flatMap((claim) => claimLines(claim, idColumns)),
    '',
    `${chalk.bold('Saves')} ${lost ? chalk.red(integritySentence(record)) : integritySentence(record)}`,
    ...lookedAfter(record),
    ...listLines('Problems', record.problems),
    '',
    `Report:    ${harmless(`${directory.replace(/\/+$/, '')}/report.html`)}`,
    `Run again: ${harmless(reproduceCommand(record))}`,
  ].join('\n')
}
