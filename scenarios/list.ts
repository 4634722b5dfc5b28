/**
 * What there is to run and to judge, as plain data: the content of `--list --json`.
 */
import type { AcceptedVerdict, Claim } from '../harness/model/claim.ts'
import type { Scenario } from '../harness/model/scenario.ts'
import type { Topology } from '../harness/model/topology.ts'

export interface Listing {
  topologies: string[]
  /** `topologies` of a scenario: the first is the default. `claims`: those that it can speak to. */
  scenarios: { id: string; title: string; topologies: string[]; claims: string[] }[]
  claims: {
    id: string
    /** Document number, and its sentence in our words. */
    source: string
    scenarios: string[]
    topologies: string[]
    accepted: AcceptedVerdict[]
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
    scenarios: scenarios.map(({ name, title, topologies: on }) => ({
      id: name,
      title,
      topologies: [...on],
      claims: claims.filter((claim) => claim.scenarios.includes(name)).map(({ id }) => id),
    })),
    claims: claims.map((claim) => ({
      id: claim.id,
      source: `${claim.document}: ${claim.says}`,
      scenarios: [...claim.scenarios],
      topologies: topologies
        .map(({ name }) => name)
        .filter((name) => judgedOn(claim, name, scenarios)),
      accepted: [...claim.accepted],
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
