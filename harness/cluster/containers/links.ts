/**
 * Faults on the link between the nodes of two sites, and on nothing else: clients, load balancer
 * and observers reach every node as before. Each node filters for itself what comes from the other
 * site. Refuses, with everything that is wrong at once, a link that the topology does not have,
 * nodes that do not run, numbers out of range, and what the nodes' image or kernel cannot do.
 */
import { InvalidRunError, MachineError } from '../../model/errors.ts'
import type { FaultPlan } from '../../model/scenario.ts'
import type { Topology } from '../../model/topology.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Evidence, FaultHandle } from '../port.ts'
import type { Engine } from './engine.ts'
import {
  inNode,
  judgeLink,
  type Link,
  type LinkEnd,
  type LinkNode,
  probeLink,
  volleyFor,
} from './link-probe.ts'
import {
  delayScript,
  delayTrial,
  type Filter,
  linkInterface,
  missingCommands,
  netemTrial,
  removalScript,
  rulesetOf,
  rulesetTrial,
  siteNamePattern,
  tableOf,
} from './link-rules.ts'
import type { OwnedNode } from './ownership.ts'

export type LinkUndo = Extract<UndoAction, { kind: 'link.restore' }>
type LinkEngine = Pick<Engine, 'docker' | 'inspect'>

export interface LinkSite {
  engine: LinkEngine
  provider: 'kind' | 'k3d'
  cluster: string
  topology: Topology
  /** All nodes of the cluster. */
  nodes: readonly OwnedNode[]
}

const delayMaxMs = 10_000

/**
 * A fault on the link that `fault.target` names, `link:SITE/SITE`. Throws an InvalidRunError, with
 * nothing broken, where it cannot be done.
 */
export async function linkFault(fault: FaultPlan, site: LinkSite): Promise<FaultHandle> {
  const { engine } = site
  const problems = numberProblems(fault)
  const link = await linkOf(fault.target, site, problems)
  if (!link || problems.length > 0) throw refusal(problems)
  const steps = stepsOf(fault, link)
  const nodes = [...link.from.nodes, ...link.to.nodes]
  await refuseWhatCannotBeDone(engine, nodes, steps)
  const volley = volleyFor(fault, link.from.nodes.length * link.to.nodes.length)
  return {
    undo: {
      kind: 'link.restore',
      provider: site.provider,
      cluster: site.cluster,
      node: link.name,
      containers: nodes.map(({ container }) => container),
    },
    inject: async () => {
      await Promise.all(
        steps.map(async ({ node, ruleset, delay }) => {
          await engine.docker(filterIn(node), ruleset)
          if (delay !== null) await engine.docker(inNode(node.container, delay(linkInterface)))
        }),
      )
    },
    look: async () => {
      try {
        return judgeLink(fault, link, await probeLink(engine, link, volley))
      } catch (error) {
        return await blindness(engine, nodes, error)
      }
    },
  }
}

/** What is done to one node. */
interface Step {
  node: LinkNode
  ruleset: string
  /** For a device: what holds back the frames that leave it. */
  delay: ((device: string) => string) | null
  delayTrial: string | null
}

function stepsOf({ kind, lossPercent = 0, delayMs = 0 }: FaultPlan, link: Link): Step[] {
  const filter: Filter =
    kind === 'network.loss'
      ? { kind: 'drop-share', percent: lossPercent }
      : kind === 'network.delay'
        ? { kind: 'count' }
        : { kind: kind === 'network.cut-one-way' ? 'drop-one-way' : 'drop-all' }
  const towards = (to: LinkEnd, from: LinkEnd): Step[] => {
    const macs = from.nodes.map(({ mac }) => mac)
    const delays = filter.kind === 'count'
    return to.nodes.map((node) => ({
      node,
      ruleset: rulesetOf(link.name, filter, macs),
      delay: delays ? (device) => delayScript(device, delayMs, macs) : null,
      delayTrial: delays ? delayTrial(delayMs, macs) : null,
    }))
  }
  const there = towards(link.to, link.from)
  return filter.kind === 'drop-one-way' ? there : [...there, ...towards(link.from, link.to)]
}

