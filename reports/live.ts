/**
 * The run while it is going on: a frame for a terminal that can be redrawn, and plain lines for
 * one that cannot. Made from a state that the caller keeps; no line is wider than it is told.
 */
import chalk from 'chalk'
import type { ProviderName } from '../harness/model/plan.ts'
import type { PhaseName } from '../harness/model/record.ts'
import type { Pace } from '../harness/model/timers.ts'
import { formatMs } from '../harness/model/units.ts'
import { paceNoteOf, provenanceOf } from './phrases.ts'
import { columnsOf, cut, harmless, padded } from './terminal-text.ts'

export interface LiveVantage {
  id: string
  through: string
  /** Null: not probed yet. */
  up: boolean | null
  /** For how long it has been so, in milliseconds. */
  sinceMs: number
  lastError: string | null
}

export interface LiveState {
  /** Scenario and topology, e.g. `worker-down on cx-worker-ha`. */
  title: string
  pace: Pace
  provider: ProviderName
  phase: PhaseName | 'bring-up' | 'done'
  phaseElapsedMs: number
  /** The longest that the phase may still take by the timers; null where nothing bounds it. */
  phaseLeftMs: number | null
  /** What would end the phase before that. */
  waitingFor: readonly string[]
  vantages: readonly LiveVantage[]
  /** Newest last; session time. */
  recent: readonly { atMs: number; text: string }[]
}

/** How many of the recent lines a frame shows. */
export const recentLinesShown = 6

type Style = (text: string) => string
type Piece = readonly [text: string, style?: Style]

/** Pieces side by side, cut where the columns end, and only then coloured. */
function lineOf(pieces: readonly Piece[], columns: number): string {
  let left = columns
  let line = ''
  for (const [text, style] of pieces) {
    const shown = cut(harmless(text), left)
    left -= columnsOf(shown)
    line += style === undefined ? shown : style(shown)
    if (left <= 0) break
  }
  return line
}

const spaced = (text: string, columns: number): string => `${padded(harmless(text), columns)} `

function leftText(leftMs: number | null): string {
  if (leftMs === null) return ''
  return leftMs <= 0 ? ', past its timers' : `, at most ${formatMs(leftMs)} left by the timers`
}

function vantageLine(vantage: LiveVantage, idColumns: number, columns: number): string {
  const id: Piece = [spaced(vantage.id, idColumns)]
  const since = formatMs(vantage.sinceMs)
  if (vantage.up === null)
    return lineOf([['  · ', chalk.dim], id, ['not probed yet', chalk.dim]], columns)
  const through: Piece = [`  ${vantage.through}`, chalk.dim]
  if (vantage.up)
    return lineOf([['  ● ', chalk.blue], id, [spaced(`up for ${since}`, 20)], through], columns)
  const error = vantage.lastError === null ? '' : `  ${vantage.lastError}`
  return lineOf(
    [
      ['  ✗ ', chalk.red],
      id,
      [spaced(`DOWN for ${since}`, 20), chalk.red.bold],
      [error, chalk.red],
      through,
    ],
    columns,
  )
}

/**
 * One frame, without a final line feed.
 *
 * @param columns of the terminal; no line takes more
 */
export function renderLive(state: LiveState, columns: number): string {
  const pace = paceNoteOf(state)
  const longestId = Math.max(0, ...state.vantages.map(({ id }) => columnsOf(harmless(id))))
  const idColumns = Math.min(longestId, Math.max(8, Math.floor(columns * 0.4)))
  const lines = [
    lineOf([[state.title, chalk.bold], [`  ${provenanceOf(state).text}`]], columns),
    ...(pace === null ? [] : [lineOf([[pace, chalk.yellow]], columns)]),
    lineOf(
      [
        [state.phase, chalk.bold],
        [` for ${formatMs(state.phaseElapsedMs)}`],
        [state.phase === 'done' ? '' : leftText(state.phaseLeftMs)],
      ],
      columns,
    ),
    ...(state.waitingFor.length === 0
      ? []
      : [lineOf([[`waiting for ${state.waitingFor.join(', ')}`, chalk.dim]], columns)]),
    ...state.vantages.map((vantage) => vantageLine(vantage, idColumns, columns)),
    ...state.recent
      .slice(-recentLinesShown)
      .map(({ atMs, text }) =>
        lineOf([[`  ${formatMs(atMs).padStart(11)}  `, chalk.dim], [text]], columns),
      ),
  ]
  return lines.join('\n')
}

/** What a plain line can tell. */
export type LiveChange =
  | {
      kind: 'phase'
      phase: LiveState['phase']
      leftMs: number | null
      waitingFor: readonly string[]
    }
  /** `wasSoMs`: how long the state before lasted; null when there was none. */
  | { kind: 'vantage'; id: string; up: boolean; wasSoMs: number | null; error: string | null }
  | { kind: 'note'; text: string }

/** What is new between two states, in the order in which it is to be told. */
export function changesBetween(before: LiveState | null, after: LiveState): LiveChange[] {
  const changes: LiveChange[] = []
  if (before?.phase !== after.phase) {
    const { phase, phaseLeftMs, waitingFor } = after
    changes.push({ kind: 'phase', phase, leftMs: phaseLeftMs, waitingFor })
  }
  for (const { id, up, lastError } of after.vantages) {
    const old = before?.vantages.find((vantage) => vantage.id === id)
    if (up === null || up === (old?.up ?? null)) continue
    const wasSoMs = old === undefined || old.up === null ? null : old.sinceMs
    changes.push({ kind: 'vantage', id, up, wasSoMs, error: up ? null : lastError })
  }
  const last = before?.recent.at(-1)
  const known = after.recent.findLastIndex(
    ({ atMs, text }) => atMs === last?.atMs && text === last.text,
  )
  for (const { text } of after.recent.slice(known + 1)) changes.push({ kind: 'note', text })
  return changes
}

/** One plain line, uncoloured and without a final line feed; `atMs` is session time. */
export function plainLine(atMs: number, change: LiveChange): string {
  const at = `[${(atMs / 1_000).toFixed(1).padStart(7)} s]`
  if (change.kind === 'note') return `${at} ${harmless(change.text)}`
  if (change.kind === 'phase') {
    const waiting =
      change.waitingFor.length === 0 ? '' : `; waiting for ${change.waitingFor.join(', ')}`
    return `${at} phase ${change.phase}${leftText(change.leftMs)}${harmless(waiting)}`
  }
  const was =
    change.wasSoMs === null ? '' : ` after ${formatMs(change.wasSoMs)} ${change.up ? 'down' : 'up'}`
  const error = change.error === null ? '' : `: ${harmless(change.error)}`
  return `${at} ${change.up ? 'UP  ' : 'DOWN'} ${harmless(change.id)}${was}${error}`
}
