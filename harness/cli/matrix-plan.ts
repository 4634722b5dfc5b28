/**
 * What `pnpm matrix` is asked to play: flags → cells with their plans, or everything that is wrong
 * with them at once; and the same for a matrix that is taken up again. Touches nothing.
 */
import { claims } from '../../scenarios/claims/index.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { totalsOf } from '../judge/matrix.ts'
import { UsageError } from '../model/errors.ts'
import { cellName, isSettled, type Matrix, type MatrixCell } from '../model/matrix.ts'
import type { ProviderName } from '../model/plan.ts'
import { type Catalogue, compile, type Draft } from '../plan/compile.ts'
import { irreducibleMs } from '../plan/irreducible.ts'
import { type Cell, cellsOf, matches, orderOf } from '../plan/matrix.ts'
import { nearest } from '../plan/timer-settings.ts'
import { providerOf } from './provider-option.ts'
import { version } from './version.ts'

const seed = 1

/** A matrix that was begun or is about to be, with a plan for each cell still to be played. */
export interface PlannedMatrix {
  matrix: Matrix
  /** By the cell's name. */
  drafts: ReadonlyMap<string, Draft>
}

export interface MatrixWords {
  provider?: string
  kubernetes?: string
  pace?: string
  set: readonly string[]
  only?: readonly string[]
}

interface Settings {
  provider: ProviderName
  kubernetes?: string | undefined
  pace: string
  set: readonly string[]
}

/** Throws a `UsageError` with every problem of the flags. */
export function planMatrix(
  words: MatrixWords,
  startedAt: Date,
  catalogue: Catalogue = { scenarios, topologies },
): PlannedMatrix {
  const problems: string[] = []
  const provider = providerOf(words.provider ?? 'auto', problems)
  const { kubernetes, pace = 'documented', set } = words
  const settings: Settings = { provider, kubernetes, pace, set }
  const only = words.only ?? []
  const all = cellsOf(catalogue, isJudged)
  problems.push(...unknownOf(only, all))
  const wanted = orderOf(cellsOf(catalogue, isJudged, only), catalogue.scenarios)
  // Without a cell, one of all tells what is wrong with the other flags.
  const asked = wanted.length > 0 ? wanted : all.slice(0, 1)
  const planned = plansOf(asked, settings, catalogue, problems).filter(({ draft }) => speaks(draft))
  if (problems.length > 0) {
    throw new UsageError([...new Set(problems)], '`pnpm matrix --list` shows every cell.')
  }
  const cells = planned.map(({ cell, draft }): MatrixCell => {
    const { title, whatIf } = draft.scenario
    const leastMs = Math.round(irreducibleMs(draft))
    return { ...cell, title, whatIf, irreducibleMs: leastMs, tries: [], result: null }
  })
  const empty = { cells, sittings: [] }
  const matrix: Matrix = {
    schema: 'clusterdrill/matrix/v1',
    harnessVersion: version,
    provider,
    ...(kubernetes === undefined ? {} : { kubernetes }),
    pace: planned[0]?.draft.pace ?? 'documented',
    set: [...words.set],
    only: [...only],
    seed,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    standing: [],
    ...empty,
    totals: totalsOf(empty),
  }
  return { matrix, drafts: draftsOf(planned) }
}

/** Throws a `UsageError` where this version has no plan for a cell that is still to be played. */
export function resumeMatrix(
  matrix: Matrix,
  catalogue: Catalogue = { scenarios, topologies },
): PlannedMatrix {
  const problems: string[] = []
  const open = matrix.cells.filter((cell) => !isSettled(cell))
  const planned = plansOf(open, matrix, catalogue, problems)
  if (problems.length > 0) {
    throw new UsageError([...new Set(problems)], 'Begin a new matrix with this version.')
  }
  return { matrix, drafts: draftsOf(planned) }
}

interface PlannedCell {
  cell: Cell
  draft: Draft
}

function plansOf(
  cells: readonly Cell[],
  { provider, kubernetes, pace, set }: Settings,
  catalogue: Catalogue,
  problems: string[],
): PlannedCell[] {
  return cells.flatMap(({ topology, scenario, target }) => {
    const request = { scenario, topology, target, provider, kubernetes, pace, set, seed }
    const compiled = compile({ ...request, harnessVersion: version }, catalogue)
    problems.push(...compiled.problems)
    return compiled.plan ? [{ cell: { topology, scenario, target }, draft: compiled.plan }] : []
  })
}

const draftsOf = (planned: readonly PlannedCell[]): ReadonlyMap<string, Draft> =>
  new Map(planned.map(({ cell, draft }) => [cellName(cell), draft]))

const isJudged = (scenario: string, topology: string): boolean =>
  claims.some(
    (claim) => claim.scenarios.includes(scenario) && (claim.topologies?.includes(topology) ?? true),
  )

/** Some claims are about some targets alone. */
const speaks = (draft: Draft): boolean =>
  claims.some(
    (claim) =>
      claim.scenarios.includes(draft.scenario.name) &&
      (claim.topologies?.includes(draft.topology.name) ?? true) &&
      (claim.speaksOf?.(draft) ?? true),
  )

/** A problem for each text of `--only` that no cell matches. */
function unknownOf(only: readonly string[], cells: readonly Cell[]): string[] {
  const names = new Set(
    cells.flatMap(({ topology, scenario, target }) => [
      topology,
      scenario,
      ...(target === null ? [] : [target]),
      `${topology}/${scenario}`,
    ]),
  )
  return only
    .filter((text) => !cells.some((cell) => matches(cell, text)))
    .map((text) => {
      const offer = nearest(text, [...names])
      return `--only ${text}: no cell has that topology, scenario or target${offer ? `; did you mean '${offer}'?` : ''}`
    })
}
