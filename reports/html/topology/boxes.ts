/**
 * Boxes and the lines of text in them, for the picture of the topology. Text is broken into lines
 * that fit, and what is cut in spite of that is cut with an ellipsis, never run over an edge.
 */
import { unbroken } from '../../phrases.ts'
import { wrapped } from '../../terminal-text.ts'
import { fitted } from '../scale.ts'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Height of a line of small text, and about how wide a character of it is, light and bold. */
export const linePx = 17
export const smallPx = 6.3
export const boldPx = 7.1
export const strongPx = 7.6

export const middleOf = ({ x, width }: Box): number => x + width / 2
export const centreOf = ({ y, height }: Box): number => y + height / 2
export const rightOf = ({ x, width }: Box): number => x + width
export const bottomOf = ({ y, height }: Box): number => y + height

/** At most so many lines, each no wider than it may be; the last tells by an ellipsis of more. */
export function fittedLines(
  text: string,
  widthPx: number,
  characterPx: number,
  atMost: number,
): string[] {
  const lines = wrapped(unbroken(text.replace(/\s+/g, ' ')), Math.floor(widthPx / characterPx))
  const kept = lines.slice(0, atMost - 1)
  if (lines.length >= atMost) kept.push(lines.slice(atMost - 1).join(' '))
  return kept.map((line) => fitted(line, widthPx, characterPx))
}
