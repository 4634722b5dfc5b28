/**
 * Markup as a value. Whatever is put into the template is escaped, unless it is markup itself, so
 * that no string of a record, however hostile, reaches the page as anything but text.
 */

/** HTML or SVG that is safe to put into a page as it is. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type MarkupPart = Markup | string | number | null | readonly MarkupPart[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Everything but tab, line feed, carriage return and printable characters. */
const unprintable = /[^\t\n\r\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

/** Safe as text and in a quoted attribute, in HTML and in XML; unprintable characters become `�`. */
export function escapeText(text: string): string {
  return text.replace(unprintable, '\u{fffd}').replace(/[&<>"']/g, (found) => entities[found] ?? '')
}

function textOf(part: MarkupPart): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return String(Math.round(part * 100) / 100)
  return part.map(textOf).join('')
}

/** A template whose values are escaped; null is nothing, a list is joined. */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return new Markup(
    strings.map((literal, index) => literal + textOf(parts[index] ?? null)).join(''),
  )
}
