/**
 * The run in Markdown, for a pull-request comment or a CI summary: headline, figures, claims,
 * vantages, problems, and how to run it again. Text from the record cannot break out of its cell.
 */
import type { RunRecord } from '../harness/model/record.ts'
import { formatInterval } from '../harness/model/units.ts'
import {
  apiWritesSentence,
  clockSentence,
  explanationSentence,
  factLines,
  linkLines,
  splitBrainSentence,
} from './explanation.ts'
import { figuresOf, formatShare, isPartial } from './figures.ts'
import { floatingIpSentence } from './floating-ip.ts'
import { invariantSentences } from './invariants.ts'
import { code, list, plain, table } from './markdown.ts'
import {
  acceptanceOf,
  faultSentence,
  headlineOf,
  integritySentence,
  paceNoteOf,
  predictionSentence,
  provenanceOf,
  reproduceCommand,
  verdictSymbol,
} from './phrases.ts'

function outagesOf(vantage: RunRecord['vantages'][number]): string {
  const shown = vantage.outages
    .slice(0, 3)
    .map((outage) => `${formatInterval(outage.durationMs)}${isPartial(outage) ? ' (partial)' : ''}`)
  const more = vantage.outages.length - shown.length
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function explanationLines({ explanation }: RunRecord): string[] {
  if (!explanation) return []
  return [
    '',
    '### Why it took so long',
    '',
    plain(explanationSentence(explanation)),
    '',
    ...linkLines(explanation).map((line, index) => `${index + 1}. ${plain(line)}`),
    '',
    `**${plain(explanation.advice)}**`,
  ]
}

/** What interventions found out, one line for each. */
function factsOf({ faults }: RunRecord): string[] {
  const rows = faults.flatMap((fault) => {
    const facts = factLines(fault).map(([name, value]) => `${name} ${value}`)
    return facts.length === 0 ? [] : [`${faultSentence(fault)}: ${facts.join('; ')}`]
  })
  return list('What was found out on the way', rows)
}

/** Markdown that begins with a second-level heading and ends with a line feed. */
export function renderSummary(record: RunRecord): string {
  const pace = paceNoteOf(record)
  const prediction = predictionSentence(record)
  const figures = figuresOf(record)
  const floatingIp = floatingIpSentence(record)
  const [invariants, ...broken] = invariantSentences(record)
  const late = record.vantages.some((vantage) => vantage.late !== undefined) ? ['Late'] : []
  const lines = [
    `## ${verdictSymbol[record.verdict]} ${record.verdict}: ${code(record.scenario)} on ${code(record.topology)}`,
    '',
    `**${provenanceOf(record).text}**${pace === null ? '' : ` · **${pace}**`}`,
    '',
    plain(headlineOf(record)),
    '',
    plain(acceptanceOf(record)),
    ...(floatingIp === null ? [] : ['', plain(floatingIp)]),
    ...(invariants === undefined ? [] : ['', plain(invariants)]),
    ...(broken.length === 0 ? [] : ['', ...broken.map((sentence) => `- **${plain(sentence)}**`)]),
    ...list('Problems', record.problems),
    '',
    ...table(
      figures.map(({ name }) => name),
      [figures.map(({ text }) => text)],
    ),
    ...(prediction === null ? [] : ['', plain(prediction)]),
    ...explanationLines(record),
    '',
    '### Claims',
    '',
    ...table(
      ['Claim', 'Verdict', 'Accepted', 'Promised', 'Found', 'Because'],
      record.claims.map((claim) => [
        code(claim.id),
        `${verdictSymbol[claim.verdict]} ${claim.verdict}`,
        claim.verdict === claim.accepted.verdict
          ? `= ${claim.accepted.verdict}`
          : `**≠ ${claim.accepted.verdict}**`,
        plain(claim.expected),
        plain(claim.measured),
        plain(claim.because),
      ]),
    ),
    '',
    '### What clients saw',
    '',
    ...table(
      ['Vantage', 'Available', 'Outages', 'Failed', 'Slow', ...late],
      record.vantages.map((vantage) => [
        code(vantage.id),
        formatShare(vantage.availability),
        outagesOf(vantage),
        `${vantage.failed} of ${vantage.samples}`,
        `${vantage.slow}`,
        ...late.map(() => `${vantage.late ?? '–'}`),
      ]),
    ),
    '',
    `Saves: ${plain(integritySentence(record))}`,
    ...[apiWritesSentence(record), splitBrainSentence(record), clockSentence(record)].flatMap(
      (sentence) => (sentence === null ? [] : ['', plain(sentence)]),
    ),
    ...factsOf(record),
    ...list('Differences from the document', record.differences),
    '',
    'Run it again:',
    '',
    '```sh',
    reproduceCommand(record).replace(/\s+/g, ' '),
    '```',
    '',
  ]
  return lines.join('\n')
}