const filterIn = ({ container }: LinkNode) => ['exec', '-i', container, 'nft', '--file', '-']

function numberProblems({ kind, lossPercent, delayMs }: FaultPlan): string[] {
  const within = (value: number | undefined, most: number) =>
    value !== undefined && Number.isInteger(value) && value >= 1 && value <= most
  if (kind === 'network.loss' && !within(lossPercent, 99)) {
    return [`network.loss needs a lossPercent from 1 to 99, not ${lossPercent ?? 'none'}`]
  }
  if (kind === 'network.delay' && !within(delayMs, delayMaxMs)) {
    return [`network.delay needs a delayMs from 1 to ${delayMaxMs}, not ${delayMs ?? 'none'}`]
  }
  return kind.startsWith('network.') ? [] : [`${kind} is no fault of a link`]
}

/** Adds what is wrong to `problems`; null where that leaves no link. */
async function linkOf(
  target: FaultPlan['target'],
  site: LinkSite,
  problems: string[],
): Promise<Link | null> {
  const { topology } = site
  const [, first = '', second = ''] = /^link:([^/]+)\/([^/]+)$/.exec(target) ?? []
  if (first === '' || second === '') {
    problems.push(`'${target}' names no link: it is written link:SITE/SITE`)
    return null
  }
  if (first === second) problems.push(`a link has two ends, and both are named ${first}`)
  const ends = await Promise.all(
    [...new Set([first, second])].map(async (name): Promise<LinkEnd> => {
      const found: LinkEnd = { site: name, nodes: [] }
      if (!topology.sites.some((known) => known.name === name)) {
        const known = topology.sites.map((each) => each.name).join(', ') || 'none'
        problems.push(`${topology.name} has no site '${name}'; it has ${known}`)
        return found
      }
      if (!siteNamePattern.test(name)) {
        problems.push(`'${name}' cannot name rules: letters, digits, '.', '_' and '-' can`)
      }
      const drawn = topology.nodes.filter((node) => node.site === name)
      if (drawn.length === 0) problems.push(`site '${name}' has no nodes`)
      const nodes = await Promise.all(drawn.map(async (node) => await linkNode(node.name, site)))
      problems.push(...nodes.filter((node) => typeof node === 'string'))
      return { site: name, nodes: nodes.filter((node) => typeof node !== 'string') }
    }),
  )
  const [from, to] = ends
  return from && to ? { name: `${first}/${second}`, from, to } : null
}

/** The node as it stands, or what is wrong with it. */
async function linkNode(name: string, { engine, nodes }: LinkSite): Promise<LinkNode | string> {
  const owned = nodes.find((node) => node.name === name)
  if (!owned) return `${name} is no node of this cluster`
  const { container } = owned
  const found = await engine.inspect(container)
  if (!found) return `${name} is gone (container ${container})`
  if (found.id !== owned.id) return `${container} is another container now, not ${name}`
  if (!found.running) return `${name} does not run`
  if (found.paused) return `${name} is frozen`
  if (found.address === null || found.mac === null) return `${name} is not on the drills' network`
  return { name, container, address: found.address, mac: found.mac }
}

/** Tries everything in each node without changing anything there. */
async function refuseWhatCannotBeDone(
  engine: LinkEngine,
  nodes: readonly LinkNode[],
  steps: readonly Step[],
): Promise<void> {
  const delays = steps.some(({ delay }) => delay !== null)
  const commands = ['nft', 'ping', 'timeout', ...(delays ? ['tc', 'unshare'] : [])]
  const lacking = await Promise.all(
    nodes.map(async ({ name, container }) => {
      const missing = await engine.docker(inNode(container, missingCommands, ...commands))
      const names = missing.split('\n').filter(Boolean)
      return names.length === 0 ? [] : [`the image of ${name} lacks ${names.join(' and ')}`]
    }),
  )
  if (lacking.flat().length > 0) throw refusal(lacking.flat())
  const refused = await Promise.all(steps.map(async (step) => await whyRefused(engine, step)))
  const problems = [...new Set(refused.flat())]
  if (problems.length > 0) throw refusal(problems)
}

