/**
 * What a matrix says as a whole: its exit code, its totals, and what changed since another one.
 * Pure.
 */
import {
  cellName,
  isSettled,
  type Matrix,
  type MatrixCell,
  type MatrixChange,
} from '../model/matrix.ts'
import type { RunRecord } from '../model/record.ts'
import { isInterventionRecord } from '../model/turning-points.ts'
import { formatInterval, formatMs, type Interval } from '../model/units.ts'
import { exitCodeOf } from './verdict.ts'

/**
 * 0: every verdict of every cell is the accepted one. 1: one is not. 2: none of these, but a cell
 * has no valid run, or could not determine what was accepted as determined.
 */
export function exitCodeOfMatrix({ cells }: Pick<Matrix, 'cells'>): 0 | 1 | 2 {
  const codes = cells.map(({ result }) => (result === null ? 2 : exitCodeOf(result)))
  if (codes.includes(1)) return 1
  return codes.includes(2) ? 2 : 0
}

/** Sums over cells and sittings. Cells of which nothing was played add no timers. */
export function totalsOf({
  cells,
  sittings,
}: Pick<Matrix, 'cells' | 'sittings'>): Matrix['totals'] {
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const tries = cells.flatMap((cell) => cell.tries)
  const waited = cells.filter(({ result }) => result !== null && result.lacks.length === 0)
  const bringUpMs = sum(tries.map((each) => each.bringUpMs))
  const comeBackMs = sum(tries.map((each) => each.comeBackMs))
  const wallMs = sum(sittings.map((sitting) => sitting.wallMs))
  const irreducibleMs = sum(waited.map((cell) => cell.irreducibleMs))
  return {
    cells: cells.length,
    played: cells.filter(isSettled).length,
    bringUps: tries.filter((each) => each.bringUpMs > 0).length,
    bringUpMs,
    comeBackMs,
    wallMs,
    irreducibleMs,
    ratio: irreducibleMs > 0 ? wallMs / (irreducibleMs + bringUpMs + comeBackMs) : null,
  }
}

/** Of a record, what tells how long its parts took. */
interface Played {
  phases: readonly Pick<RunRecord['phases'][number], 'name' | 'fromMs' | 'toMs'>[]
  faults: readonly Pick<RunRecord['faults'][number], 'kind' | 'injectedAtMs' | 'tookHoldAtMs'>[]
}

/**
 * How long it took, beyond the timers, until what was broken was back and whatever people did was
 * done. `waits` are those of the run's own plan.
 */
export function comeBackMsOf(
  { phases, faults }: Played,
  waits: readonly { phase: string; ms: number }[],
): number {
  const isReturn = (phase: string) => phase === 'heal' || phase === 'settle'
  const returns = phases.filter(({ name }) => isReturn(name))
  const tookMs = returns.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
  const waitedMs = waits.reduce((sum, { phase, ms }) => sum + (isReturn(phase) ? ms : 0), 0)
  const doneMs = faults
    .filter(isInterventionRecord)
    .map(({ injectedAtMs, tookHoldAtMs }) =>
      injectedAtMs === null || tookHoldAtMs === null ? 0 : tookHoldAtMs - injectedAtMs,
    )
  return Math.max(0, tookMs - waitedMs) + doneMs.reduce((sum, ms) => sum + ms, 0)
}

/** An outage changed when it is another by more than a fifth and by more than two seconds. */
const changedShare = 0.2
const changedMs = 2_000

/**
 * Claims that got another verdict, outages that are longer or shorter than measuring twice would
 * make them, and cells or claims that one of the two does not have; in the order of `now`.
 */
export function changesBetween(
  before: Pick<Matrix, 'cells'>,
  now: Pick<Matrix, 'cells'>,
): MatrixChange[] {
  return pairsOf(before, now).flatMap(({ cell, was, is }) => {
    if (!was || !is) return presence(cell, was, is)
    return [...verdictChanges(cell, was, is), ...outageChange(cell, was, is)]
  })
}

/** Every verdict that is not the same in both: of runs and of claims, and those one of them lacks. */
export function differingVerdicts(
  a: Pick<Matrix, 'cells'>,
  b: Pick<Matrix, 'cells'>,
): MatrixChange[] {
  return pairsOf(a, b).flatMap(({ cell, was, is }) =>
    was && is ? verdictChanges(cell, was, is) : presence(cell, was, is),
  )
}

interface Pair {
  cell: string
  was: MatrixCell | undefined
  is: MatrixCell | undefined
}

function pairsOf(before: Pick<Matrix, 'cells'>, now: Pick<Matrix, 'cells'>): Pair[] {
  const names = new Set([...now.cells, ...before.cells].map(cellName))
  const named = (cells: readonly MatrixCell[], name: string) =>
    cells.find((cell) => cellName(cell) === name)
  return [...names].map((cell) => ({
    cell,
    was: named(before.cells, cell),
    is: named(now.cells, cell),
  }))
}

const verdictOf = (cell: MatrixCell | undefined): string =>
  cell === undefined ? 'not in the matrix' : (cell.result?.verdict ?? 'no run')

function presence(
  cell: string,
  was: MatrixCell | undefined,
  is: MatrixCell | undefined,
): MatrixChange[] {
  return [{ cell, kind: 'cell', what: 'run', before: verdictOf(was), now: verdictOf(is) }]
}

/** The run's own verdict is told only where its claims do not tell it. */
function verdictChanges(cell: string, was: MatrixCell, is: MatrixCell): MatrixChange[] {
  const claimsOf = ({ result }: MatrixCell) =>
    new Map((result?.claims ?? []).map(({ id, verdict }) => [id, verdict as string]))
  const [old, present] = [claimsOf(was), claimsOf(is)]
  const claims = [...new Set([...present.keys(), ...old.keys()])].flatMap((id): MatrixChange[] => {
    const [before, now] = [old.get(id) ?? 'not judged', present.get(id) ?? 'not judged']
    return before === now ? [] : [{ cell, kind: 'claim', what: id, before, now }]
  })
  const [before, now] = [verdictOf(was), verdictOf(is)]
  const ofRun: MatrixChange[] =
    before === now || (isSettled(was) && isSettled(is) && claims.length > 0)
      ? []
      : [{ cell, kind: 'cell', what: 'run', before, now }]
  return [...ofRun, ...claims]
}

function outageChange(cell: string, was: MatrixCell, is: MatrixCell): MatrixChange[] {
  if (!isSettled(was) || !isSettled(is)) return []
  const [before, now] = [was.result?.outageMs ?? null, is.result?.outageMs ?? null]
  if (before === null && now === null) return []
  const apartMs = Math.abs(middle(before) - middle(now))
  if (apartMs <= changedMs || apartMs <= changedShare * middle(before)) return []
  return [{ cell, kind: 'outage', what: 'outage', before: said(before), now: said(now) }]
}

const middle = (interval: Interval | null): number =>
  interval === null ? 0 : (interval[0] + interval[1]) / 2

/** An outage of which even the lower bound is nothing was not seen. */
function said(interval: Interval | null): string {
  if (interval === null) return 'none measured'
  return interval[0] <= 0 ? `none over ${formatMs(interval[1])}` : formatInterval(interval)
}
