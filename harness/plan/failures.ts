/**
 * The file of failure rates → the kinds of failure that it names, with what they may hit on one
 * topology and the plans to play them by; or all that is wrong with it, with line and column. Pure.
 */
import {
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import type { FailureKind, Repair } from '../model/availability.ts'
import {
  type Capability,
  courseOn,
  isIntervention,
  isPassing,
  type Scenario,
} from '../model/scenario.ts'
import type { Topology } from '../model/topology.ts'
import { missingCapabilities } from './capabilities.ts'
import { byName, type Catalogue, compile, type Draft } from './compile.ts'
import { nearest } from './timer-settings.ts'

export interface FailuresRequest {
  /** The file as it is, and its name for messages. */
  text: string
  file: string
  topology: string
  pace: string
  set: readonly string[]
  harnessVersion: string
  /** What the model can do. */
  capabilities: ReadonlySet<Capability>
}

export interface PlannedFailures {
  topology: Topology
  kinds: readonly FailureKind[]
  /** By kind, and by target. */
  plans: readonly (readonly Draft[])[]
}

type Said = (node: Node | null | undefined, text: string) => void

export function planFailures(
  request: FailuresRequest,
  catalogue: Catalogue,
): { failures: PlannedFailures; problems: [] } | { failures: null; problems: string[] } {
  const problems: string[] = []
  const topology = byName('topology', request.topology, catalogue.topologies, problems)
  const lines = new LineCounter()
  const document = parseDocument(request.text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${request.file}:${line}:${col}`
  }
  const say: Said = (node, text) => problems.push(`${at(node?.range?.[0] ?? 0)}: ${text}`)
  for (const error of document.errors) problems.push(`${at(error.pos[0])}: ${error.message}`)
  if (document.errors.length > 0) return { failures: null, problems }
  if (!isMap(document.contents) || document.contents.items.length === 0) {
    say(document.contents, 'it should name scenarios, each with perYear and repair')
    return { failures: null, problems }
  }
  const read = pairsOf(document.contents).flatMap(({ key, value }) => {
    const scenario = topology ? scenarioNamed(key, topology, request, catalogue, say) : null
    const kind = kindOf(key, value, scenario, topology, say)
    return kind && scenario ? [kind] : []
  })
  const planned =
    topology && problems.length === 0
      ? read.map((kind) => plansOf(kind, request, catalogue, problems))
      : []
  if (problems.length > 0 || !topology) return { failures: null, problems: [...new Set(problems)] }
  return { failures: { topology, kinds: read, plans: planned }, problems: [] }
}

interface Entry {
  key: Node
  value: Node | null
}

const pairsOf = (map: YAMLMap): Entry[] =>
  (map.items as Pair<Node, Node | null>[]).map((pair) => pair)

const textOf = (node: Node): string => (isScalar(node) ? String(node.value) : '')

function scenarioNamed(
  key: Node,
  topology: Topology,
  { capabilities }: FailuresRequest,
  { scenarios }: Catalogue,
  say: Said,
): Scenario | null {
  const unknown: string[] = []
  const scenario = byName('scenario', textOf(key), scenarios, unknown)
  for (const problem of unknown) say(key, problem)
  if (!scenario) return null
  const why = (each: Scenario) => whyNot(each, topology, capabilities)
  const fitting = scenarios.filter((each) => why(each) === null).map(({ name }) => name)
  if (why(scenario) === null) return scenario
  say(key, `scenario '${scenario.name}' ${why(scenario)} (${fitting.join(', ')})`)
  return null
}

/** Null: something breaks, and everything is as before once it is repaired. */
function whyNot(
  scenario: Scenario,
  topology: Topology,
  capabilities: ReadonlySet<Capability>,
): string | null {
  if (!scenario.topologies.includes(topology.name)) {
    return `makes no sense on topology '${topology.name}'`
  }
  const { faults } = courseOn(scenario, topology.name)
  const [missing] = missingCapabilities({ scenario, topology, faults }, capabilities)
  if (missing) return `needs ${missing}, which the model has not`
  return faults.every(({ kind }) => isIntervention(kind)) || faults.some(({ lasting }) => lasting)
    ? 'is no failure that is repaired: a person does it, or it uses the cluster up'
    : null
}

const fields = ['perYear', 'repair']

function kindOf(
  key: Node,
  value: Node | null,
  scenario: Scenario | null,
  topology: Topology | null,
  say: Said,
): FailureKind | null {
  if (!isMap(value)) {
    say(value ?? key, `${textOf(key)} should have perYear and repair`)
    return null
  }
  const entries = new Map(pairsOf(value).map((pair) => [textOf(pair.key), pair]))
  for (const [name, { key: own }] of entries) {
    if (fields.includes(name)) continue
    const offer = nearest(name, fields)
    say(own, `there is no field '${name}'${offer ? `; did you mean '${offer}'?` : ''}`)
  }
  const perYear = numberOf(entries.get('perYear'), key, say)
  const passes =
    scenario && topology
      ? courseOn(scenario, topology.name).faults.every(({ kind }) => isPassing(kind))
      : null
  const repair = repairOf(entries.get('repair'), key, passes, say)
  if (perYear === null || !scenario || !topology) return null
  return { scenario: scenario.name, perYear, repair, targets: targetsOf(scenario, topology) }
}

function numberOf(entry: Entry | undefined, key: Node, say: Said): number | null {
  if (!entry) {
    say(key, `${textOf(key)} has no perYear`)
    return null
  }
  const value = isScalar(entry.value) ? entry.value.value : null
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  say(entry.value ?? entry.key, 'perYear is a number, 0 or more, such as 0.5')
  return null
}

/** `passes`: by itself; null where that is not known. */
function repairOf(
  entry: Entry | undefined,
  key: Node,
  passes: boolean | null,
  say: Said,
): Repair | null {
  if (passes) {
    if (entry) say(entry.key, `${textOf(key)} passes by itself, and has no repair`)
    return null
  }
  if (!entry) {
    if (passes === false) say(key, `${textOf(key)} has no repair`)
    return null
  }
  const { value } = entry
  if (!isMap(value)) {
    const fixedMs = durationOf(value, entry.key, say)
    return fixedMs === null ? null : { medianMs: fixedMs, p95Ms: fixedMs }
  }
  const own = new Map(pairsOf(value).map((pair) => [textOf(pair.key), pair]))
  for (const [name, pair] of own) {
    if (name !== 'median' && name !== 'p95')
      say(pair.key, `a repair has median and p95, no '${name}'`)
  }
  const [medianMs = null, p95Ms = null] = ['median', 'p95'].map((name) => {
    const pair = own.get(name)
    if (pair) return durationOf(pair.value, pair.key, say)
    say(entry.key, `the repair has no ${name}`)
    return null
  })
  if (medianMs === null || p95Ms === null) return null
  if (p95Ms < medianMs) say(value, 'its p95 is shorter than its median')
  return { medianMs, p95Ms }
}

const unitMs: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 }

function durationOf(node: Node | null, otherwise: Node, say: Said): number | null {
  const match = node ? /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(textOf(node)) : null
  const ms = match ? Math.round(Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0)) : 0
  if (ms > 0) return ms
  say(node ?? otherwise, 'a repair takes a time such as 90s, 30m, 4h or 2d')
  return null
}

/** Whose turn it is to fail does not depend on what runs there: each machine has the rate. */
const machineRoles: readonly string[] = [
  ...['worker-with-database', 'worker-with-page', 'another-worker'],
  ...['control-plane', 'control-plane-that-answered-last'],
]

/** Every machine or site that may be hit alone; null where the scenario chooses, or hits several. */
function targetsOf(scenario: Scenario, topology: Topology): (string | null)[] {
  const harm = courseOn(scenario, topology.name).faults.filter(({ kind }) => !isIntervention(kind))
  const [fault] = harm
  if (!fault || harm.length > 1 || isPassing(fault.kind)) return [null]
  if (fault.target.startsWith('site:')) {
    return topology.sites
      .map(({ name }) => name)
      .filter((name) => topology.nodes.some(({ site }) => site === name))
  }
  if (!machineRoles.includes(fault.target)) return [null]
  const role = fault.target.startsWith('control-plane') ? 'control-plane' : 'worker'
  return topology.nodes.filter((node) => node.role === role).map(({ name }) => name)
}

function plansOf(
  { scenario, targets }: FailureKind,
  { topology, pace, set, harnessVersion }: FailuresRequest,
  catalogue: Catalogue,
  problems: string[],
): Draft[] {
  return targets.flatMap((target) => {
    const request = { scenario, topology, pace, set, harnessVersion, target, seed: 0 }
    const { plan, problems: wrong } = compile({ ...request, provider: 'sim' }, catalogue)
    problems.push(...wrong)
    return plan ? [plan] : []
  })
}
