/** A quiet sweep for a terminal: how often nodes that live are taken for dead, and pods evicted. */
import chalk from 'chalk'
import type { Quiet, QuietCombination } from '../harness/model/quiet.ts'
import { paceNoteOf, provenanceOf } from './phrases.ts'
import { nameOf } from './sweep/phrases.ts'
import { aligned, harmless } from './terminal-text.ts'

/** Three digits, and no more zeros than it takes. */
const rounded = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : `${Number(value.toPrecision(3))}`

const percent = (share: number): string => `${rounded(share * 100)} %`

function chanceText({
  runs,
  share,
  interval: [lower, upper],
}: QuietCombination['notReady']): string {
  return runs === 0
    ? `none seen, below ${percent(upper)}`
    : `${percent(share)} (${percent(lower)} to ${percent(upper)})`
}

/** Without a line feed at its end. */
export function renderQuiet(quiet: Quiet): string {
  const { topology, hours, nodes, seeds, combinations } = quiet
  const pace = paceNoteOf(quiet)
  const time = hours === 1 ? 'an hour' : `${hours} h`
  const heads = [
    'combination',
    `a node NotReady in ${time}`,
    'a year of a node',
    `pods evicted in ${time}`,
    'a year of a node',
  ]
  const rows = combinations
    .filter(({ refused }) => refused === null)
    .map((combination) => [
      harmless(nameOf(combination)),
      chanceText(combination.notReady),
      rounded(combination.notReadyPerNodeYear),
      chanceText(combination.evicted),
      rounded(combination.podsEvictedPerNodeYear),
    ])
  const [head = '', ...lines] = aligned([heads, ...rows])
  const runs = seeds.to - seeds.from + 1
  return [
    chalk.bold(`${topology}, where nothing is broken: how often a node is taken for dead`),
    `${provenanceOf(quiet).text}${pace === null ? '' : chalk.yellow(`; ${pace}`)}; ${runs} runs of ${time} with ${nodes} nodes each, seeds ${seeds.from}..${seeds.to}; in brackets 95 % confidence`,
    '',
    chalk.dim(head),
    ...lines,
    ...combinations.flatMap((combination) =>
      combination.refused === null
        ? []
        : [`${harmless(nameOf(combination))}: not played, ${harmless(combination.refused)}`],
    ),
  ].join('\n')
}
