/**
 * Turns names and options into a plan, or into the list of everything that is wrong with them.
 * Nothing outside is looked at and nothing is touched: what a provider can do is found out later.
 */
import { behindEnvoy } from '../model/envoy.ts'
import { hashOf } from '../model/hash.ts'
import { sharedByMemberlist } from '../model/memberlist.ts'
import type { Plan, ProbePlan, ProviderName } from '../model/plan.ts'
import { type Release, releaseNamed, releases } from '../model/release.ts'
import { type Course, courseOn, type Scenario } from '../model/scenario.ts'
import { type Pace, paces, type Timers } from '../model/timers.ts'
import type { Topology } from '../model/topology.ts'
import { aim } from './aim.ts'
import { boundsOf } from './bounds.ts'
import { nearest, resolveTimers } from './timer-settings.ts'

export interface PlanRequest {
  scenario: string
  topology: string | null
  provider: ProviderName
  /** The release of a simulated cluster, as `v1.31`; absent: the usual one. */
  kubernetes?: string | undefined
  /** What stands before the API servers of a simulated cluster; absent: the document's HAProxy. */
  balancer?: string | undefined
  /** What shares the floating IP of a simulated cluster; absent: as the topology says. */
  floatingIp?: string | undefined
  pace: string
  set: readonly string[]
  /** A node, a site or a role in place of the scenario's own; null: the scenario's own. */
  target: string | null
  seed: number
  harnessVersion: string
}

export interface Catalogue {
  scenarios: readonly Scenario[]
  topologies: readonly Topology[]
}

/** A plan that no run has been opened for yet. */
export type Draft = Omit<Plan, 'runId'>

export type Compiled = { plan: Draft; problems: [] } | { plan: null; problems: string[] }

export function compile(request: PlanRequest, catalogue: Catalogue): Compiled {
  const problems: string[] = []
  const scenario = byName('scenario', request.scenario, catalogue.scenarios, problems)
  const topologyName = request.topology ?? scenario?.topologies[0] ?? null
  const drawn =
    topologyName === null ? null : byName('topology', topologyName, catalogue.topologies, problems)
  const balanced = drawn && balancedAsAsked(drawn, request, problems)
  const topology = balanced && sharedAsAsked(balanced, request, problems)
  if (scenario && topology && !scenario.topologies.includes(topology.name)) {
    problems.push(
      `scenario '${scenario.name}' makes no sense on topology '${topology.name}'; it runs on ${scenario.topologies.join(', ')}`,
    )
  }
  const pace = paces.find((known) => known === request.pace)
  if (!pace) problems.push(`--pace ${request.pace}: a pace is one of ${paces.join(', ')}`)
  const release = releaseAsked(request, problems)
  const settings = resolveTimers(pace ?? 'documented', request.set, release)
  problems.push(...settings.problems)
  const course =
    scenario && topology ? courseAt(scenario, topology, request.target, problems) : null
  if (problems.length > 0 || !scenario || !topology || !pace || !course) {
    return { plan: null, problems }
  }
  const plan: Draft = {
    schema: 'clusterdrill/plan/v1',
    clusterName: clusterNameOf(
      request.provider,
      topology.name,
      pace,
      settings.timers,
      settings.changed.length > 0,
    ),
    scenario,
    topology,
    provider: request.provider,
    ...(release ? { kubernetes: release.name } : {}),
    pace,
    changedTimers: settings.changed,
    timers: settings.timers,
    seed: request.seed,
    probe: probeOf(pace),
    bounds: boundsOf(settings.timers, course),
    target: request.target,
    ...course,
    harnessVersion: request.harnessVersion,
  }
  return { plan, problems: [] }
}

/** Null where none was asked for, or where it cannot be had. */
function releaseAsked({ kubernetes, provider }: PlanRequest, problems: string[]): Release | null {
  if (kubernetes === undefined) return null
  const said = `--kubernetes ${kubernetes}`
  if (provider !== 'sim') {
    problems.push(
      `${said}: a cluster on ${provider} is of the release of its images; --provider sim can be of another`,
    )
    return null
  }
  const release = releaseNamed(kubernetes)
  if (!release) {
    problems.push(`${said}: the model knows ${releases.map(({ name }) => name).join(', ')}`)
  }
  return release
}

