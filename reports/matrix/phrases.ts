/**
 * The words that every renderer of a matrix shares: what became of a cell, how long its outage was,
 * how the whole went, and the documents' own tables. One place, so that page, summary and terminal
 * tell one story.
 */
import {
  cellName,
  isSettled,
  type Matrix,
  type MatrixCell,
  type MatrixChange,
  type MatrixResult,
} from '../../harness/model/matrix.ts'
import type { ClaimResult, RunVerdict } from '../../harness/model/record.ts'
import { formatInterval, formatMs } from '../../harness/model/units.ts'
import { countOf, listed, verdictSymbol } from '../phrases.ts'

/** `37.9 s to 38 s`, `none over 100 ms`, `not measured`. */
export function outageText({ outageMs, lacks }: Pick<MatrixResult, 'outageMs' | 'lacks'>): string {
  if (lacks.length > 0) return 'not played'
  if (outageMs === null) return 'not measured'
  if (outageMs[0] > 0) return formatInterval(outageMs)
  return outageMs[1] <= 0 ? 'none' : `none over ${formatMs(outageMs[1])}`
}

/** Claims of a cell whose verdict is not the accepted one; none where there is no valid run. */
export function differing(cell: MatrixCell): ClaimResult[] {
  if (!isSettled(cell)) return []
  return (cell.result?.claims ?? []).filter(({ verdict, accepted }) => verdict !== accepted.verdict)
}

/** Whether there is nothing for a person to look at: a valid run, every verdict the accepted one. */
export function isAccepted(cell: MatrixCell): boolean {
  return isSettled(cell) && (cell.result?.claims.length ?? 0) > 0 && differing(cell).length === 0
}

export function verdictOf({ result, tries }: MatrixCell): RunVerdict | 'not played' {
  if (result !== null) return result.verdict
  return tries.length > 0 ? 'invalid' : 'not played'
}

export const symbolOf = (verdict: RunVerdict | 'not played'): string =>
  verdict === 'not played' ? '·' : verdictSymbol[verdict]

/** Why a cell says nothing; null where it has a valid run. */
export function reasonOf(cell: MatrixCell): string | null {
  if (isSettled(cell)) return null
  const last = cell.tries.at(-1)
  if (last === undefined) return 'not played yet'
  return `${countOf(cell.tries.length, 'invalid run')}, the last: ${last.problem ?? 'no reason given'}`
}

/** The whole in a sentence, numbers first; and another one where something acknowledged was lost. */
export function headlineOfMatrix({ cells }: Matrix): string {
  const lossy = cells.filter(({ result }) => (result?.lostWrites ?? 0) > 0)
  if (lossy.length === 0) return acceptedText(cells)
  const lost = lossy.reduce((sum, { result }) => sum + (result?.lostWrites ?? 0), 0)
  return `${acceptedText(cells)} ${countOf(lost, 'acknowledged save')} LOST, in ${listed(lossy.map(cellName))}.`
}

function acceptedText(cells: Matrix['cells']): string {
  const accepted = cells.filter(isAccepted).length
  const differ = cells.filter((cell) => differing(cell).length > 0)
  const open = cells.filter((cell) => !isSettled(cell))
  if (accepted === cells.length && accepted > 0) {
    return accepted === 1
      ? 'The one drill came out as accepted.'
      : `All ${accepted} drills came out as accepted.`
  }
  const rest = [
    ...(differ.length > 0
      ? [`${countOf(differ.length, 'drill')} with a verdict that nobody accepted`]
      : []),
    ...(open.length > 0 ? [`${countOf(open.length, 'drill')} without a valid run`] : []),
  ]
  return `${accepted} of ${cells.length} drills came out as accepted${rest.length > 0 ? `; ${listed(rest)}` : ''}.`
}

/** How long it took, against what its timers ask for; those of a simulation pass in virtual time. */
export function effortOf({ totals, sittings, provider }: Matrix): string {
  if (provider === 'sim') {
    return `${formatMs(totals.wallMs)}, for timers of ${formatMs(totals.irreducibleMs)} in virtual time.`
  }
  const { wallMs, bringUps, bringUpMs, comeBackMs, irreducibleMs, ratio } = totals
  const often = sittings.length > 1 ? `, in ${countOf(sittings.length, 'sitting')}` : ''
  const share =
    ratio === null
      ? ''
      : `; ${ratio.toFixed(2)} times these and what the timers ask for (${formatMs(irreducibleMs)})`
  const bringing = `${formatMs(bringUpMs)} of it for ${countOf(bringUps, 'bring-up')}`
  const coming = `${formatMs(comeBackMs)} until what was broken was back and what people do was done`
  return `${formatMs(wallMs)}${often}, ${bringing} and ${coming}${share}.`
}

/** `000-worker-down in cx-worker-ha/worker-down: confirmed → contradicted`. */
export function changeText({ cell, kind, what, before, now }: MatrixChange): string {
  const subject = kind === 'cell' ? cell : `${what} in ${cell}`
  return `${subject}: ${before} → ${now}`
}

export function sinceTitle(startedAt: string): string {
  return `What changed since ${startedAt.slice(0, 10)}`
}

/** One line of a document's table. */
export interface DocumentRow {
  cell: MatrixCell
  claim: ClaimResult
  /** The claim's sentence, without the number of its document. */
  says: string
}

/** The claims by document, in the order of their numbers and, in each, of the cells. */
export function documentsOf({ cells }: Matrix): { document: string; rows: DocumentRow[] }[] {
  const rows = new Map<string, DocumentRow[]>()
  for (const cell of cells) {
    for (const claim of cell.result?.claims ?? []) {
      const [document, says] = parted(claim.source)
      const own = rows.get(document) ?? []
      own.push({ cell, claim, says })
      rows.set(document, own)
    }
  }
  return [...rows]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([document, own]) => ({ document, rows: own }))
}

/** `000: a sentence` → `000` and the sentence. */
function parted(source: string): [document: string, says: string] {
  const at = source.indexOf(': ')
  return at === -1 ? ['other', source] : [source.slice(0, at), source.slice(at + 2)]
}

/** `What if …? (at TARGET, on TOPOLOGY)`. */
export function whatIfOf({ whatIf, topology, target }: MatrixCell): string {
  return `${whatIf} (${target === null ? '' : `${target}, `}on ${topology})`
}

/** The report of a cell's last run, below the matrix's folder; null without a run. */
export function reportLink({ result }: MatrixCell): string | null {
  return result === null ? null : `${result.run}/report.html`
}

/** Runs that were played and say nothing, named so that they can be looked at. */
export function invalidTries({ cells }: Matrix): { name: string; run: string; problem: string }[] {
  return cells.flatMap((cell) =>
    cell.tries
      .filter(({ verdict }) => verdict === 'invalid')
      .map(({ run, problem }) => ({
        name: cellName(cell),
        run: run ?? 'no cluster came up',
        problem: problem ?? 'no reason given',
      })),
  )
}

/** Names of topologies and scenarios, each once, in the order of the cells. */
export function axesOf({ cells }: Matrix): { topologies: string[]; scenarios: string[] } {
  return {
    topologies: [...new Set(cells.map(({ topology }) => topology))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
  }
}
