/** A sweep for a terminal: a line for each combination, and what took most of its outages. */
import chalk from 'chalk'
import type { Sweep } from '../../harness/model/sweep.ts'
import { paceNoteOf, provenanceOf } from '../phrases.ts'
import { aligned, harmless } from '../terminal-text.ts'
import {
  figureNames,
  figuresOfSummary,
  headlineOfSweep,
  invalidRuns,
  longestSentence,
  nameOf,
} from './phrases.ts'

const heads = ['combination', ...figureNames, 'no outage', 'invalid'] as const

/** Without a line feed at its end; `folder` is where the page lies. */
export function renderSweepText(sweep: Sweep, folder: string): string {
  const pace = paceNoteOf(sweep)
  const played = sweep.combinations.filter(({ refused }) => refused === null)
  const rows = played.map((combination) => {
    const { summary } = combination
    return [
      harmless(nameOf(combination)),
      ...figuresOfSummary(summary),
      `${summary.without}`,
      `${invalidRuns(summary)}`,
    ]
  })
  const [head = '', ...lines] = aligned([heads, ...rows])
  return [
    chalk.bold(headlineOfSweep(sweep)),
    `${provenanceOf(sweep).text}${pace === null ? '' : chalk.yellow(`; ${pace}`)}; seeds ${sweep.seeds.from}..${sweep.seeds.to}`,
    '',
    chalk.dim(head),
    ...played.flatMap(({ summary }, index) => [
      lines[index] ?? '',
      ...summary.longest.map((_, rank) => `  ${harmless(longestSentence(summary, rank))}`),
      ...summary.invalid.map(({ why, runs }) => `  ${runs} invalid: ${harmless(why)}`),
    ]),
    ...sweep.combinations.flatMap((combination) =>
      combination.refused === null
        ? []
        : [`${harmless(nameOf(combination))}: not played, ${harmless(combination.refused)}`],
    ),
    '',
    `Page: ${harmless(`${folder.replace(/\/+$/, '')}/sweep.html`)}`,
  ].join('\n')
}
