/**
 * A node of the picture: its name, its role, what happened to it, and badges for what it carries:
 * the floating IP at the fault or later, an image registry, a volume on its own disk. Only what
 * the record, the events or the topology say; a node without a badge carried nothing that was seen.
 */
import type { DrillEvent } from '../../../harness/model/event.ts'
import type { RunRecord } from '../../../harness/model/record.ts'
import type { Topology, TopologyNode } from '../../../harness/model/topology.ts'
import { isInterventionRecord } from '../../../harness/model/turning-points.ts'
import { originMs } from '../../figures.ts'
import { floatingIpFacts } from '../../floating-ip.ts'
import { happeningOf } from '../../phrases.ts'
import { type Markup, markup } from '../escape.ts'
import { fitted, tickLabel } from '../scale.ts'
import { type Box, boldPx, smallPx, strongPx } from './boxes.ts'

export interface NodeLine {
  kind:
    | 'role'
    | 'hit'
    | 'restored'
    | 'done'
    | 'holder'
    | 'later'
    | 'announcer'
    | 'registry'
    | 'volume'
  text: string
  title: string
}

export interface Placed {
  node: TopologyNode
  lines: readonly NodeLine[]
  box: Box
}

/** What the lines of all nodes are made from. */
export interface Drawn {
  topology: Topology
  record: RunRecord
  events: readonly DrillEvent[]
}

const line = (kind: NodeLine['kind'], text: string, title = text): NodeLine => ({
  kind,
  text,
  title,
})

/** `worker`, `control plane and worker`, `reporting alone`, `control plane, drained`. */
export function roleOf({ role, schedulable, drained, only }: TopologyNode): string {
  const base =
    role === 'worker'
      ? 'worker'
      : schedulable && !drained
        ? 'control plane and worker'
        : 'control plane'
  if (drained) return `${base}, drained`
  return only === undefined ? base : role === 'worker' ? `${only} alone` : `${base}, ${only} alone`
}

function hitLines(node: TopologyNode, record: RunRecord): NodeLine[] {
  const own = record.faults.filter(({ target }) => target === node.name)
  const done = own.filter(isInterventionRecord)
  const hits = own.filter((fault) => !isInterventionRecord(fault))
  const lines: NodeLine[] = []
  if (hits.length > 0) {
    const happened = [...new Set(hits.map(happeningOf))].join(', ')
    lines.push(line('hit', `✗ ${happened}`))
    const restored = hits.every(({ undoneAtMs }) => undoneAtMs !== null)
    if (restored) lines.push(line('restored', '✓ then restored'))
  }
  return [...lines, ...done.map((fault) => line('done', `✎ ${happeningOf(fault)}`))]
}

function floatingIpLines(node: TopologyNode, { topology, record }: Drawn): NodeLine[] {
  const lines: NodeLine[] = []
  if (record.floatingIp) {
    const facts = floatingIpFacts(record, record.floatingIp)
    const zero = record.faults.length === 0 ? 'at first' : 'when the fault came'
    if (facts.atFault?.includes(node.name)) {
      lines.push(line('holder', '◆ held the IP', `held the floating IP ${zero}`))
    }
    const later = facts.later.find(
      ({ owners }, index) =>
        owners.includes(node.name) &&
        !(index === 0 ? facts.atFault : facts.later[index - 1]?.owners)?.includes(node.name),
    )
    if (later !== undefined) {
      const at = tickLabel(later.fromMs - originMs(record))
      lines.push(
        line('later', `◇ held it from ${at}`, `held the floating IP from ${at} after the fault`),
      )
    }
  }
  const may = topology.floatingIp?.announcers.includes(node.name) ?? false
  return lines.length > 0 || !may
    ? lines
    : [line('announcer', 'may hold the IP', 'may announce the floating IP')]
}

/** The nodes on which the database's volume was seen, where volumes are bound to nodes. */
export function volumeNodes({ topology, record, events }: Drawn): string[] {
  if (topology.storage.kind !== 'local') return []
  const names = new Set(topology.nodes.map(({ name }) => name))
  const chosen = record.faults
    .filter(({ role }) => /^(runs database\b|worker-with-database$)/.test(role))
    .map(({ target }) => target)
  const ran = events
    .filter(({ name, component }) => component === 'database' && /^pod-(started|ready)$/.test(name))
    .flatMap(({ node }) => node ?? [])
  return [...new Set([...chosen, ...ran])].filter((name) => names.has(name))
}

/** The lines under a node's name, in the order in which they stand. */
export function nodeLines(node: TopologyNode, drawn: Drawn): NodeLine[] {
  const { imageRegistry } = drawn.topology
  const lines = [line('role', roleOf(node)), ...hitLines(node, drawn.record)]
  lines.push(...floatingIpLines(node, drawn))
  if (imageRegistry?.node === node.name) {
    const says = `image registry, port ${imageRegistry.port}`
    lines.push(line('registry', `▣ ${says}`, says))
  }
  if (volumeNodes(drawn).includes(node.name)) {
    lines.push(line('volume', '▤ has the volume', 'the database and its local volume were here'))
  }
  return lines
}

const rowPx = 20

/** Height of a node with so many lines under its name. */
export const nodeHeightPx = (lines: number): number => 35 + Math.max(1, lines) * rowPx

const looks: Readonly<Record<NodeLine['kind'], string>> = {
  role: 'muted',
  hit: 'hit-text',
  restored: 'restored-text',
  done: 'restored-text',
  holder: 'badge-text',
  later: 'badge-text',
  announcer: 'badge-text',
  registry: 'badge-text',
  volume: 'badge-text',
}

const isBadge = ({ kind }: NodeLine): boolean => looks[kind] === 'badge-text'

function drawnLine(said: NodeLine, box: Box, index: number): Markup {
  const x = box.x + box.width / 2
  const y = box.y + 41 + index * rowPx
  const characterPx = said.kind === 'role' ? smallPx : boldPx
  const text = fitted(said.text, box.width - (isBadge(said) ? 28 : 14), characterPx)
  const widthPx = Math.min(box.width - 12, [...text].length * boldPx + 18)
  const badge = isBadge(said)
    ? markup`<rect x="${x - widthPx / 2}" y="${y - 12.5}" width="${widthPx}" height="17" rx="8.5"/>`
    : null
  return markup`<g class="line-${said.kind}"><title>${said.title}</title>${badge}<text class="small ${looks[said.kind]}" x="${x}" y="${y}" text-anchor="middle">${text}</text></g>`
}

export function drawnNode({ node, lines, box }: Placed): Markup {
  const hit = lines.some(({ kind }) => kind === 'hit') ? ' hit' : ''
  const drained = node.drained ? ' drained' : ''
  const x = box.x + box.width / 2
  return markup`<g class="node ${node.role}${hit}${drained}"><title>${node.name}: ${lines.map(({ title }) => title).join('; ')}</title>
<rect class="frame" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6"/>
<text class="strong" x="${x}" y="${box.y + 22}" text-anchor="middle">${fitted(node.name, box.width - 14, strongPx)}</text>
${lines.map((said, index) => drawnLine(said, box, index))}</g>`
}
