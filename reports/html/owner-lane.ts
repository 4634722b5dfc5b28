/**
 * The lane of the timeline that tells who answered for the floating IP: a segment for each tenure,
 * with the owner's name where it fits. Nobody and several owners at once have a colour and a height
 * of their own. Before anyone watched, the lane is empty.
 */
import type { FloatingIpRecord } from '../../harness/model/record.ts'
import { formatMs } from '../../harness/model/units.ts'
import { ownersPhrase } from '../floating-ip.ts'
import { type Markup, markup } from './escape.ts'
import { type Scale, tickLabel } from './scale.ts'

/** Tenures beyond these are drawn, but without a tooltip: nobody could point at them. */
const tooltips = 200
const characterPx = 7.1

type Look = 'owner-0' | 'owner-1' | 'nobody' | 'several'

const heightsPx: Record<Look, number> = { 'owner-0': 16, 'owner-1': 16, nobody: 20, several: 20 }

interface Segment {
  look: Look
  label: string
  title: string
  fromPx: number
  widthPx: number
}

function segmentsOf({ tenures }: FloatingIpRecord, scale: Scale, originMs: number): Segment[] {
  const known: string[] = []
  return tenures.map(({ owners, fromMs, toMs }): Segment => {
    const [owner] = owners
    if (owners.length === 1 && owner !== undefined && !known.includes(owner)) known.push(owner)
    const look: Look =
      owner === undefined
        ? 'nobody'
        : owners.length > 1
          ? 'several'
          : known.indexOf(owner) % 2 === 0
            ? 'owner-0'
            : 'owner-1'
    const label = ownersPhrase(owners)
    const fromPx = scale.toPx(fromMs)
    const title = `floating IP: ${label} from ${tickLabel(fromMs - originMs)} to ${tickLabel(toMs - originMs)}, for ${formatMs(toMs - fromMs)}`
    return { look, label, title, fromPx, widthPx: Math.max(1.5, scale.toPx(toMs) - fromPx) }
  })
}

/** Markup around the line that runs in the middle of the lane. */
export function ownerLane(
  record: FloatingIpRecord,
  scale: Scale,
  middlePx: number,
  originMs: number,
): Markup {
  const segments = segmentsOf(record, scale, originMs)
  const shapes = (Object.keys(heightsPx) as Look[]).flatMap((look) => {
    const own = segments.filter((segment) => segment.look === look)
    const inset = look === 'owner-1' ? 0.75 : 0
    const height = heightsPx[look] - 2 * inset
    const path = own
      .map(({ fromPx, widthPx }) => {
        const width = Math.round(Math.max(0.5, widthPx - 2 * inset) * 10) / 10
        return `M${fromPx + inset} ${middlePx - height / 2}h${width}v${height}h-${width}z`
      })
      .join('')
    return path === '' ? [] : [markup`<path class="tenure ${look}" d="${path}"/>`]
  })
  const labels = segments
    .filter(({ label, widthPx }) => [...label].length * characterPx + 8 <= widthPx)
    .map(
      ({ look, label, fromPx, widthPx }) =>
        markup`<text class="small tenure-text ${look}" x="${fromPx + widthPx / 2}" y="${middlePx + 4}" text-anchor="middle">${label}</text>`,
    )
  const titles = segments
    .slice(0, tooltips)
    .map(
      ({ fromPx, widthPx, title }) =>
        markup`<rect class="hover" x="${fromPx}" y="${middlePx - 11}" width="${Math.max(3, widthPx)}" height="22"><title>${title}</title></rect>`,
    )
  return markup`${shapes}${labels}${titles}`
}

/** What the segments mean; for the timeline's legend. */
export function ownerLegend(): Markup {
  const swatch = (look: Look, says: string) =>
    markup`<li><svg viewBox="0 0 30 22" width="30" height="22" aria-hidden="true"><path class="tenure ${look}" d="M1 ${11 - heightsPx[look] / 2}h28v${heightsPx[look]}h-28z"/></svg>${says}</li>`
  return markup`${swatch('owner-0', 'holder of the floating IP')}${swatch('owner-1', 'another holder')}${swatch('nobody', 'nobody')}${swatch('several', 'more than one at once')}`
}