async function whyRefused(engine: LinkEngine, step: Step): Promise<string[]> {
  const { name, container } = step.node
  const trial = async (args: readonly string[], input?: string) => {
    const said = (await engine.docker(args, input)).trim()
    return said === 'ok' ? null : said
  }
  const filter = await trial(['exec', '-i', container, 'sh', '-c', rulesetTrial], step.ruleset)
  const problems = filter === null ? [] : [`${name} cannot filter frames: ${filter}`]
  if (step.delayTrial === null) return problems
  const netem = await trial(inNode(container, netemTrial))
  if (netem !== null) {
    const unknown = /qdisc kind is unknown|No such file or directory/i.test(netem)
    const why = unknown ? 'it has no netem' : netem
    return [...problems, `this kernel cannot delay packets: ${why}`]
  }
  const some = await trial(inNode(container, step.delayTrial))
  return some === null
    ? problems
    : [...problems, `this kernel cannot delay packets to chosen nodes: ${some}`]
}

function refusal(problems: readonly string[]): InvalidRunError {
  return new InvalidRunError({
    what: problems.join('\n'),
    changed: 'nothing was broken',
    next: 'See to the above, or choose another fault.',
  })
}

/** A node that stopped in the meantime sends and counts nothing, which proves nothing. */
async function blindness(
  engine: LinkEngine,
  nodes: readonly LinkNode[],
  error: unknown,
): Promise<Evidence> {
  const states = await Promise.all(
    nodes.map(async ({ name, container }) => {
      const found = await engine.inspect(container)
      return found?.running && !found.paused ? [] : [name]
    }),
  )
  const silent = states.flat()
  if (silent.length === 0) throw error
  return { state: 'unclear', text: `not to be told: not running ${silent.join(', ')}` }
}

/**
 * Removes the rules of this link, and no others, from its nodes. Idempotent; needs the engine
 * alone. What is stopped or gone needs nothing. A frozen node cannot be reached: then the others
 * are restored, and a MachineError says so.
 */
export async function restoreLink(engine: LinkEngine, action: LinkUndo): Promise<string> {
  const outcomes = await Promise.all(
    action.containers.map(async (container) => ({
      container,
      outcome: await removeFrom(engine, container, tableOf(action.node)),
    })),
  )
  const those = (wanted: Outcome) =>
    outcomes
      .filter(({ outcome }) => outcome === wanted)
      .map(({ container }) => container)
      .join(', ')
  const frozen = those('frozen')
  if (frozen !== '') {
    throw new MachineError({
      what: `the rules of the link ${action.node} are still in ${frozen}, which is frozen`,
      changed: 'the other nodes of the link have none any more',
      next: 'Thaw it with `docker unpause`, then `pnpm clean`.',
    })
  }
  const removed = those('removed')
  const stopped = those('stopped')
  const gone = those('gone')
  return [
    removed === ''
      ? `no rules of the link ${action.node} were left`
      : `the link ${action.node} carries everything again, rules removed in ${removed}`,
    ...(stopped === '' ? [] : [`stopped, and its rules with it: ${stopped}`]),
    ...(gone === '' ? [] : [`gone, and its rules with it: ${gone}`]),
  ].join('; ')
}

type Outcome = 'removed' | 'absent' | 'stopped' | 'gone' | 'frozen'

async function removeFrom(engine: LinkEngine, container: string, table: string): Promise<Outcome> {
  const standing = async (): Promise<Outcome | null> => {
    const found = await engine.inspect(container)
    if (!found) return 'gone'
    if (!found.running) return 'stopped'
    return found.paused ? 'frozen' : null
  }
  const down = await standing()
  if (down !== null) return down
  try {
    const said = await engine.docker(inNode(container, removalScript, table))
    return said.trim() === 'removed' ? 'removed' : 'absent'
  } catch (error) {
    const fallen = await standing()
    if (fallen === null) throw error
    return fallen
  }
}
