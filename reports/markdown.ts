/**
 * Markdown from text that nobody has looked at: nothing in it is markup, no cell is broken out of,
 * and it stays on one line.
 */

/** Plain text in Markdown. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/([\\`*_[\]|~#!@])/g, '\\$1')
}

/** Code in Markdown; a backtick inside would end it, and becomes an apostrophe. */
export function code(text: string): string {
  return `\`${text.replace(/\s+/g, ' ').replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** Cells are Markdown already. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ['None.']
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)]
}

/** Under a third-level heading; nothing without items, which are plain text. */
export function list(title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : ['', `### ${title}`, '', ...items.map((item) => `- ${plain(item)}`)]
}
