/**
 * Where the faults of a plan are aimed: the scenario's own targets, or the one that `--target`
 * names, as far as that fits; and a site as all of its nodes. Pure; who has a role is found out
 * when the drill is about to begin.
 */
import {
  type FaultPlan,
  type FaultTarget,
  isIntervention,
  type TargetRole,
  targetRoles,
} from '../model/scenario.ts'
import {
  commonNodes,
  componentsOf,
  type Topology,
  type TopologyNode,
  workloadNodes,
} from '../model/topology.ts'
import { nearest } from './timer-settings.ts'

export interface Aim {
  /** Name of the scenario, for messages. */
  scenario: string
  faults: readonly FaultPlan[]
  topology: Topology
  /** What `--target` says: a node, a site, a role, or `SITE/SITE` for a link; null: nothing. */
  target: string | null
}

/**
 * The faults as they are planned. `--target` replaces the target of the first fault that is not an
 * intervention; where all are, that of the first. Whatever is wrong is added to `problems`.
 */
export function aim(request: Aim, problems: string[]): readonly FaultPlan[] {
  const { faults, topology } = request
  const aimed = request.target === null ? faults : retarget(request, request.target, problems)
  return aimed.flatMap((fault) => expand(fault, topology, problems))
}

function retarget(request: Aim, name: string, problems: string[]): readonly FaultPlan[] {
  const { faults } = request
  const fault = faults.find(({ kind }) => !isIntervention(kind)) ?? faults[0]
  if (!fault) return faults
  const target = resolve(name, fault, request, problems)
  return faults.map((each) => (each === fault && target !== null ? { ...each, target } : each))
}

/** A site as one fault for each of its nodes, in one group; any other fault as it is. */
function expand(fault: FaultPlan, topology: Topology, problems: string[]): FaultPlan[] {
  const unknown = unknownNames(fault.target, topology)
  if (unknown !== null) {
    problems.push(
      `fault '${fault.id}' is aimed at '${fault.target}': topology '${topology.name}' has no ${unknown}`,
    )
  }
  if (!fault.target.startsWith('site:')) return [fault]
  const site = fault.target.slice('site:'.length)
  return topology.nodes
    .filter((node) => node.site === site)
    .map(({ name }) => ({
      ...fault,
      id: `${fault.id}-${name}`,
      target: `node:${name}`,
      group: fault.group ?? fault.id,
    }))
}

function unknownNames(target: FaultTarget, topology: Topology): string | null {
  const [kind = '', rest] = target.split(':')
  if (rest === undefined) return null
  const known =
    kind === 'node'
      ? [...topology.nodes.map(({ name }) => name), topology.loadBalancer?.name]
      : topology.nodes.map(({ site }) => site)
  const names = kind === 'link' ? rest.split('/') : [rest]
  return names.every((name) => known.includes(name))
    ? null
    : kind === 'node'
      ? 'such node'
      : kind === 'site'
        ? 'such site, or no node there'
        : 'such link'
}

/** Null, and a problem with the nearest name and all candidates, where it cannot be hit. */
function resolve(
  name: string,
  fault: FaultPlan,
  { scenario, topology }: Aim,
  problems: string[],
): FaultTarget | null {
  const candidates = candidatesOf(fault, topology)
  const chosen = candidates.find((candidate) => candidate.name === name)
  const fitting = candidates.filter((candidate) => misfit(candidate, fault, topology) === null)
  const names = fitting.map((candidate) => candidate.name)
  if (!chosen) {
    const offer = nearest(name, names)
    problems.push(
      `--target ${name}: topology '${topology.name}' has no such node, site or role${offer ? `; did you mean '${offer}'?` : ''} (${names.join(', ')})`,
    )
    return null
  }
  const wrong = misfit(chosen, fault, topology)
  if (wrong === null) return chosen.target
  problems.push(`--target ${name}: '${scenario}' ${wrong} (${names.join(', ')})`)
  return null
}

/** What a machine can be to a scenario; where control planes run the workload they are both. */
type Sort = 'control-plane' | 'worker' | 'load-balancer' | 'link'

interface Candidate {
  name: string
  target: FaultTarget
  /** The sorts of each that may be hit by it. */
  sorts: readonly (readonly Sort[])[]
}

