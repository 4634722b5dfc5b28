/**
 * Faults on the link between two sites: which links were hit, where their label goes, and the line
 * itself, broken for a cut, with an arrow for one way, dotted for loss, dashed for delay. A fault on
 * a link between sites that the topology does not have is left to the other parts of the page.
 */
import type { FaultRecord, RunRecord } from '../../../harness/model/record.ts'
import type { Topology } from '../../../harness/model/topology.ts'
import { faultSentence, happeningOf, linkOf } from '../../phrases.ts'
import { type Markup, markup } from '../escape.ts'
import { fitted } from '../scale.ts'
import { type Box, boldPx, bottomOf, centreOf, fittedLines, linePx, rightOf } from './boxes.ts'

/** Faults on one pair of sites, by their place among the topology's sites: `from < to`. */
export interface HitLink {
  from: number
  to: number
  faults: readonly FaultRecord[]
}

/** Each pair of sites whose link was hit, once, in the order of the sites. */
export function hitLinks({ sites }: Topology, { faults }: RunRecord): HitLink[] {
  const links: HitLink[] = []
  for (const [from, one] of sites.entries()) {
    for (const [to, other] of sites.entries()) {
      if (to <= from) continue
      const names = [`${one.name}/${other.name}`, `${other.name}/${one.name}`]
      const own = faults.filter((fault) => linkOf(fault) !== null && names.includes(fault.target))
      if (own.length > 0) links.push({ from, to, faults: own })
    }
  }
  return links
}

/** True where no third site stands between the two. */
export const isBetweenNeighbours = ({ from, to }: HitLink): boolean => to === from + 1

/** What the label of a link says, each fault in its own lines. */
export function linkLabel({ faults }: HitLink, widthPx: number): string[] {
  return faults.flatMap((fault) => {
    const happened = happeningOf(fault).replace(/^was /, '')
    const direction = fault.kind === 'network.cut-one-way' ? `, ${linkOf(fault)?.join(' to ')}` : ''
    const end = fault.undoneAtMs === null ? '' : ', then restored'
    return fittedLines(`✗ ${happened}${direction}${end}`, widthPx, boldPx, 4)
  })
}

const titleOf = ({ faults }: HitLink): string =>
  faults
    .map((fault) => `${faultSentence(fault)}${fault.undoneAtMs === null ? '' : ', then restored'}`)
    .join('; ')

function kindOf({ faults }: HitLink): string {
  const kinds = faults.map(({ kind }) => kind)
  const worst = ['network.cut', 'network.cut-one-way', 'network.loss', 'network.delay'].find(
    (kind) => kinds.includes(kind),
  )
  return worst?.slice('network.'.length) ?? 'cut'
}

/** At which ends of the picture's line the packets of a one-way cut would have arrived. */
function heads({ faults }: HitLink, first: string): { atFirst: boolean; atSecond: boolean } {
  const oneWay = faults.filter(({ kind }) => kind === 'network.cut-one-way')
  const fromFirst = oneWay.filter(({ target }) => target.startsWith(`${first}/`)).length
  return { atFirst: fromFirst < oneWay.length, atSecond: fromFirst > 0 }
}

/** The line, a cross where something was cut, and an arrow's head where it was cut one way. */
function drawnLine(
  link: HitLink,
  first: string,
  drawn: { line: string; cross: readonly [number, number]; tips: readonly [string, string] },
): Markup {
  const { atFirst, atSecond } = heads(link, first)
  const [x, y] = drawn.cross
  const cross = kindOf(link).startsWith('cut')
    ? markup`<circle class="hole" cx="${x}" cy="${y}" r="9"/><path class="cross" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`
    : null
  const tips = [atFirst ? drawn.tips[0] : '', atSecond ? drawn.tips[1] : ''].join('')
  return markup`<path class="line" d="${drawn.line}"/>${cross}${tips === '' ? null : markup`<path class="tip" d="${tips}"/>`}`
}

/** How high sites that stand side by side must be for the label between them. */
export const besideHeightPx = (link: HitLink): number =>
  linkLabel(link, besideGapPx - 14).length * linePx + 46

/** The gap between sites that stand side by side, and the place of a label under their upper one. */
export const besideGapPx = 150
const downLabelPx = 42
export const downLabelWidthPx = (siteWidthPx: number): number => siteWidthPx - downLabelPx - 6

