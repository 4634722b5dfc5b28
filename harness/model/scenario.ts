/**
 * What may happen: faults on targets chosen by role, what to wait for, and the claims that a run
 * of it can speak to. Pure data; the conductor gives it time.
 */
import type { Timers } from './timers.ts'
import type { Component } from './topology.ts'

/** A capability that a provider may have. A missing one makes a claim undetermined. */
export type Capability =
  | 'power'
  | 'process'
  | 'network'
  | 'loadBalancer'
  | 'floatingIp'
  | 'etcd'
  | 'storage'

/**
 * What is done to a machine or a process.
 * `power.kill` cuts the power (nothing is flushed, the address goes silent); `power.stop` shuts
 * down in order; `power.reboot` shuts down in order and starts again by itself; `power.pause`
 * freezes; `process.kubelet-stop` stops the unit, so systemd does not bring it back;
 * `process.container-kill` kills one container of a pod. Those of `network` act on the link between
 * the nodes of two sites and on nothing else: `cut` both ways, `cut-one-way` from the first named
 * to the second, `loss` of a share of the packets, `delay` of each of them.
 */
export type FaultKind =
  | 'power.kill'
  | 'power.stop'
  | 'power.reboot'
  | 'power.pause'
  | 'process.kubelet-stop'
  | 'process.container-kill'
  | 'network.cut'
  | 'network.cut-one-way'
  | 'network.loss'
  | 'network.delay'

/** Who is hit, found when the drill is about to begin. A node may also be named outright. */
export type TargetRole =
  | 'worker-with-database'
  | 'control-plane-that-answered-last'
  | 'control-plane'
  | 'floating-ip-holder'

export interface FaultPlan {
  id: string
  kind: FaultKind
  /** A role, `node:NAME`, or `link:SITE/SITE`, with names from the topology. */
  target: TargetRole | `node:${string}` | `link:${string}/${string}`
  /** For `process.container-kill`: the workload component; 'database' where absent. */
  component?: Component
  /** For `network.loss`: of a hundred packets, each way. */
  lossPercent?: number
  /** For `network.delay`: added to each packet, each way. */
  delayMs?: number
}

/** What ends the observe and settle phases before their bound. */
export type Goal =
  /** A pod of every workload component that was on the hit node is Ready elsewhere. */
  | 'workload-repaired'
  /** Every vantage that does not run through the hit node has been good for the stable time. */
  | 'vantages-good'
  /** The load balancer has said DOWN of the hit control plane. */
  | 'lb-down'
  /** The hit node is marked NotReady. */
  | 'node-not-ready'
  /** The hit node is Ready again. */
  | 'node-ready'
  /** The load balancer has said UP of the hit control plane. */
  | 'lb-up'
  /** The fault has held for `watchedMs` of the timers. */
  | 'watched'
  /** Every vantage, those through the hit node too, has been good for the stable time. */
  | 'every-vantage-good'

export interface Scenario {
  name: string
  title: string
  /** The what-if, in the words of an operator. */
  whatIf: string
  needs: readonly Capability[]
  /** Topologies on which it makes sense; the first is the default. */
  topologies: readonly string[]
  faults: readonly FaultPlan[]
  /** All must hold, and stay, for the observe phase to end. */
  observeUntil: readonly Goal[]
  settleUntil: readonly Goal[]
  /** Topologies, by name, on which other goals can be reached; these replace both lists. */
  goalsOn?: Readonly<Record<string, Goals>>
}

export interface Goals {
  observeUntil: readonly Goal[]
  settleUntil: readonly Goal[]
}

/** The goals of a scenario on one topology: those in `goalsOn`, else the scenario's own. */
export function goalsOf(scenario: Scenario, topology: string): Goals {
  const { observeUntil, settleUntil } = scenario.goalsOn?.[topology] ?? scenario
  return { observeUntil, settleUntil }
}

/**
 * How long a fault is watched where nothing is expected to answer it: as long as a lost node
 * would take to be noticed and its pods evicted, so that silence is not mistaken for patience.
 */
export function watchedMs(timers: Timers): number {
  return timers.nodeMonitorGraceMs + timers.nodeMonitorPeriodMs + timers.unreachableTolerationMs
}
