/** The words that the page and the terminal share when they speak of a sweep. */
import type { Combination, Sweep, SweepSummary } from '../../harness/model/sweep.ts'
import { formatMs } from '../../harness/model/units.ts'
import { timerName } from '../phrases.ts'

export function headlineOfSweep(sweep: Sweep): string {
  const played = sweep.combinations.filter(({ refused }) => refused === null).length
  const seeds = sweep.seeds.to - sweep.seeds.from + 1
  return `${sweep.scenario} on ${sweep.topology}: ${played} combination${played === 1 ? '' : 's'} of timers, ${seeds} run${seeds === 1 ? '' : 's'} each`
}

/** `as planned` where nothing was varied. */
export const nameOf = ({ settings }: Pick<Combination, 'settings'>): string =>
  settings.length === 0 ? 'as planned' : settings.join(' ')

export const figureNames = ['min', 'p5', 'median', 'p95', 'p99', 'max'] as const

/** By the names above; `–` where no run says how long it was. */
export function figuresOfSummary({ outage }: SweepSummary): string[] {
  if (outage === null) return figureNames.map(() => '–')
  const { minMs, p5Ms, medianMs, p95Ms, p99Ms, maxMs } = outage
  return [minMs, p5Ms, medianMs, p95Ms, p99Ms, maxMs].map((ms) => (ms === 0 ? '0' : formatMs(ms)))
}

export const invalidRuns = ({ invalid }: SweepSummary): number =>
  invalid.reduce((sum, { runs }) => sum + runs, 0)

/** To the whole percent: it is the middle of many. */
export const percentOf = (share: number): string => `${Math.round(share * 100)} %`

/** `evicted took most (74 %) in 996 of 1000 runs, waiting for kube-apiserver --default-…` */
export function longestSentence(summary: SweepSummary, index: number): string {
  const longest = summary.longest[index]
  if (longest === undefined) return 'no outage, so nothing took most of it'
  const { step, timer, runs, share } = longest
  const waited = timer === null ? '' : `, waiting for ${timerName(timer)}`
  return `${step} took most (${percentOf(share)} in the middle) in ${runs} of ${summary.runs} runs${waited}`
}

export function sweepCommand(sweep: Sweep): string {
  const { scenario, topology, kubernetes, pace, target, set, vary, seeds } = sweep
  return [
    `pnpm sweep ${scenario} --topology ${topology} --pace ${pace}`,
    ...(kubernetes === undefined ? [] : [`--kubernetes ${kubernetes}`]),
    ...(target === null ? [] : [`--target ${target}`]),
    ...set.map((setting) => `--set ${setting}`),
    ...vary.map(({ name, values }) => `--vary ${name}=${values.join(',')}`),
    `--seeds ${seeds.from}..${seeds.to}`,
  ].join(' ')
}
