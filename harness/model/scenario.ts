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
  /** A store that keeps several copies of a volume and needs most of them. */
  | 'storage'

/**
 * What is done to a machine, a process or a cluster.
 * `power.kill` cuts the power (nothing is flushed, the address goes silent); `power.stop` shuts
 * down in order; `power.reboot` ends the services, then the machine, and starts it again; `power.pause`
 * freezes; `process.kubelet-stop` stops the unit, so systemd does not bring it back;
 * `process.container-kill` kills one container of a pod. Those of `network` act on the link between
 * the nodes of two sites and on nothing else: `cut` both ways, `cut-one-way` from the first named
 * to the second, `loss` of a share of the packets, `delay` of each of them; `network.route` gives
 * one node a route that leads astray, as a mistyped subnet mask does. Those of `operator` are what
 * a person does: see `isIntervention`.
 */
export const faultKinds = [
  'power.kill',
  'power.stop',
  'power.reboot',
  'power.pause',
  'process.kubelet-stop',
  'process.container-kill',
  'network.cut',
  'network.cut-one-way',
  'network.loss',
  'network.delay',
  'network.route',
  /** Deletes the pod of `component` in order, as a roll-out or a drain would. */
  'operator.pod-delete',
  /** Deletes what is stuck Terminating on a lost node by force, outside the excepted namespaces. */
  'operator.force-delete',
  /** Removes the workload's images from every node but the target, so that they must be pulled. */
  'operator.forget-images',
  /** Cordon, drain, delete node, remove etcd member, uninstall. */
  'operator.eject',
  /** Two control planes that were taken out join again at the same time. */
  'operator.join-together',
  /** An etcd snapshot, and what goes with it, into an object store off the cluster. */
  'operator.backup',
  /** The control plane is made anew on the target from that backup. */
  'operator.restore',
  /** The API is to be reached at another address: a load balancer, or another one. */
  'operator.move-load-balancer',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** What a person does on purpose. It is not undone at the heal: it ends by itself, or lasts. */
export const isIntervention = (kind: FaultKind): boolean => kind.startsWith('operator.')

/** Ends by itself, so it need not hold until the heal. */
export const isPassing = (kind: FaultKind): boolean =>
  kind === 'power.reboot' || kind === 'process.container-kill' || isIntervention(kind)

/** Takes a whole machine away. */
export const losesNode = (kind: FaultKind): boolean => kind.startsWith('power.')

/** Who is hit, found when the drill is about to begin. A node may also be named outright. */
export const targetRoles = [
  'worker-with-database',
  'worker-with-page',
  'worker-with-reporting',
  /** The first worker that was not hit yet and does not run the database. */
  'another-worker',
  /** A worker of another site than the first control plane. */
  'worker-at-another-site',
  'control-plane-that-answered-last',
  'control-plane',
  'floating-ip-holder',
  'etcd-leader',
  /** The first control plane that does not lead etcd. */
  'etcd-follower',
  /** The node whose controller manager holds the Lease. */
  'lease-holder',
  'load-balancer',
  /** The node that the first fault of this run hit. */
  'hit-node',
] as const

export type TargetRole = (typeof targetRoles)[number]

export type FaultTarget =
  | TargetRole
  | `node:${string}`
  | `site:${string}`
  | `link:${string}/${string}`

export interface FaultPlan {
  id: string
  kind: FaultKind
  /**
   * A role, `node:NAME`, `site:NAME` or `link:SITE/SITE`, with names from the topology. In a plan
   * there is no site any more: each of its nodes has a fault of its own, in one group.
   */
  target: FaultTarget
  /** For `process.container-kill` and `operator.pod-delete`: the component; 'database' if absent. */
  component?: Component
  /** For `network.loss`: of a hundred packets, each way. */
  lossPercent?: number
  /** For `network.delay`: added to each packet, each way. */
  delayMs?: number
  /** Must hold before it is injected; absent: nothing is waited for. */
  after?: readonly Goal[]
  /** Must hold after its undo before the fault that came before it is undone. */
  afterUndo?: readonly Goal[]
  /**
   * Faults of one group are injected at once, and undone at once; where one of them has
   * `afterUndo` they are undone one after another instead, in reverse, with its waits between.
   */
  group?: string
  /** Never undone: the cluster is used up by it, and removed after the run. */
  lasting?: boolean
}

/** What ends the observe and settle phases before their bound. */
export type Goal =
  /** A pod of every workload component that was on a hit node is Ready elsewhere, where it may be. */
  | 'workload-repaired'
  /** Every workload component has its wanted number of Ready pods, wherever they are. */
  | 'workload-whole'
  /**
   * Every vantage that does not run through a hit node, or to what may run on hit nodes alone, has
   * been good for the stable time, all of it after the last fault or heal.
   */
  | 'vantages-good'
  /** The load balancer has said DOWN of the hit control planes. */
  | 'lb-down'
  /** The hit nodes are marked NotReady. */
  | 'node-not-ready'
  /** The hit nodes are Ready again. */
  | 'node-ready'
  /** The load balancer has said UP of the hit control planes. */
  | 'lb-up'
  /** No way to the API through the load balancer, or to the only API server, answers. */
  | 'api-lost'
  /** The last fault has held for `watchedMs` of the timers; in settle: healed for so long. */
  | 'watched'
  /** The last fault has held for `aWhileMs`; in settle: healed for so long. */
  | 'a-while'
  /** Every vantage, those through the hit node too, has been good for the stable time. */
  | 'every-vantage-good'

/** What is done and what is waited for. */
export interface Course {
  /** In the order of injection; undone in reverse. */
  faults: readonly FaultPlan[]
  /** All must hold, and stay, for the observe phase to end. */
  observeUntil: readonly Goal[]
  settleUntil: readonly Goal[]
}

export interface Scenario extends Course {
  name: string
  title: string
  /** The what-if, in the words of an operator. */
  whatIf: string
  needs: readonly Capability[]
  /** Topologies on which it makes sense; the first is the default. */
  topologies: readonly string[]
  /** Topologies, by name, on which the course is another in these respects. */
  on?: Readonly<Record<string, Partial<Course>>>
  /** Further values of `--target`, by topology, that the matrix plays beside the scenario's own. */
  targets?: Readonly<Record<string, readonly string[]>>
}

/** The course of a scenario on one topology. */
export function courseOn(scenario: Scenario, topology: string): Course {
  const { faults, observeUntil, settleUntil } = scenario
  return { faults, observeUntil, settleUntil, ...scenario.on?.[topology] }
}

/** Faults in the order given, those of one group together. */
export function groupsOf<T extends { id: string; group?: string | undefined }>(
  faults: readonly T[],
): T[][] {
  const groups = new Map<string, T[]>()
  for (const fault of faults) {
    const key = fault.group === undefined ? `fault ${fault.id}` : `group ${fault.group}`
    const group = groups.get(key)
    if (group) group.push(fault)
    else groups.set(key, [fault])
  }
  return [...groups.values()]
}

/**
 * A group as it is undone: all at once, or one by one in reverse where one of it has `afterUndo`.
 * `planned` gives the fault of a member.
 */
export function turnsOf<T>(group: readonly T[], planned: (member: T) => FaultPlan): T[][] {
  const waits = group.some((member) => (planned(member).afterUndo ?? []).length > 0)
  return waits ? group.toReversed().map((member) => [member]) : [[...group]]
}

/**
 * How a machine that is rebooted ends: its services have `servicesMs` to end in order (an API server
 * without etcd would take longer), then its kernel refuses connections for `refusesMs`. Document 004
 * saw three checks refused, two seconds apart; a container alone would be through before the third.
 */
export const rebootEnds = { servicesMs: 2_000, refusesMs: 8_000 } as const

/** Once a lost node's pods were evicted: until it shows what becomes of those in their place. */
const aftermathMs = 5_000

/**
 * How long a fault is watched where nothing is expected to answer it: as long as a lost node
 * would take to be noticed and its pods evicted, and a little longer, so that silence is not
 * mistaken for patience.
 */
export function watchedMs(timers: Timers): number {
  const { nodeMonitorGraceMs, nodeMonitorPeriodMs, unreachableTolerationMs } = timers
  return nodeMonitorGraceMs + nodeMonitorPeriodMs + unreachableTolerationMs + aftermathMs
}

/**
 * How long something is watched that answers at once or not at all: twice the time in which a lost
 * node is noticed, and no less than ten seconds.
 */
export function aWhileMs(timers: Timers): number {
  return Math.max(10_000, 2 * timers.nodeMonitorGraceMs)
}
