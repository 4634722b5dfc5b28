/**
 * The rules of the house as functions from a file's name and text to its offences: who may import
 * whom, which room may use which package, where time may be read, how a file begins and how long
 * it may be. The test beside this file holds them against the tree.
 */
import { isBuiltin } from 'node:module'
import path from 'node:path'

/** `harness/cluster/kind/x.ts` → `cluster/kind`; `harness/cluster/port.ts` → `cluster`. */
export function roomOf(file: string): string {
  const [first = '', second = '', third = '', fourth] = file.split('/')
  if (first !== 'harness') return first
  return second === 'cluster' && fourth !== undefined ? `cluster/${third}` : second
}

interface RoomRules {
  /** Rooms besides itself. */
  rooms: readonly string[]
  packages: readonly string[]
  /** May it use what Node brings: files, processes, the network? */
  node: boolean
}

const pure = { packages: [], node: false }
const rules: Readonly<Record<string, RoomRules>> = {
  model: { rooms: [], packages: ['zod'], node: false },
  topologies: { rooms: ['model'], ...pure },
  scenarios: { rooms: ['model'], ...pure },
  plan: { rooms: ['model'], packages: ['leven', 'yaml', 'zod'], node: false },
  measure: { rooms: ['model'], ...pure },
  judge: { rooms: ['model'], ...pure },
  reports: { rooms: ['model'], packages: ['chalk'], node: false },
  record: { rooms: ['model'], packages: ['zod'], node: true },
  cluster: { rooms: ['model'], packages: [], node: true },
  run: { rooms: ['model', 'cluster'], packages: [], node: true },
  predict: { rooms: ['model', 'cluster/sim', 'run', 'measure'], ...pure },
  toolchain: { rooms: ['model'], packages: ['execa', 'zx', 'yaml'], node: true },
}
/** `cluster/kubernetes` and `cluster/containers` are what real providers share, and none themselves. */
const provider: RoomRules = {
  rooms: ['model', 'cluster', 'cluster/kubernetes', 'cluster/containers'],
  packages: ['execa', '@kubernetes/client-node', 'yaml'],
  node: true,
}

function rulesOf(room: string): RoomRules | 'anything' {
  if (room === 'cli' || room === 'test') return 'anything'
  return rules[room] ?? (room.startsWith('cluster/') ? provider : { rooms: [], ...pure })
}

/** What a source imports, statically, dynamically or for its side effects. */
export function importsOf(text: string): string[] {
  const statement =
    /^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
  return [...text.matchAll(statement)].flatMap((match) => match[1] ?? match[2] ?? [])
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Null when it is allowed; else what is wrong with it. */
export function importOffence(file: string, specifier: string): string | null {
  const room = roomOf(file)
  const allowed = rulesOf(room)
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier)
    const targetRoom = roomOf(target)
    if (targetRoom === room) return null
    if (targetRoom === 'cli' && room !== 'test') return `${file}: nobody imports cli (${specifier})`
    if (targetRoom === 'test') return `${file}: nobody imports tests (${specifier})`
    if (allowed === 'anything' || allowed.rooms.includes(targetRoom)) return null
    return `${file}: ${room} may not import ${targetRoom} (${specifier})`
  }
  if (allowed === 'anything') return null
  if (isBuiltin(specifier)) return allowed.node ? null : `${file}: ${room} is pure (${specifier})`
  return allowed.packages.includes(packageOf(specifier))
    ? null
    : `${file}: ${room} may not use ${packageOf(specifier)}`
}

/** Code without its comments; strings stay, which a rule can live with. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')

const timeOrChance =
  /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bset(?:Timeout|Interval)\(|['"](?:node:)?timers\/promises['"]/g

/** Where time is made, waited for by a user, or outside any session; each with its reason. */
const mayReadTime: readonly RegExp[] = [
  // The clocks themselves.
  /^harness\/cluster\/(?:.*\/)?[\w-]*clock[\w-]*\.ts$/,
  // A process of its own, with its own schedule.
  /^harness\/run\/prober[\w./-]*\.ts$/,
  // Live lines, and the time of day at which a run was asked for.
  /^harness\/cli\/.*\.ts$/,
  // Programs that run inside the cluster.
  /^harness\/cluster\/kubernetes\/workload\/programs\/.*\.ts$/,
  // Flushing of lines to disk: when, not what.
  /^harness\/record\/line-appender\.ts$/,
  // Waits for an engine to start, before there is a session.
  /^toolchain\/(?:engine\/(?:start|stop)|lock)\.ts$/,
]

export function timeOffences(file: string, text: string): string[] {
  if (mayReadTime.some((place) => place.test(file))) return []
  return [...withoutComments(text).matchAll(timeOrChance)].map(([found]) => `${file}: ${found}`)
}

const linesMax = 400

export function styleOffences(file: string, text: string): string[] {
  const offences: string[] = []
  if (!/^(?:#!.*\n)?\/\*\*/.test(text)) offences.push(`${file}: begins without a head comment`)
  const lines = text.trimEnd().split('\n').length
  if (lines > linesMax) offences.push(`${file}: ${lines} lines, more than ${linesMax}`)
  return offences
}

/** Folders of one machine, and where its packages came from. */
const machinePath = /(?:^|[\s"'`=(:,[])\/(?:work|root|home)\//
const registryHost =
  /\btarball: *['"]?https?:|\bGOPROXY=['"]?https?:|\bregistry *= *['"]?https?:|--registry[ =]https?:|_authToken|https?:\/\/(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+[:\d]*\/(?:npm|pypi|go|proxy|artifactory|repository)\b/

export function machineOffences(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const at = `${file}:${index + 1}`
    if (machinePath.test(line)) return [`${at}: a path of one machine: ${line.trim()}`]
    return registryHost.test(line) ? [`${at}: the address of a registry`] : []
  })
}
