/**
 * Reads `--set timer=value` into timers, and says everything that is wrong with the result:
 * unknown names, values that are no durations, and combinations that Kubernetes refuses or that
 * would make a healthy node look dead.
 */
import leven from 'leven'
import type { Release } from '../model/release.ts'
import {
  type Pace,
  type TimerName,
  type Timers,
  timerFacts,
  timerNames,
  timersOf,
} from '../model/timers.ts'
import { formatMs } from '../model/units.ts'

/** `90s`, `1.5s`, `500ms`, `5m`: what a duration looks like on the command line. */
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m)$/
const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 }

/** To the whole millisecond, so that 4.1 minutes are not a hair less. Null when it is none. */
export function parseDurationMs(text: string): number | null {
  const match = durationPattern.exec(text.trim())
  if (!match) return null
  return Math.round(Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN))
}

/** The known name nearest to a mistyped one, or null when none is near enough to offer. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(3, Math.ceil(name.length / 2))
  for (const candidate of known) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Both tolerations by the name that they have in a pod. */
const bothTolerations = 'tolerationSeconds'

/** `--node-monitor-grace-period`, without its dashes: what a timer is called where it is set. */
const nameWhereSet = (name: TimerName): string =>
  (timerFacts[name].setBy.split(' ').at(-1) ?? '').replace(/^--/, '')

/** Timers by our name, by that of the flag or field that sets them, or both tolerations; empty: none. */
function timersNamed(text: string): TimerName[] {
  if (text === bothTolerations) return ['notReadyTolerationMs', 'unreachableTolerationMs']
  return timerNames.filter((name) => name === text || nameWhereSet(name) === text)
}

export interface TimerChange {
  timers: readonly TimerName[]
  valueMs: number
}

/** What one `name=value` changes, or what is wrong with it; `flag` is how it was given. */
export function readSetting(setting: string, flag = '--set'): TimerChange | { problem: string } {
  const problem = (text: string) => ({ problem: `${flag} ${setting}: ${text}` })
  const at = setting.indexOf('=')
  if (at < 0) return problem('a timer is set as name=value, such as nodeMonitorGraceMs=20s')
  const name = setting.slice(0, at)
  const timers = timersNamed(name)
  const [first] = timers
  if (!first) {
    const offer = nearest(name, [...timerNames, ...timerNames.map(nameWhereSet), bothTolerations])
    return problem(
      `there is no timer '${name}'${offer ? `; did you mean '${offer}'?` : ''} (timers: ${timerNames.join(', ')})`,
    )
  }
  const valueMs = parseDurationMs(setting.slice(at + 1))
  if (valueMs === null) return problem('the value is a duration such as 500ms, 20s or 5m')
  if (valueMs <= 0) return problem(`${name} must be longer than nothing`)
  if (timerFacts[first].wholeSeconds && valueMs % 1_000 !== 0) {
    return problem(`${timerFacts[first].setBy} takes whole seconds only`)
  }
  return { timers, valueMs }
}

export interface TimerSettings {
  timers: Timers
  changed: TimerName[]
  problems: string[]
}

/** `settings` are the `name=value` texts as given, in order; the later one wins. */
export function resolveTimers(
  pace: Pace,
  settings: readonly string[],
  release: Release | null = null,
): TimerSettings {
  const timers = timersOf(pace, release)
  const changed = new Set<TimerName>()
  const problems: string[] = []
  for (const setting of settings) {
    const read = readSetting(setting)
    if ('problem' in read) {
      problems.push(read.problem)
      continue
    }
    for (const name of read.timers) {
      timers[name] = read.valueMs
      changed.add(name)
    }
  }
  problems.push(...contradictions(timers))
  return { timers, changed: [...changed], problems }
}

function contradictions(timers: Timers): string[] {
  const problems: string[] = []
  const needs = (holds: boolean, text: string) => {
    if (!holds) problems.push(text)
  }
  const t = (name: TimerName) => `${name} (${formatMs(timers[name])})`
  needs(
    timers.nodeMonitorGraceMs > timers.nodeStatusUpdateMs &&
      timers.nodeMonitorGraceMs > timers.nodeLeaseDurationMs / 4,
    `${t('nodeMonitorGraceMs')} must be longer than a heartbeat: ${t('nodeStatusUpdateMs')} and a quarter of ${t('nodeLeaseDurationMs')}`,
  )
  needs(
    timers.nodeMonitorPeriodMs < timers.nodeMonitorGraceMs,
    `${t('nodeMonitorPeriodMs')} must be shorter than ${t('nodeMonitorGraceMs')}`,
  )
  for (const [lease, deadline, retry] of [
    ['leaderLeaseDurationMs', 'leaderRenewDeadlineMs', 'leaderRetryPeriodMs'],
    ['floatingIpLeaseDurationMs', 'floatingIpRenewDeadlineMs', 'floatingIpRetryPeriodMs'],
  ] as const) {
    needs(timers[lease] > timers[deadline], `${t(lease)} must be longer than ${t(deadline)}`)
    needs(
      timers[deadline] > 1.2 * timers[retry],
      `${t(deadline)} must be longer than 1.2 × ${t(retry)}`,
    )
  }
  return problems
}
