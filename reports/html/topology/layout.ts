/**
 * Where sites and nodes stand. Wide, sites stand side by side with their control planes in a row
 * above their workers; narrow, everything is stacked. Between sites whose link was hit there is
 * room for a line with its label.
 */
import type { Site } from '../../../harness/model/topology.ts'
import type { Frame } from '../scale.ts'
import { type Box, linePx } from './boxes.ts'
import {
  besideGapPx,
  besideHeightPx,
  downLabelWidthPx,
  type HitLink,
  hitLinks,
  isBetweenNeighbours,
  linkLabel,
} from './links.ts'
import { type Drawn, type NodeLine, nodeHeightPx, nodeLines, type Placed } from './nodes.ts'

export interface Layout {
  sites: readonly { site: Site; box: Box }[]
  nodes: readonly Placed[]
  links: readonly {
    link: HitLink /** Where a line under the boxes, or a label, stands. */
    y: number
  }[]
  /** Below the sites, and below the lines that run under them. */
  endPx: number
}

const headPx = 46
const gapPx = 10
const siteGapPx = 16
const underPx = 26
const mostNodePx = 300

type Unplaced = Pick<Placed, 'node' | 'lines'>

function membersOf(drawn: Drawn): { site: Site; nodes: Unplaced[] }[] {
  const { sites, nodes } = drawn.topology
  return sites.map((site) => ({
    site,
    nodes: nodes
      .filter((node) => node.site === site.name)
      .map((node) => ({ node, lines: nodeLines(node, drawn) })),
  }))
}

const tallest = (nodes: readonly { lines: readonly NodeLine[] }[]): number =>
  nodeHeightPx(Math.max(0, ...nodes.map(({ lines }) => lines.length)))

export function wideLayout(drawn: Drawn, topPx: number, frame: Frame): Layout {
  const links = hitLinks(drawn.topology, drawn.record)
  const members = membersOf(drawn)
  const roles = (['control-plane', 'worker'] as const).filter((role) =>
    drawn.topology.nodes.some((node) => node.role === role),
  )
  const rows = roles.map((role) => {
    const ofSite = members.map(({ nodes }) => nodes.filter(({ node }) => node.role === role))
    return { ofSite, heightPx: tallest(ofSite.flat()) }
  })
  const columns = members.map((_, site) =>
    Math.max(1, ...rows.map(({ ofSite }) => ofSite[site]?.length ?? 0)),
  )
  const gaps = members
    .slice(1)
    .map((_, index) =>
      links.some((link) => isBetweenNeighbours(link) && link.from === index)
        ? besideGapPx
        : siteGapPx,
    )
  const all = columns.reduce((sum, own) => sum + own, 0)
  const sidesPx = members.length * gapPx + gaps.reduce((sum, px) => sum + px, 0)
  const nodePx = Math.max(20, Math.min(mostNodePx, (frame.widthPx - sidesPx) / all - gapPx))
  let x = (frame.widthPx - sidesPx - all * (nodePx + gapPx)) / 2
  const siteHeightPx = Math.max(
    headPx + rows.reduce((sum, { heightPx }) => sum + heightPx + gapPx, 0) + 2,
    ...links.filter(isBetweenNeighbours).map(besideHeightPx),
  )
  const sites: { site: Site; box: Box }[] = []
  const nodes: Placed[] = []
  for (const [index, { site }] of members.entries()) {
    const width = (columns[index] ?? 1) * (nodePx + gapPx) + gapPx
    let y = topPx + headPx
    for (const { ofSite, heightPx } of rows) {
      const own = ofSite[index] ?? []
      const fromPx = x + (width - own.length * (nodePx + gapPx) + gapPx) / 2
      for (const [column, placed] of own.entries()) {
        const box = { x: fromPx + column * (nodePx + gapPx), y, width: nodePx, height: heightPx }
        nodes.push({ ...placed, box })
      }
      y += heightPx + gapPx
    }
    sites.push({ site, box: { x, y: topPx, width, height: siteHeightPx } })
    x += width + (gaps[index] ?? 0)
  }
  const sitesEndPx = topPx + siteHeightPx
  let under = 0
  const placedLinks = links.map((link) => {
    if (!isBetweenNeighbours(link)) under += 1
    return { link, y: sitesEndPx + under * underPx }
  })
  return { sites, nodes, links: placedLinks, endPx: sitesEndPx + under * underPx }
}

/**
 * @param railsPx room at the right of the sites for lines from below
 */
export function narrowLayout(drawn: Drawn, topPx: number, frame: Frame, railsPx: number): Layout {
  const links = hitLinks(drawn.topology, drawn.record)
  const left = links.some((link) => !isBetweenNeighbours(link)) ? 30 : 18
  const width = frame.widthPx - left - railsPx
  const sites: { site: Site; box: Box }[] = []
  const nodes: Placed[] = []
  const placedLinks: { link: HitLink; y: number }[] = []
  let y = topPx
  for (const [index, { site, nodes: own }] of membersOf(drawn).entries()) {
    const fromPx = y
    y += headPx
    for (const placed of own) {
      const height = tallest([placed])
      nodes.push({ ...placed, box: { x: left + 10, y, width: width - 20, height } })
      y += height + gapPx
    }
    sites.push({ site, box: { x: left, y: fromPx, width, height: y - fromPx } })
    y += 12
    for (const link of links.filter(({ from }) => from === index)) {
      placedLinks.push({ link, y })
      y += linkLabel(link, downLabelWidthPx(width)).length * linePx + 10
    }
  }
  return { sites, nodes, links: placedLinks, endPx: y - 12 }
}
