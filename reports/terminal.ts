/**
 * What is printed when a run is over: the verdict and its number, who held the floating IP, which
 * invariants held, the four figures, each claim, what was lost, what went wrong, where the report lies, and how to run it again.
 */
import chalk from 'chalk'
import type { ClaimResult, RunRecord, RunVerdict } from '../harness/model/record.ts'
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
    ...(record.claims.length === 0 ? [] : ['', chalk.bold('Claims')]),
    ...record.claims.flatMap((claim) => claimLines(claim, idColumns)),
    '',
    `${chalk.bold('Saves')} ${lost ? chalk.red(integritySentence(record)) : integritySentence(record)}`,
    ...listLines('Problems', record.problems),
    '',
    `Report:    ${harmless(`${directory.replace(/\/+$/, '')}/report.html`)}`,
    `Run again: ${harmless(reproduceCommand(record))}`,
  ].join('\n')
}
