/**
 * Which drills the matrix plays, and in which order: every scenario on every topology on which a
 * claim is judged by it, at its own target and at each further one. Pure.
 */
import { courseOn, type Scenario } from '../model/scenario.ts'
import type { Topology } from '../model/topology.ts'

/** One drill of the matrix, by names. */
export interface Cell {
  topology: string
  scenario: string
  /** As `--target` takes it; null for the scenario's own. */
  target: string | null
}

export interface Scenery {
  topologies: readonly Topology[]
  scenarios: readonly Scenario[]
}

/**
 * Cells by topology, then by scenario, each scenario's own target first. `judged` says whether any
 * claim is judged by a scenario on a topology; where none is, there is no cell. `only`: texts of
 * which a cell must match one; none: every cell.
 */
export function cellsOf(
  { topologies, scenarios }: Scenery,
  judged: (scenario: string, topology: string) => boolean,
  only: readonly string[] = [],
): Cell[] {
  return topologies
    .flatMap(({ name: topology }) =>
      scenarios
        .filter(({ name, topologies: on }) => on.includes(topology) && judged(name, topology))
        .flatMap(({ name: scenario, targets }) =>
          [null, ...(targets?.[topology] ?? [])].map((target) => ({ topology, scenario, target })),
        ),
    )
    .filter((cell) => only.length === 0 || only.some((text) => matches(cell, text)))
}

/** `text`: a topology, a scenario, a target, or `TOPOLOGY/SCENARIO`, also with `/TARGET`. */
export function matches({ topology, scenario, target }: Cell, text: string): boolean {
  const names = [topology, scenario, `${topology}/${scenario}`]
  if (target !== null) names.push(target, `${topology}/${scenario}/${target}`)
  return names.includes(text)
}

/** Whether a scenario uses its cluster up on that topology, so that no other drill can follow. */
export const spends = (scenario: Scenario, topology: string): boolean =>
  courseOn(scenario, topology).faults.some(({ lasting }) => lasting === true)

/**
 * One topology after the other, so that its cells share a cluster, and in each those last that use
 * it up: the first of these still finds it standing. No order needs fewer clusters.
 */
export function orderOf(cells: readonly Cell[], scenarios: readonly Scenario[]): Cell[] {
  const spending = spendingAmong(scenarios)
  return [...new Set(cells.map(({ topology }) => topology))].flatMap((topology) => {
    const own = cells.filter((cell) => cell.topology === topology)
    return [...own.filter((cell) => !spending(cell)), ...own.filter(spending)]
  })
}

/** How many clusters are brought up for cells in this order, when none stands at first. */
export function bringUpsOf(cells: readonly Cell[], scenarios: readonly Scenario[]): number {
  const spending = spendingAmong(scenarios)
  return cells.filter((cell, index) => {
    const before = cells[index - 1]
    return before?.topology !== cell.topology || spending(before)
  }).length
}

function spendingAmong(scenarios: readonly Scenario[]): (cell: Cell) => boolean {
  return ({ scenario, topology }) => {
    const found = scenarios.find(({ name }) => name === scenario)
    return found !== undefined && spends(found, topology)
  }
}
