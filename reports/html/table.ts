/**
 * A table of the page. On a narrow screen each row becomes a card, so cells carry their heading.
 */
import { type Markup, type MarkupPart, markup } from './escape.ts'

/**
 * An empty cell is null: it has no heading of its own.
 * @param kind class of the table, for widths of columns
 */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly MarkupPart[])[],
  kind = '',
): Markup {
  if (rows.length === 0) return markup`<p class="muted">${caption}: none.</p>`
  return markup`<table role="table" class="${kind}"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((head) => markup`<th role="columnheader" scope="col">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => markup`<tr role="row">${row.map((cell, index) =>
      index === 0
        ? markup`<th role="rowheader" scope="row">${cell}</th>`
        : cell === null
          ? markup`<td role="cell"></td>`
          : markup`<td role="cell" data-label="${heads[index] ?? ''}"><div>${cell}</div></td>`,
    )}</tr>
`,
  )}</tbody></table>`
}
