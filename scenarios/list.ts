/**
 * What there is to run and to judge, as plain data: the content of `--list --json`.
 */
import type { AcceptedVerdict, Claim } from '../harness/model/claim.ts'
import type { Capability, Scenario } from '../harness/model/scenario.ts'
import type { Topology } from '../harness/model/topology.ts'

export interface Listing {
  topologies: string[]
  /**
   * `topologies` of a scenario: the first is the default. `claims`: those that it can speak to.
   * `targets`: further values of `--target`, by topology.
   */
  scenarios: {
    id: string
    title: string
    topologies: string[]
    claims: string[]
    needs: Capability[]
    targets: Record<string, string[]>
  }[]
  claims: {
    id: string
    /** Document number, and its sentence in our words. */
    source: string
    scenarios: string[]
    topologies: string[]
    accepted: AcceptedVerdict[]
    /** Why no run here can speak to it; null where one can. */
    outOfScope: string | null
  }[]
}

/** `topologies` of a claim are those of its scenarios on which it is judged. */
export function listingOf(
  topologies: readonly Topology[],
  scenarios: readonly Scenario[],
  claims: readonly Claim[],
): Listing {
  return {
    topologies: topologies.map(({ name }) => name),
    scenarios: scenarios.map(({ name, title, topologies: on, needs, targets = {} }) => ({
      id: name,
      title,
      topologies: [...on],
      claims: claims.filter((claim) => claim.scenarios.includes(name)).map(({ id }) => id),
      needs: [...needs],
      targets: Object.fromEntries(
        Object.entries(targets).map(([topology, names]) => [topology, [...names]]),
      ),
    })),
    claims: claims.map((claim) => ({
      id: claim.id,
      source: `${claim.document}: ${claim.says}`,
      scenarios: [...claim.scenarios],
      topologies: topologies
        .map(({ name }) => name)
        .filter((name) => judgedOn(claim, name, scenarios)),
      accepted: [...claim.accepted],
      outOfScope: claim.outOfScope ?? null,
    })),
  }
}

function judgedOn(claim: Claim, topology: string, scenarios: readonly Scenario[]): boolean {
  return (
    (claim.topologies?.includes(topology) ?? true) &&
    scenarios.some(
      (scenario) =>
        claim.scenarios.includes(scenario.name) && scenario.topologies.includes(topology),
    )
  )
}

/** The same for reading: each scenario, where it runs, at what else it can be aimed, and its claims. */
export function listingLines({ scenarios, claims }: Listing): string[] {
  const wide = Math.max(...claims.map(({ id }) => id.length), 0) + 1
  const claimLine = (id: string, text: string) => `    ${id.padEnd(wide)} ${text}`
  const lines = scenarios.flatMap(({ id, title, topologies, targets }) => [
    `${id}: ${title}`,
    ...topologies.flatMap((topology) => {
      const aims = targets[topology] ?? []
      const judged = claims.filter(
        (claim) => claim.scenarios.includes(id) && claim.topologies.includes(topology),
      )
      return [
        `  on ${topology}${aims.length === 0 ? '' : `; also with --target ${aims.join(', ')}`}`,
        ...judged.map((claim) => claimLine(claim.id, claim.source)),
      ]
    }),
  ])
  const outside = claims.flatMap(({ id, source, outOfScope }) =>
    outOfScope === null ? [] : [claimLine(id, `${source} (${outOfScope})`)],
  )
  return outside.length === 0 ? lines : [...lines, 'out of scope', ...outside]
}
