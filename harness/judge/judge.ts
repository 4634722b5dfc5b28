/**
 * Measurement × claims → verdicts. Every claim that names this scenario and this topology gets a
 * result; one that cannot speak is undetermined and says so, never passed over.
 */
import type { AcceptedVerdict, Claim, Finding, Measurement } from '../model/claim.ts'
import type { ClaimResult } from '../model/record.ts'

/** In the order of `claims`. */
export function judge(measurement: Measurement, claims: readonly Claim[]): ClaimResult[] {
  const { scenario, topology } = measurement.plan
  return claims
    .filter(
      (claim) =>
        claim.scenarios.includes(scenario.name) &&
        (claim.topologies?.includes(topology.name) ?? true) &&
        (claim.speaksOf?.(measurement.plan) ?? true),
    )
    .map((claim) => ({
      id: claim.id,
      source: `${claim.document}: ${claim.says}`,
      accepted: acceptedOf(claim, scenario.name, topology.name),
      ...(claim.judge(measurement) ?? silent(claim)),
    }))
}

function silent(claim: Claim): Finding {
  return {
    verdict: 'undetermined',
    measured: 'nothing that speaks to it',
    expected: claim.says,
    because: `undetermined, because this run saw none of what the claim is about: ${claim.condition}`,
  }
}

/** The first entry for this scenario and topology; without one, the document is believed. */
function acceptedOf(claim: Claim, scenario: string, topology: string): ClaimResult['accepted'] {
  const fits = (entry: AcceptedVerdict): boolean =>
    (entry.scenarios?.includes(scenario) ?? true) && (entry.topologies?.includes(topology) ?? true)
  const entry = claim.accepted.find(fits)
  return entry === undefined
    ? { verdict: 'confirmed', reason: 'the document is taken at its word', date: '' }
    : { verdict: entry.verdict, reason: entry.reason, date: entry.date }
}
