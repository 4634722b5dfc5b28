/**
 * Why an outage lasted as long as it did, in words: the chain of what was waited for, the timer
 * that took most of it, and what would halve it. Beside it what else weakens or sharpens a run:
 * how far the nodes' clocks were apart, whether two truths were found, and answers that came late.
 * Records of versions that did not look have nothing to say here, and say nothing.
 */
import type { Explanation, FaultRecord, RunRecord } from '../harness/model/record.ts'
import { formatInterval, formatMs, type Interval } from '../harness/model/units.ts'
import { countOf, listed, timerName } from './phrases.ts'

export type ExplanationLink = Explanation['links'][number]

/** `84.2 %`; rounded to a tenth, for shares of one outage add up to a hundred. */
export function linkShare({ share }: Pick<ExplanationLink, 'share'>): string {
  const percent = Math.round(share * 1_000) / 10
  return `${percent === 0 && share > 0 ? '< 0.1' : percent} %`
}

/** `node-not-ready: 50 s (14.2 %), waiting for … --node-monitor-grace-period; cause`. */
export function linkLines({ links }: Explanation): string[] {
  return links.map((link) => {
    const timer = link.timer === null ? '' : `, waiting for ${timerName(link.timer)}`
    return `${link.name}: ${formatMs(link.toMs - link.fromMs)} (${linkShare(link)})${timer}; ${link.cause}`
  })
}

/** Which outage is explained, and the timer that took most of it. */
export function explanationSentence({ vantage, outageMs, dominating }: Explanation): string {
  const outage = `the longest outage of ${vantage}, ${formatInterval(outageMs)}`
  if (dominating === null) return `No timer took most of ${outage}.`
  return `${timerName(dominating.timer)} took most of ${outage}: ${formatMs(dominating.ms)} of the way from the fault to the first good answer, ${linkShare(dominating)}.`
}

/** The largest difference between two of all clocks: the nodes' and the run's own; null: not looked at. */
export function clockDifference({ clocks = [] }: RunRecord): Interval | null {
  if (clocks.length === 0) return null
  const all: Interval[] = [[0, 0], ...clocks.map(({ aheadMs }) => aheadMs)]
  const pairs = all.flatMap(([low, high], index) =>
    all.slice(index + 1).map(([otherLow, otherHigh]): Interval => {
      const apart = Math.max(low - otherHigh, otherLow - high)
      return [Math.max(0, apart), Math.max(high - otherLow, otherHigh - low)]
    }),
  )
  return pairs.reduce<Interval>(
    (most, one) => [Math.max(most[0], one[0]), Math.max(most[1], one[1])],
    [0, 0],
  )
}

export function clockSentence(record: RunRecord): string | null {
  const apart = clockDifference(record)
  if (apart === null) return null
  return `The clocks of ${countOf(record.clocks?.length ?? 0, 'node')} and of the run are at most ${formatMs(apart[1])} apart.`
}

/** What was looked at for two truths at once, and what was found; null: nobody looked. */
export function splitBrainSentence({ splitBrain }: RunRecord): string | null {
  if (splitBrain === undefined) return null
  const { looked, found } = splitBrain
  if (looked.length === 0) return 'For two truths at once nothing could be looked at.'
  const where = `Looked for two truths at once: ${listed(looked)}.`
  return found.length === 0 ? `${where} None found.` : `${where} FOUND: ${found.join('; ')}.`
}

/** Acknowledged API writes that are gone; null where that was not read. */
export function lostApiWrites({ integrity }: RunRecord): number | null {
  return integrity.apiWrites?.lost ?? null
}

/** Only where some are gone, or none is by etcd's own word; null where that was not read. */
export function apiWritesSentence(record: RunRecord): string | null {
  const lost = lostApiWrites(record)
  if (lost === null) return null
  const acknowledged = record.integrity.apiWrites?.acknowledged ?? 0
  return `API writes: ${acknowledged} acknowledged, ${lost === 0 ? 'none' : `${lost} LOST`} by etcd’s own history.`
}

/** `snapshotBytes` → `snapshot bytes`; a figure whose name ends in `Ms` is a duration. */
export function factLines({ facts = {} }: Pick<FaultRecord, 'facts'>): [string, string][] {
  return Object.entries(facts).map(([name, value]) => {
    const inMs = typeof value === 'number' && /Ms$/.test(name)
    const words = (inMs ? name.slice(0, -2) : name)
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .replace(/[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())
    const text =
      typeof value === 'boolean' ? (value ? 'yes' : 'no') : inMs ? formatMs(value) : `${value}`
    return [words, text]
  })
}
