/**
 * The lines of the picture: from the API's clients to the control planes, from the workload's
 * clients to the nodes that were probed, and from the floating IP to those that held it: solid to
 * the holder at the fault, dashed to later ones. Wide, they run along a bus above or below the
 * sites; narrow, along rails at the edges.
 */

import { type Markup, markup } from '../escape.ts'
import type { Frame } from '../scale.ts'
import { type Box, bottomOf, centreOf, middleOf, rightOf } from './boxes.ts'
import type { NodeLine, Placed } from './nodes.ts'

export interface Ends {
  api: Box
  controlPlanes: readonly Placed[]
  workload: Box
  /** Nodes that were probed at their own address. */
  entries: readonly Placed[]
  /** Null where there is no floating IP. */
  floating: Box | null
  nodes: readonly Placed[]
  /** Where sites begin, and where they and what belongs to them end. */
  sitesTopPx: number
  sitesEndPx: number
}

/** Space under the sites for the buses of the wide picture. */
export const busSpacePx = (floating: boolean): number => (floating ? 48 : 36)

/** Space at the right of the sites for the rails of the narrow picture. */
export const railSpacePx = (floating: boolean): number => (floating ? 38 : 18)

/** The API's line enters a node near its right edge, so that the site's name has room. */
export const apiEntryPx = (box: Box): number => rightOf(box) - 18

/** Nodes with a badge of this kind; one that held the address at the fault is no later one. */
function holding(nodes: readonly Placed[], kind: NodeLine['kind']): Placed[] {
  const has = (lines: readonly NodeLine[], wanted: NodeLine['kind']) =>
    lines.some((line) => line.kind === wanted)
  return nodes.filter(
    ({ lines }) => has(lines, kind) && !(kind === 'later' && has(lines, 'holder')),
  )
}

const path = (kind: string, pieces: readonly string[]): Markup | null =>
  pieces.length === 0 ? null : markup`<path class="link ${kind}" d="${pieces.join('')}"/>`

function wideWires(ends: Ends): Markup {
  const { api, workload, floating, sitesTopPx, sitesEndPx } = ends
  const topBusPx = sitesTopPx - 18
  const lowBusPx = sitesEndPx + (floating === null ? 18 : 14)
  const holderBusPx = sitesEndPx + 31
  const toApi = ends.controlPlanes.map(
    ({ box }) => `M${middleOf(api)} ${bottomOf(api)}V${topBusPx}H${apiEntryPx(box)}V${box.y}`,
  )
  const fromClients =
    floating === null
      ? `M${middleOf(workload)} ${workload.y}V${lowBusPx}`
      : `M${rightOf(workload)} ${centreOf(workload)}H${rightOf(floating) + 22}V${lowBusPx}`
  const toNodes = ends.entries.map(
    ({ box }) => `${fromClients}H${middleOf(box) + (floating === null ? 0 : 26)}V${bottomOf(box)}`,
  )
  const toHolder = ({ box }: Placed, offsetPx: number): string =>
    floating === null
      ? ''
      : `M${middleOf(floating) + offsetPx} ${floating.y}V${holderBusPx + offsetPx / 2}H${middleOf(box)}V${bottomOf(box)}`
  return markup`${path('api', toApi)}${path('workload', toNodes)}
${floating === null ? null : path('holder', [`M${middleOf(floating)} ${bottomOf(floating)}V${workload.y}`])}
${path(
  'holder',
  holding(ends.nodes, 'holder').map((node) => toHolder(node, -8)),
)}
${path(
  'holder later',
  holding(ends.nodes, 'later').map((node) => toHolder(node, 8)),
)}`
}

function narrowWires(ends: Ends, frame: Frame): Markup {
  const { api, workload, floating } = ends
  const lastRailPx = frame.widthPx - 8
  const toApi = ends.controlPlanes.map(
    ({ box }) => `M${api.x} ${centreOf(api)}H8V${box.y + 27}H${box.x}`,
  )
  const entryPx = (box: Box) => box.y + (floating === null ? 27 : 38)
  const toNodes = ends.entries.map(
    ({ box }) =>
      `M${rightOf(workload)} ${centreOf(workload)}H${lastRailPx}V${entryPx(box)}H${rightOf(box)}`,
  )
  const toHolder = ({ box }: Placed, rail: 0 | 1): string =>
    floating === null
      ? ''
      : `M${rightOf(floating)} ${floating.y + 20 + rail * 12}H${rightOf(floating) + 8 + rail * 9}V${box.y + 20}H${rightOf(box)}`
  return markup`${path('api', toApi)}${path('workload', toNodes)}
${floating === null ? null : path('holder', [`M${middleOf(floating)} ${bottomOf(floating)}V${workload.y}`])}
${path(
  'holder',
  holding(ends.nodes, 'holder').map((node) => toHolder(node, 0)),
)}
${path(
  'holder later',
  holding(ends.nodes, 'later').map((node) => toHolder(node, 1)),
)}`
}

export function wires(ends: Ends, frame: Frame): Markup {
  return frame.name === 'wide' ? wideWires(ends) : narrowWires(ends, frame)
}
