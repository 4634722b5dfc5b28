/**
 * The panels around the sites: the load balancer with every port it forwards, the floating IP with
 * its holders, and the clients of the workload. A port that nothing serves here is drawn as DOWN
 * and said to be so; without a load balancer it is said where all traffic goes.
 */
import type { LoadBalancer, TopologyNode } from '../../../harness/model/topology.ts'
import { formatMs } from '../../../harness/model/units.ts'
import { floatingIpFacts, holdersPhrase, standsIn } from '../../floating-ip.ts'
import { happeningOf, listed } from '../../phrases.ts'
import { type Markup, markup } from '../escape.ts'
import { type Box, boldPx, fittedLines, linePx, smallPx, strongPx } from './boxes.ts'
import { type Drawn, volumeNodes } from './nodes.ts'

type Style = 'strong' | 'small muted' | 'small said' | 'small hit-text'

interface Text {
  style: Style
  text: string
}

/** A port of the load balancer, as a box of its own. */
interface Port {
  texts: readonly Text[]
  down: boolean
}

export interface Panel {
  kind: 'api' | 'floating' | 'workload'
  texts: readonly Text[]
  ports: readonly Port[]
}

const strong = (text: string): Text => ({ style: 'strong', text })
const muted = (text: string): Text => ({ style: 'small muted', text })

function portsOf({ port, others = [], statsPagePort }: LoadBalancer): Port[] {
  if (others.length === 0 && statsPagePort === undefined) return []
  const plain = (at: number, what: string): Port => ({
    texts: [strong(`port ${at}`), muted(what)],
    down: false,
  })
  return [
    plain(port, 'the Kubernetes API'),
    ...others.map(({ port: at, what, served }): Port => {
      const { texts } = plain(at, what)
      const says: Text = { style: 'small hit-text', text: '✗ DOWN: nothing serves it here' }
      return served ? plain(at, what) : { texts: [...texts, says], down: true }
    }),
    ...(statsPagePort === undefined ? [] : [plain(statsPagePort, 'statistics page')]),
  ]
}

/** Where all API traffic goes without a load balancer. */
export function firstControlPlane({ topology }: Drawn): TopologyNode | undefined {
  return topology.nodes.find(({ role }) => role === 'control-plane')
}

export function apiPanel(drawn: Drawn): Panel {
  const { loadBalancer } = drawn.topology
  if (loadBalancer === null) {
    const first = firstControlPlane(drawn)?.name ?? 'no control plane'
    const says = muted(`no load balancer: all traffic goes to ${first}`)
    return { kind: 'api', texts: [strong('Clients of the API'), says], ports: [] }
  }
  const { name, port, balance, check } = loadBalancer
  return {
    kind: 'api',
    texts: [
      strong(`Load balancer ${name}, port ${port}`),
      muted(`${balance}, ${check.kind} check every ${formatMs(check.intervalMs)}`),
      muted(`DOWN after ${check.fall} failed, UP after ${check.rise} good`),
      ...hitTexts(name, drawn),
    ],
    ports: portsOf(loadBalancer),
  }
}

/** What happened to the load balancer itself, as of a node. */
function hitTexts(name: string, { record }: Drawn): Text[] {
  const hits = record.faults.filter(({ target }) => target === name)
  if (hits.length === 0) return []
  const restored = hits.every(({ undoneAtMs }) => undoneAtMs !== null) ? ', then restored' : ''
  return [{ style: 'small hit-text', text: `✗ ${hits.map(happeningOf).join(', ')}${restored}` }]
}

/** Null where the topology has no floating IP. */
export function floatingIpPanel({ topology, record }: Drawn): Panel | null {
  const { floatingIp } = topology
  const seen = record.floatingIp ?? null
  if (floatingIp === undefined) return null
  const engine =
    seen === null
      ? `the document shares it by ${floatingIp.documented}`
      : `shared by ${seen.engine}${standsIn(seen) ? `, in the place of ${seen.documented}` : ''}`
  const held =
    seen === null || seen.tenures.length === 0
      ? 'who held it was not watched'
      : `held by ${holdersPhrase(floatingIpFacts(record, seen))}`
  return {
    kind: 'floating',
    texts: [
      strong(`Floating IP${seen === null ? '' : ` ${seen.address}`}, port ${floatingIp.port}`),
      { style: 'small said', text: held },
      muted(engine),
      muted(`announced from ${listed(floatingIp.announcers)}; leads to the ${floatingIp.leadsTo}`),
    ],
    ports: [],
  }
}

