/**
 * Text for a terminal: made harmless, measured in columns, cut and wrapped. Control characters
 * never reach the screen, so that a name or an error message cannot move the cursor.
 */

/** Scripts and symbols that take two columns. */
const wide =
  /[\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** One line without control characters. */
export function harmless(text: string): string {
  return text.replace(/[\t\n\v\f\r\u{2028}\u{2029}]+/gu, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
}

/** Columns that a text without control characters takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += wide.test(character) ? 2 : 1
  return columns
}

/** Cut to so many columns, with an ellipsis where something is missing. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    const more = columnsOf(character)
    if (used + more > columns - 1) break
    kept += character
    used += more
  }
  return columns < 1 ? '' : `${kept}…`
}

/** Exactly so many columns: cut, or filled with spaces. */
export function padded(text: string, columns: number): string {
  const short = cut(text, columns)
  return short + ' '.repeat(Math.max(0, columns - columnsOf(short)))
}

/** Rows as lines: each cell as wide as the widest of its column, and two spaces between them. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, columnsOf(cell))
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Broken between words into lines of at most so many columns; a longer word stands alone. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
