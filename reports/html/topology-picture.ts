/**
 * The cluster as its document draws it: sites as boxes, nodes in them, the load balancer above,
 * the clients of the workload below, and who was hit. Wide, sites stand side by side; narrow, they
 * are stacked and the lines run along the edges.
 */
import type { RunRecord } from '../../harness/model/record.ts'
import type { Site, Topology, TopologyNode } from '../../harness/model/topology.ts'
import { formatMs } from '../../harness/model/units.ts'
import { faultSentence } from '../phrases.ts'
import { type Markup, type MarkupPart, markup } from './escape.ts'
import { type Frame, fitted } from './scale.ts'

interface Box {
  x: number
  y: number
  width: number
  height: number
}

interface Placed {
  node: TopologyNode
  box: Box
}

interface Drawing {
  sites: { site: Site; box: Box }[]
  nodes: Placed[]
  endPx: number
}

const nodeHeightPx = 54
const headPx = 30
const gapPx = 10

function wideLayout(topology: Topology, topPx: number, widthPx: number): Drawing {
  const bySite = topology.sites.map((site) => {
    const nodes = topology.nodes.filter((node) => node.site === site.name)
    const controlPlanes = nodes.filter(({ role }) => role === 'control-plane')
    const workers = nodes.filter(({ role }) => role === 'worker')
    return {
      site,
      controlPlanes,
      workers,
      columns: Math.max(1, controlPlanes.length, workers.length),
    }
  })
  const columns = bySite.reduce((sum, site) => sum + site.columns, 0)
  const sidesPx = bySite.length * 2 * gapPx + (bySite.length - 1) * 16
  const nodePx = Math.min(300, (widthPx - sidesPx) / columns - gapPx)
  const usedPx = columns * (nodePx + gapPx) - bySite.length * gapPx + sidesPx
  let x = (widthPx - usedPx) / 2
  const drawing: Drawing = { sites: [], nodes: [], endPx: 0 }
  const heightPx = headPx + 2 * nodeHeightPx + 3 * gapPx
  for (const { site, controlPlanes, workers, columns: own } of bySite) {
    const siteBox = { x, y: topPx, width: own * (nodePx + gapPx) + gapPx, height: heightPx }
    drawing.sites.push({ site, box: siteBox })
    for (const [row, nodes] of [controlPlanes, workers].entries()) {
      const rowPx = nodes.length * (nodePx + gapPx) - gapPx
      const fromPx = siteBox.x + (siteBox.width - rowPx) / 2
      for (const [column, node] of nodes.entries()) {
        const y = topPx + headPx + row * (nodeHeightPx + gapPx) + 2
        const box = {
          x: fromPx + column * (nodePx + gapPx),
          y,
          width: nodePx,
          height: nodeHeightPx,
        }
        drawing.nodes.push({ node, box })
      }
    }
    x += siteBox.width + 16
  }
  drawing.endPx = topPx + heightPx
  return drawing
}

function narrowLayout(topology: Topology, topPx: number, widthPx: number): Drawing {
  const drawing: Drawing = { sites: [], nodes: [], endPx: topPx }
  let y = topPx
  for (const site of topology.sites) {
    const nodes = topology.nodes.filter((node) => node.site === site.name)
    const height = headPx + nodes.length * (nodeHeightPx + gapPx)
    drawing.sites.push({ site, box: { x: 18, y, width: widthPx - 36, height } })
    for (const [index, node] of nodes.entries()) {
      const box = { x: 30, y: y + headPx + index * (nodeHeightPx + gapPx), width: widthPx - 60 }
      drawing.nodes.push({ node, box: { ...box, height: nodeHeightPx } })
    }
    y += height + 12
  }
  drawing.endPx = y - 12
  return drawing
}

function roleOf({ role, schedulable }: TopologyNode): string {
  if (role === 'worker') return 'worker'
  return schedulable ? 'control plane and worker' : 'control plane'
}

function drawnNode({ node, box }: Placed, record: RunRecord): Markup {
  const hits = record.faults.filter(({ target }) => target === node.name)
  const happened = hits.map((fault) => faultSentence(fault).slice(node.name.length + 1)).join(', ')
  const restored = hits.length > 0 && hits.every(({ undoneAtMs }) => undoneAtMs !== null)
  const second =
    hits.length === 0 ? roleOf(node) : `✗ ${happened}${restored ? ', then restored' : ''}`
  const widthPx = box.width - 16
  return markup`<g class="node ${node.role}${hits.length > 0 ? ' hit' : ''}"><title>${node.name}: ${roleOf(node)}${hits.length > 0 ? `; ${happened}` : ''}</title>
<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6"/>
<text class="strong" x="${box.x + box.width / 2}" y="${box.y + 22}" text-anchor="middle">${fitted(node.name, widthPx, 8)}</text>
<text class="small ${hits.length > 0 ? 'hit-text' : 'muted'}" x="${box.x + box.width / 2}" y="${box.y + 41}" text-anchor="middle">${fitted(second, widthPx, 6.4)}</text></g>`
}

