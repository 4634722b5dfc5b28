/**
 * Reads the timers back from the running components and compares them with the plan. A setting can
 * be dropped without a word, as kubeadm does with patches, and then a cluster runs on timers that
 * nobody planned: a run on it would be measured against the wrong promise, so it is refused.
 */

import { type TimerName, type Timers, timerFacts } from '../../model/timers.ts'
import { formatMs } from '../../model/units.ts'
import type { KubeletTimers } from './distribution.ts'
import { parseDurationMs } from './go-duration.ts'

/** Which flag of which process carries a timer. */
const flags: Partial<
  Record<TimerName, { process: string; flag: string; unit: 'go' | 'seconds' }[]>
> = {
  notReadyTolerationMs: [
    { process: 'kube-apiserver', flag: 'default-not-ready-toleration-seconds', unit: 'seconds' },
  ],
  unreachableTolerationMs: [
    { process: 'kube-apiserver', flag: 'default-unreachable-toleration-seconds', unit: 'seconds' },
  ],
  nodeMonitorPeriodMs: [
    { process: 'kube-controller-manager', flag: 'node-monitor-period', unit: 'go' },
  ],
  nodeMonitorGraceMs: [
    { process: 'kube-controller-manager', flag: 'node-monitor-grace-period', unit: 'go' },
  ],
  leaderLeaseDurationMs: election('leader-elect-lease-duration'),
  leaderRenewDeadlineMs: election('leader-elect-renew-deadline'),
  leaderRetryPeriodMs: election('leader-elect-retry-period'),
}

function election(flag: string) {
  return ['kube-controller-manager', 'kube-scheduler'].map((process) => ({
    process,
    flag,
    unit: 'go' as const,
  }))
}

/** One sentence for each timer that is not as planned. */
export interface TimerReading {
  /** Of a component that does not run now, as one that the kubelet is about to start again. */
  unread: string[]
  other: string[]
}

/**
 * `processes` are the command lines of one control plane's components, `kubelet` the kubelet's own
 * account of its configuration. A flag that is absent stands for the default of Kubernetes 1.34.
 */
export function timerDifferences(
  planned: Timers,
  node: string,
  processes: readonly string[],
  kubelet: KubeletTimers | null,
): TimerReading {
  const unread: string[] = []
  const other: string[] = []
  const compare = (name: TimerName, inForceMs: number | null, where: string) => {
    if (inForceMs === planned[name]) return
    const seen = inForceMs === null ? 'cannot be read' : `is ${formatMs(inForceMs)}`
    other.push(`${name} ${seen} in ${where} on ${node}, planned ${formatMs(planned[name])}`)
  }
  for (const [name, places] of Object.entries(flags) as [TimerName, (typeof flags)[TimerName]][]) {
    for (const { process, flag, unit } of places ?? []) {
      const line = processes.find((candidate) => isProcess(candidate, process))
      if (!line) {
        unread.push(`${process} does not run on ${node}, so ${name} cannot be read back`)
        continue
      }
      const text = flagText(line, flag)
      const inForceMs = text === null ? timerFacts[name].defaultMs : valueMs(text, unit)
      compare(name, inForceMs, process)
    }
  }
  if (kubelet) {
    compare('nodeStatusUpdateMs', parseDurationMs(kubelet.nodeStatusUpdateFrequency), 'kubelet')
    compare('nodeLeaseDurationMs', kubelet.nodeLeaseDurationSeconds * 1_000, 'kubelet')
  }
  return { unread, other }
}

function isProcess(commandLine: string, name: string): boolean {
  const file = commandLine.trim().split(/\s+/)[0] ?? ''
  return file === name || file.endsWith(`/${name}`)
}

/** A flag's value is joined to it by `=` or follows it as a word. Null when it is absent. */
function flagText(commandLine: string, flag: string): string | null {
  return new RegExp(`--${flag}(?:=|\\s+)(\\S+)`).exec(commandLine)?.[1] ?? null
}

function valueMs(text: string, unit: 'go' | 'seconds'): number | null {
  if (unit === 'go') return parseDurationMs(text)
  return /^\d+$/.test(text) ? Number(text) * 1_000 : null
}
