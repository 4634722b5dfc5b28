/**
 * From session time to pixels, with ticks at round figures, and the two sizes in which every
 * picture is drawn. Shared by the pictures of the page.
 */
import { formatMs, type Interval } from '../../harness/model/units.ts'
import { cut } from '../terminal-text.ts'

/** A picture is drawn twice, and the style sheet shows the one that fits. */
export interface Frame {
  /** Keeps identifiers of the two drawings apart. */
  name: 'wide' | 'narrow'
  widthPx: number
}

export const frames: readonly Frame[] = [
  { name: 'wide', widthPx: 1080 },
  { name: 'narrow', widthPx: 340 },
]

export interface Scale {
  toPx(ms: number): number
  fromPx: number
  untilPx: number
}

/** Linear, clamped to its ends; an empty span has everything at its beginning. */
export function scaleOf([fromMs, untilMs]: Interval, fromPx: number, untilPx: number): Scale {
  const spanMs = untilMs - fromMs
  return {
    fromPx,
    untilPx,
    toPx(ms) {
      const share = spanMs <= 0 ? 0 : Math.min(1, Math.max(0, (ms - fromMs) / spanMs))
      return Math.round((fromPx + share * (untilPx - fromPx)) * 10) / 10
    },
  }
}

const tickStepsMs = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000,
]

/** Round instants in the span, counted from zero, at most as many as asked for. */
export function ticksOf([fromMs, untilMs]: Interval, atMost: number): number[] {
  const stepMs =
    tickStepsMs.find((step) => (untilMs - fromMs) / step <= atMost) ??
    Math.max(1, (untilMs - fromMs) / Math.max(1, atMost))
  const ticks: number[] = []
  for (let index = Math.ceil(fromMs / stepMs); index * stepMs <= untilMs; index += 1) {
    ticks.push(index * stepMs)
  }
  return ticks
}

export function tickLabel(ms: number): string {
  return ms === 0 ? '0' : formatMs(ms).replace(/^-/, '−')
}

/** Puts marks into as few rows as keep them from touching; returns the row of each. */
export function stackedRows(marks: readonly { fromPx: number; untilPx: number }[]): number[] {
  const endsPx: number[] = []
  return marks.map(({ fromPx, untilPx }) => {
    const free = endsPx.findIndex((endPx) => endPx <= fromPx)
    const row = free === -1 ? endsPx.length : free
    endsPx[row] = untilPx
    return row
  })
}

/** Cut to what fits into so many pixels at about so many a column; wide scripts take two. */
export function fitted(text: string, widthPx: number, characterPx = 7): string {
  return cut(text, Math.max(1, Math.floor(widthPx / characterPx)))
}
