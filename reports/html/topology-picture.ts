/**
 * The cluster as its document draws it: sites as boxes, nodes in them, the load balancer above,
 * the floating IP and the clients of the workload below, and who was hit. Wide, sites stand side by
 * side; narrow, they are stacked and the lines run along the edges. What was not seen in the run is
 * not drawn as if it had been.
 */
import type { Site } from '../../harness/model/topology.ts'
import { floatingIpFacts, holdersPhrase } from '../floating-ip.ts'
import { faultSentence } from '../phrases.ts'
import { type Markup, markup } from './escape.ts'
import { type Frame, fitted } from './scale.ts'
import { type Box, bottomOf, smallPx } from './topology/boxes.ts'
import { type Layout, narrowLayout, wideLayout } from './topology/layout.ts'
import { drawnBeside, drawnDown, drawnUnder, isBetweenNeighbours } from './topology/links.ts'
import { type Drawn, drawnNode, type Placed } from './topology/nodes.ts'
import {
  apiPanel,
  firstControlPlane,
  floatingIpPanel,
  placed,
  workloadPanel,
} from './topology/panels.ts'
import { apiEntryPx, busSpacePx, railSpacePx, wires } from './topology/wires.ts'

const widePanelPx = 460
const widePortsPx = 1000

function drawnSite({ x, y, width, height }: Box): Markup {
  return markup`<g class="site"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/></g>`
}

/** In the room at the left of the first line that leads down into the site. */
function siteLabel({ name, region, zone }: Site, box: Box, roomPx: number): Markup {
  const called = name.startsWith('site') ? name : `site ${name}`
  const says = `region ${region}, zone ${zone}`
  return markup`<g class="site"><title>site ${name}: ${says}</title><text class="site-name" x="${box.x + 12}" y="${box.y + 19}">${fitted(called, roomPx, 7.2)}</text>
<text class="small muted" x="${box.x + 12}" y="${box.y + 36}">${fitted(says, roomPx, smallPx)}</text></g>`
}

function labelRoomPx(box: Box, apiNodes: readonly Placed[], stacked: boolean): number {
  const inside = apiNodes.filter(({ box: node }) => node.x >= box.x && node.x < box.x + box.width)
  const first = stacked
    ? Infinity
    : Math.min(Infinity, ...inside.map(({ box: node }) => apiEntryPx(node)))
  return Math.min(box.width - 24, first - box.x - 22)
}

function drawnLinks({ links, sites }: Layout, stacked: boolean): Markup[] {
  return links.flatMap(({ link, y }) => {
    const [one, other] = [sites[link.from], sites[link.to]]
    if (one === undefined || other === undefined) return []
    const boxes: [Box, Box] = [one.box, other.box]
    if (stacked) return [drawnDown(link, boxes, y, one.site.name)]
    return isBetweenNeighbours(link)
      ? [drawnBeside(link, boxes, one.site.name)]
      : [drawnUnder(link, boxes, y, one.site.name)]
  })
}

/** The nodes at whose own address the workload was probed; in older records every worker. */
function workloadEntries({ topology, record }: Drawn, nodes: readonly Placed[]): Placed[] {
  const through = new Set(
    record.vantages
      .filter(({ kind }) => kind === 'page' || kind === 'save' || kind === 'report')
      .map(({ throughNode }) => throughNode),
  )
  const probed = nodes.filter(({ node }) => through.has(node.name))
  if (probed.length > 0 || topology.floatingIp !== undefined) return probed
  return nodes.filter(({ node }) => node.role === 'worker')
}

function description({ topology, record }: Drawn): string {
  const hit = record.faults.map(faultSentence).join('; ')
  const parts = [
    `${topology.sites.length} sites, ${topology.nodes.length} nodes`,
    ...(topology.loadBalancer === null ? [] : ['a load balancer']),
    ...(topology.floatingIp === undefined ? [] : ['a floating IP']),
  ]
  const held = record.floatingIp
    ? ` Floating IP: ${holdersPhrase(floatingIpFacts(record, record.floatingIp))}.`
    : ''
  return `${parts.join(', ')}. Hit: ${hit === '' ? 'none' : hit}.${held}`
}

/** Inline SVG of the topology and of what was done to it. */
export function topologyPicture(drawn: Drawn, frame: Frame): Markup {
  const { topology } = drawn
  const stacked = frame.name === 'narrow'
  const floats = topology.floatingIp !== undefined
  const railsPx = railSpacePx(floats)
  const panelPx = stacked ? frame.widthPx - 18 - railsPx : widePanelPx
  const at = (y: number, width: number) => ({
    x: stacked ? 18 : (frame.widthPx - width) / 2,
    y,
    width,
  })
  const apiText = apiPanel(drawn)
  const api = placed(
    apiText,
    at(2, !stacked && apiText.ports.length > 0 ? widePortsPx : panelPx),
    stacked ? 1 : 4,
  )
  const sitesTopPx = bottomOf(api.box) + (stacked ? 14 : 36)
  const layout = stacked
    ? narrowLayout(drawn, sitesTopPx, frame, railsPx)
    : wideLayout(drawn, sitesTopPx, frame)
  const entries = workloadEntries(drawn, layout.nodes)
  const belowPx = layout.endPx + (stacked ? 14 : busSpacePx(floats))
  const floatingText = floatingIpPanel(drawn)
  const floating =
    floatingText === null
      ? null
      : placed(floatingText, at(belowPx, stacked ? panelPx : widePanelPx + 80), 1)
  const clientsPx = floating === null ? belowPx : bottomOf(floating.box) + 24
  const workload = placed(workloadPanel(drawn, entries.length > 0), at(clientsPx, panelPx), 1)
  const first = firstControlPlane(drawn)
  const controlPlanes = layout.nodes.filter(({ node }) =>
    topology.loadBalancer === null ? node === first : node.role === 'control-plane',
  )
  const lines = wires(
    {
      api: api.box,
      controlPlanes,
      workload: workload.box,
      entries,
      floating: floating?.box ?? null,
      nodes: layout.nodes,
      sitesTopPx,
      sitesEndPx: layout.endPx,
    },
    frame,
  )
  return markup`<svg class="${frame.name}" viewBox="0 0 ${frame.widthPx} ${bottomOf(workload.box) + 2}" role="img" aria-labelledby="topology-title-${frame.name} topology-desc-${frame.name}">
<title id="topology-title-${frame.name}">${topology.title}</title><desc id="topology-desc-${frame.name}">${description(drawn)}</desc>
${layout.sites.map(({ box }) => drawnSite(box))}
${lines}
${drawnLinks(layout, stacked)}
${layout.sites.map(({ site, box }) => siteLabel(site, box, labelRoomPx(box, controlPlanes, stacked)))}
${layout.nodes.map(drawnNode)}
${api.drawn}${floating?.drawn ?? null}${workload.drawn}</svg>`
}

/** What the lines of the floating IP and of a link mean; nothing where there are none. */
export function topologyLegend({ topology, record }: Drawn): Markup | null {
  const swatch = (kind: string, says: string) =>
    markup`<li><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="link ${kind}" d="M1 6h32"/></svg>${says}</li>`
  if (topology.floatingIp === undefined) return null
  const watched = (record.floatingIp?.tenures.length ?? 0) > 0
  const held = watched
    ? markup`${swatch('holder', 'held the floating IP when the fault came')}${swatch('holder later', 'held it later')}`
    : null
  return markup`<ul class="legend below">${swatch('api', 'to the API')}${held}${swatch('workload', 'probed at its own address')}</ul>`
}