function labelled(lines: readonly string[], x: number, topPx: number, anchor: string): Markup {
  const widest = Math.max(0, ...lines.map((line) => line.length)) * boldPx + 10
  const fromPx = anchor === 'middle' ? x - widest / 2 : x - 5
  return markup`<rect class="behind" x="${fromPx}" y="${topPx}" width="${widest}" height="${lines.length * linePx}"/>
${lines.map((line, index) => markup`<text class="small hit-text" x="${x}" y="${topPx + 13 + index * linePx}" text-anchor="${anchor}">${line}</text>`)}`
}

const drawnLink = (link: HitLink, ...parts: readonly Markup[]): Markup =>
  markup`<g class="site-link ${kindOf(link)}"><title>${titleOf(link)}</title>${parts}</g>`

/** Between two boxes that stand side by side; the label stands above the line. */
export function drawnBeside(link: HitLink, [left, right]: [Box, Box], first: string): Markup {
  const [fromPx, untilPx] = [rightOf(left), right.x]
  const x = (fromPx + untilPx) / 2
  const lines = linkLabel(link, besideGapPx - 14)
  const textPx = lines.length * linePx
  const y = Math.max(centreOf(left) + 12, left.y + textPx + 18)
  const tips = [
    `M${fromPx + 12} ${y - 6}v12l-11 -6z`,
    `M${untilPx - 12} ${y - 6}v12l11 -6z`,
  ] as const
  return drawnLink(
    link,
    drawnLine(link, first, { line: `M${fromPx} ${y}H${untilPx}`, cross: [x, y], tips }),
    labelled(lines, x, y - 14 - textPx, 'middle'),
  )
}

/** Under boxes that stand side by side, from one to a later one; the label in the gap after the first. */
export function drawnUnder(
  link: HitLink,
  [left, right]: [Box, Box],
  y: number,
  first: string,
): Markup {
  const [fromPx, untilPx] = [rightOf(left) - 28, right.x + 28]
  const tip = (x: number) => `M${x - 6} ${bottomOf(left) + 11}h12l-6 -11z`
  const x = rightOf(left) + 12
  const line = `M${fromPx} ${bottomOf(left)}V${y}H${untilPx}V${bottomOf(right)}`
  const said = linkLabel(link, Infinity).join(', ')
  return drawnLink(
    link,
    drawnLine(link, first, {
      line,
      cross: [rightOf(left) - 8, y],
      tips: [tip(fromPx), tip(untilPx)],
    }),
    labelled([fitted(said, untilPx - x - 20, boldPx)], x, y - linePx / 2, 'start'),
  )
}

/**
 * Boxes that stand one above the other: neighbours by a line down the gap, others by a rail at
 * their left. The label stands in the gap under the upper one, from `topPx` on.
 */
export function drawnDown(
  link: HitLink,
  [upper, lower]: [Box, Box],
  topPx: number,
  first: string,
): Markup {
  const lines = linkLabel(link, downLabelWidthPx(upper.width))
  const label = labelled(lines, upper.x + downLabelPx, topPx, 'start')
  if (isBetweenNeighbours(link)) {
    const x = upper.x + 24
    const [fromPx, untilPx] = [bottomOf(upper), lower.y]
    const tips = [
      `M${x - 6} ${fromPx + 11}h12l-6 -11z`,
      `M${x - 6} ${untilPx - 11}h12l-6 11z`,
    ] as const
    const cross = [x, (fromPx + untilPx) / 2] as const
    return drawnLink(
      link,
      drawnLine(link, first, { line: `M${x} ${fromPx}V${untilPx}`, cross, tips }),
      label,
    )
  }
  const x = upper.x - 9
  const [fromPx, untilPx] = [upper.y + 22, lower.y + 22]
  const tip = (y: number) => `M${x + 1} ${y - 6}v12l8 -6z`
  const line = `M${upper.x} ${fromPx}H${x}V${untilPx}H${lower.x}`
  const cross = [x, topPx + (lines.length * linePx) / 2] as const
  return drawnLink(
    link,
    drawnLine(link, first, { line, cross, tips: [tip(fromPx), tip(untilPx)] }),
    label,
  )
}