function panel(box: Box, lines: readonly string[], kind: string): Markup {
  return markup`<g class="panel ${kind}"><title>${lines.join('. ')}</title><rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6"/>
${lines.map((line, index): MarkupPart => markup`<text class="${index === 0 ? 'strong' : 'small muted'}" x="${box.x + box.width / 2}" y="${box.y + 20 + index * 17}" text-anchor="middle">${fitted(line, box.width - 12, index === 0 ? 7.4 : 6.3)}</text>`)}</g>`
}

function drawnSite({ x, y, width, height }: Box): Markup {
  return markup`<g class="site"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/></g>`
}

function siteLabel({ name, region, zone }: Site, box: Box): Markup {
  const called = name.startsWith('site') ? name : `site ${name}`
  const label = name === zone ? called : `${called}, zone ${zone}`
  return markup`<g class="site"><text class="small" x="${box.x + 12}" y="${box.y + 19}">${fitted(label, box.width - 24, 6.3)}<title>site ${name}: region ${region}, zone ${zone}</title></text></g>`
}

function apiPanel({ loadBalancer }: Topology): string[] {
  if (loadBalancer === null)
    return ['Clients of the API', 'straight to the API server: no load balancer']
  const { name, port, balance, check } = loadBalancer
  return [
    `Load balancer ${name}, port ${port}`,
    `${balance}, ${check.kind} check every ${formatMs(check.intervalMs)}`,
    `DOWN after ${check.fall} failed, UP after ${check.rise} good`,
  ]
}

function workloadPanel({ workload, storage }: Topology): string[] {
  return [
    `Clients of the workload, port ${workload.nodePort}`,
    `page × ${workload.pageReplicas}, API × ${workload.apiReplicas}, one database`,
    `storage: ${storage.kind}`,
  ]
}

const middleOf = (box: Box): number => box.x + box.width / 2

/** The nodes through which the workload was probed; where no vantage says, every worker. */
function workloadEntries(record: RunRecord, nodes: readonly Placed[]): Placed[] {
  const through = new Set(
    record.vantages
      .filter(({ kind }) => kind === 'page' || kind === 'save')
      .map(({ throughNode }) => throughNode),
  )
  const probed = nodes.filter(({ node }) => through.has(node.name))
  return probed.length > 0 ? probed : nodes.filter(({ node }) => node.role === 'worker')
}

/** Inline SVG of the topology and of what was done to it. */
export function topologyPicture(topology: Topology, record: RunRecord, frame: Frame): Markup {
  const stacked = frame.name === 'narrow'
  const apiLines = apiPanel(topology)
  const panelPx = stacked ? frame.widthPx - 36 : 420
  const panelX = (frame.widthPx - panelPx) / 2
  const apiBox = { x: panelX, y: 2, width: panelPx, height: 14 + apiLines.length * 17 }
  const topPx = apiBox.y + apiBox.height + (stacked ? 14 : 36)
  const layout = (stacked ? narrowLayout : wideLayout)(topology, topPx, frame.widthPx)
  const workloadBox = {
    x: panelX,
    y: layout.endPx + (stacked ? 14 : 36),
    width: panelPx,
    height: 65,
  }
  const controlPlanes = layout.nodes.filter(({ node }) => node.role === 'control-plane')
  const entries = workloadEntries(record, layout.nodes)
  const apiMiddle = apiBox.y + apiBox.height / 2
  const workloadMiddle = workloadBox.y + workloadBox.height / 2
  const busPx = topPx - 18
  const lowBusPx = layout.endPx + 18
  const rightPx = frame.widthPx - 8
  const apiPath = stacked
    ? controlPlanes.map(({ box }) => `M${apiBox.x} ${apiMiddle}H8V${box.y + 27}H${box.x}`)
    : controlPlanes.map(
        ({ box }) =>
          `M${middleOf(apiBox)} ${apiBox.y + apiBox.height}V${busPx}H${middleOf(box)}V${box.y}`,
      )
  const workloadPath = stacked
    ? entries.map(
        ({ box }) =>
          `M${workloadBox.x + workloadBox.width} ${workloadMiddle}H${rightPx}V${box.y + 27}H${box.x + box.width}`,
      )
    : entries.map(
        ({ box }) =>
          `M${middleOf(workloadBox)} ${workloadBox.y}V${lowBusPx}H${middleOf(box)}V${box.y + box.height}`,
      )
  const hit = record.faults.map(faultSentence).join('; ')
  const describe = `${topology.sites.length} sites, ${topology.nodes.length} nodes${topology.loadBalancer === null ? '' : ', a load balancer'}. Hit: ${hit === '' ? 'none' : hit}.`
  return markup`<svg class="${frame.name}" viewBox="0 0 ${frame.widthPx} ${workloadBox.y + workloadBox.height + 2}" role="img" aria-labelledby="topology-title-${frame.name} topology-desc-${frame.name}">
<title id="topology-title-${frame.name}">${topology.title}</title><desc id="topology-desc-${frame.name}">${describe}</desc>
${layout.sites.map(({ box }) => drawnSite(box))}
<path class="link api" d="${apiPath.join('')}"/><path class="link workload" d="${workloadPath.join('')}"/>
${layout.sites.map(({ site, box }) => siteLabel(site, box))}
${layout.nodes.map((placed) => drawnNode(placed, record))}
${panel(apiBox, apiLines, 'api')}${panel(workloadBox, workloadPanel(topology), 'workload')}</svg>`
}