/** @param probed whether the NodePort of any node was probed */
export function workloadPanel(drawn: Drawn, probed: boolean): Panel {
  const { workload, storage, floatingIp } = drawn.topology
  const more = (workload.extra ?? []).map((component) => `, ${component}`).join('')
  const bound = volumeNodes(drawn)
  const where =
    storage.kind === 'shared'
      ? ''
      : bound.length === 0
        ? ', bound to a node that was not recorded'
        : `, bound to ${listed(bound)}`
  const directly = probed ? `, and directly at port ${workload.nodePort}` : ''
  return {
    kind: 'workload',
    texts: [
      strong(
        `Clients of the workload${floatingIp === undefined ? `, port ${workload.nodePort}` : ''}`,
      ),
      ...(floatingIp === undefined
        ? []
        : [muted(`through the floating IP at port ${floatingIp.port}${directly}`)]),
      muted(`page × ${workload.pageReplicas}, API × ${workload.apiReplicas}, one database${more}`),
      muted(`storage: ${storage.kind}${where}`),
    ],
    ports: [],
  }
}

const portGapPx = 10

function linesOf(texts: readonly Text[], widthPx: number): Text[] {
  return texts.flatMap(({ style, text }) => {
    const characterPx = style === 'strong' ? strongPx : style === 'small muted' ? smallPx : boldPx
    const atMost = style === 'strong' ? 1 : 4
    return fittedLines(text, widthPx - 16, characterPx, atMost).map((line) => ({
      style,
      text: line,
    }))
  })
}

function drawnTexts(lines: readonly Text[], box: Box): Markup[] {
  return lines.map(
    ({ style, text }, index) =>
      markup`<text class="${style}" x="${box.x + box.width / 2}" y="${box.y + 20 + index * linePx}" text-anchor="middle">${text}</text>`,
  )
}

const sentenceOf = (texts: readonly Text[]): string => texts.map(({ text }) => text).join('. ')

export interface PlacedPanel {
  box: Box
  drawn: Markup
}

/**
 * The panel at its place, as high as its text needs.
 *
 * @param columns in which its ports stand
 */
export function placed(panel: Panel, at: Omit<Box, 'height'>, columns: number): PlacedPanel {
  const lines = linesOf(panel.texts, at.width)
  const perRow = Math.max(1, Math.min(columns, panel.ports.length))
  const portPx = (at.width - portGapPx * (perRow + 1)) / perRow
  const ports = panel.ports.map((port) => ({ port, lines: linesOf(port.texts, portPx) }))
  let y = at.y + 14 + lines.length * linePx
  const drawnPorts: Markup[] = []
  for (let first = 0; first < ports.length; first += perRow) {
    const row = ports.slice(first, first + perRow)
    const height = 13 + Math.max(...row.map((port) => port.lines.length)) * linePx
    for (const [column, { port, lines: own }] of row.entries()) {
      const box = { x: at.x + portGapPx + column * (portPx + portGapPx), y, width: portPx, height }
      drawnPorts.push(markup`<g class="port${port.down ? ' down' : ''}"><title>${sentenceOf(port.texts)}</title><rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="5"/>
${drawnTexts(own, box)}</g>`)
    }
    y += height + portGapPx
  }
  const box = { ...at, height: y - at.y }
  const title = sentenceOf([...panel.texts, ...panel.ports.flatMap(({ texts }) => texts)])
  return {
    box,
    drawn: markup`<g class="panel ${panel.kind}"><title>${title}</title><rect class="frame" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6"/>
${drawnTexts(lines, box)}${drawnPorts}</g>`,
  }
}