function balancedAsAsked(
  topology: Topology,
  { balancer, provider }: PlanRequest,
  problems: string[],
): Topology {
  if (balancer === undefined) return topology
  const said = `--balancer ${balancer}`
  if (balancer !== 'haproxy' && balancer !== 'envoy') {
    problems.push(`${said}: a load balancer is one of haproxy, envoy`)
  } else if (provider !== 'sim') {
    problems.push(
      `${said}: a cluster on ${provider} has the HAProxy of its document; --provider sim can have Envoy`,
    )
  } else if (topology.loadBalancer === null) {
    problems.push(`${said}: topology '${topology.name}' has no load balancer`)
  }
  return balancer === 'envoy' ? behindEnvoy(topology) : topology
}

/** A topology that declares MetalLB's own way is refused as well as one that is asked for it. */
function sharedAsAsked(
  topology: Topology,
  { floatingIp, provider }: PlanRequest,
  problems: string[],
): Topology {
  const declared = topology.floatingIp?.sharedBy === 'memberlist'
  if (floatingIp === undefined && !declared) return topology
  const said =
    floatingIp === undefined
      ? `topology '${topology.name}' shares its floating IP by memberlist`
      : `--floating-ip ${floatingIp}`
  if (floatingIp !== undefined && floatingIp !== 'memberlist') {
    problems.push(`${said}: it can be memberlist, which is MetalLB's own way`)
  } else if (topology.floatingIp?.documented !== 'MetalLB') {
    problems.push(`${said}: topology '${topology.name}' has no MetalLB`)
  } else if (provider !== 'sim') {
    problems.push(
      `${said}: a cluster on ${provider} has keepalived in the place of MetalLB; --provider sim can have memberlist`,
    )
  }
  return sharedByMemberlist(topology)
}

function courseAt(
  scenario: Scenario,
  topology: Topology,
  target: string | null,
  problems: string[],
): Course {
  const course = courseOn(scenario, topology.name)
  const { faults } = course
  return { ...course, faults: aim({ scenario: scenario.name, faults, topology, target }, problems) }
}

/** The thing of that name, or null with a problem that offers the nearest name. */
export function byName<T extends { name: string }>(
  kind: string,
  name: string,
  known: readonly T[],
  problems: string[],
): T | null {
  const found = known.find((candidate) => candidate.name === name)
  if (found) return found
  const names = known.map((candidate) => candidate.name)
  const offer = nearest(name, names)
  problems.push(
    `there is no ${kind} '${name}'${offer ? `; did you mean '${offer}'?` : ''} (${names.join(', ')})`,
  )
  return null
}

/**
 * Clusters with different timers are different clusters, so a standing one is never mistaken for
 * another: the pace is in the name, and a short mark of the timers where `--set` changed any. A
 * simulated one never has the name of a real one.
 */
export function clusterNameOf(
  provider: ProviderName,
  topology: string,
  pace: Pace,
  timers: Timers,
  changed: boolean,
): string {
  const kind = provider === 'sim' ? 'simulated' : 'drill'
  const base = `${kind}-${topology}${pace === 'documented' ? '' : `-${pace}`}`
  return changed ? `${base}-${markOf(timers)}` : base
}

/** Five letters and digits that stand for one set of timers. */
const markOf = (timers: Timers): string =>
  hashOf(JSON.stringify(timers)).toString(36).padStart(5, '0').slice(-5)

function probeOf(pace: Pace): ProbePlan {
  return {
    intervalMs: 50,
    timeoutMs: { api: 10_000, page: 2_000, save: 3_000, apiWrite: 3_000 },
    stableMs: pace === 'brisk' ? 3_000 : 10_000,
    slowMs: 1_000,
  }
}