/** By name, in the order in which a name is looked for: nodes come before sites and roles. */
function candidatesOf(fault: FaultPlan, topology: Topology): Candidate[] {
  const candidate = (name: string, target: FaultTarget): Candidate => ({
    name,
    target,
    sorts: sortsOf(target, topology),
  })
  const sites = topology.sites.map(({ name }) => name)
  if (hitsLink(fault)) {
    return sites.flatMap((from) =>
      sites
        .filter((to) => to !== from)
        .map((to) => candidate(`${from}/${to}`, `link:${from}/${to}`)),
    )
  }
  const all = [
    ...topology.nodes.map(({ name }) => candidate(name, `node:${name}`)),
    ...(topology.loadBalancer
      ? [candidate(topology.loadBalancer.name, `node:${topology.loadBalancer.name}`)]
      : []),
    ...sites.map((name) => candidate(name, `site:${name}`)),
    ...targetRoles.map((role) => candidate(role, role)),
  ]
  return all.filter(({ sorts }) => sorts.length > 0)
}

const hitsLink = ({ kind }: FaultPlan): boolean =>
  kind.startsWith('network.') && kind !== 'network.route'

/** Why a candidate cannot take the place of what the scenario hits; null: it can. */
function misfit(candidate: Candidate, fault: FaultPlan, topology: Topology): string | null {
  const ofOneNode = isIntervention(fault.kind) || fault.kind === 'network.route'
  if (ofOneNode && candidate.target.startsWith('site:')) {
    return 'does something to one node, and this is a site'
  }
  const own = sortsOf(fault.target, topology)
  const wanted = sortsInOrder.filter((sort) => own.every((sorts) => sorts.includes(sort)))
  if (own.length === 0 || wanted.length === 0) return null
  const other = candidate.sorts.find((sorts) => !sorts.some((sort) => wanted.includes(sort)))
  if (!other) return null
  const is = candidate.target.startsWith('site:') ? 'there is also' : 'this is'
  return `hits a ${wanted.join(' or ')}, and ${is} a ${other.join(' and ')}`
}

const sortsInOrder: readonly Sort[] = ['control-plane', 'worker', 'load-balancer', 'link']

function sortsOf(target: FaultTarget, topology: Topology): Sort[][] {
  const balancer = topology.loadBalancer?.name
  if (target.startsWith('link:')) return [['link']]
  if (target === 'load-balancer' || target === `node:${balancer}`) {
    return balancer === undefined ? [] : [['load-balancer']]
  }
  const carrying = workloadNodes(topology)
  return nodesOf(target, topology).map((node): Sort[] => {
    if (node.role === 'worker') return ['worker']
    return carrying.includes(node) ? ['control-plane', 'worker'] : ['control-plane']
  })
}

/** The nodes that a target may turn out to be, or that it is. */
function nodesOf(target: FaultTarget, topology: Topology): readonly TopologyNode[] {
  if (target.startsWith('node:')) {
    return topology.nodes.filter(({ name }) => target === `node:${name}`)
  }
  if (target.startsWith('site:')) {
    return topology.nodes.filter(({ site }) => target === `site:${site}`)
  }
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
  switch (target as TargetRole) {
    case 'worker-with-database':
    case 'worker-with-page':
      return commonNodes(topology)
    case 'worker-with-reporting': {
      if (!componentsOf(topology.workload).includes('reporting')) return []
      const own = topology.nodes.filter(({ only }) => only === 'reporting')
      return own.length > 0 ? own : commonNodes(topology)
    }
    case 'another-worker':
      return workloadNodes(topology)
    case 'worker-at-another-site':
      return workloadNodes(topology).filter(({ site }) => site !== controlPlanes[0]?.site)
    case 'floating-ip-holder':
      return topology.nodes.filter(({ name }) => topology.floatingIp?.announcers.includes(name))
    case 'etcd-follower':
      return controlPlanes.length > 1 ? controlPlanes : []
    case 'control-plane':
    case 'control-plane-that-answered-last':
    case 'etcd-leader':
    case 'lease-holder':
      return controlPlanes
    default:
      // A load balancer is no node, and before the first fault no node was hit.
      return []
  }
}
