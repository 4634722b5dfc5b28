/**
 * Reads `--set timer=value` into timers, and says everything that is wrong with the result:
 * unknown names, values that are no durations, and combinations that Kubernetes refuses or that
 * would make a healthy node look dead.
 */
import leven from 'leven'
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

export interface TimerSettings {
  timers: Timers
  changed: TimerName[]
  problems: string[]
}

/** `settings` are the `name=value` texts as given, in order; the later one wins. */
export function resolveTimers(pace: Pace, settings: readonly string[]): TimerSettings {
  const timers = timersOf(pace)
  const changed = new Set<TimerName>()
  const problems: string[] = []
  for (const setting of settings) {
    const at = setting.indexOf('=')
    const name = at < 0 ? setting : setting.slice(0, at)
    const known = timerNames.find((candidate) => candidate === name)
    if (at < 0) {
      problems.push(
        `--set ${setting}: a timer is set as name=value, such as nodeMonitorGraceMs=20s`,
      )
      continue
    }
    if (!known) {
      const offer = nearest(name, timerNames)
      problems.push(
        `--set ${setting}: there is no timer '${name}'${offer ? `; did you mean '${offer}'?` : ''} (timers: ${timerNames.join(', ')})`,
      )
      continue
    }
    const valueMs = parseDurationMs(setting.slice(at + 1))
    if (valueMs === null) {
      problems.push(`--set ${setting}: the value is a duration such as 500ms, 20s or 5m`)
      continue
    }
    if (valueMs <= 0) {
      problems.push(`--set ${setting}: ${known} must be longer than nothing`)
      continue
    }
    if (timerFacts[known].wholeSeconds && valueMs % 1_000 !== 0) {
      problems.push(`--set ${setting}: ${timerFacts[known].setBy} takes whole seconds only`)
      continue
    }
    timers[known] = valueMs
    changed.add(known)
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
