/**
 * Measurement × claims → verdicts. Every claim that names this scenario and this topology gets a
 * result; one that cannot speak is undetermined and says so, never passed over.
 */
import type { AcceptedVerdict, Claim, Duration, Finding, Measurement } from '../model/claim.ts'
import type { Plan } from '../model/plan.ts'
import type { ClaimResult } from '../model/record.ts'
import type { Interval } from '../model/units.ts'

/**
 * In the order of `claims`; those that name no scenario are never judged. `lacks`: capabilities for
 * want of which nothing was played. Then only what can be read from the plan alone is judged, and
 * of the rest no verdict is asked, so that its being undetermined is as accepted.
 */
export function judge(
  measurement: Measurement,
  claims: readonly Claim[],
  lacks: readonly string[] = [],
): ClaimResult[] {
  return claims
    .filter((claim) => speaks(claim, measurement.plan))
    .map((claim) => {
      if (lacks.length > 0) return unplayed(claim, measurement, lacks)
      const finding = claim.judge(measurement) ?? silent(claim)
      return resultOf(claim, finding, acceptedOf(claim, measurement.plan))
    })
}

function speaks(claim: Claim, plan: Plan): boolean {
  return (
    claim.scenarios.includes(plan.scenario.name) &&
    (claim.topologies?.includes(plan.topology.name) ?? true) &&
    (claim.speaksOf?.(plan) ?? true)
  )
}

function resultOf(
  claim: Claim,
  { verdict, measured, expected, because, duration }: Finding,
  accepted: ClaimResult['accepted'],
): ClaimResult {
  return {
    id: claim.id,
    source: `${claim.document}: ${claim.says}`,
    verdict,
    accepted,
    measured,
    expected,
    because,
    ...(duration === undefined ? {} : { duration: written(duration) }),
  }
}

/** What has no upper bound is written as null, for JSON knows no infinity. */
function written({ measuredMs, promisedMs }: Duration): NonNullable<ClaimResult['duration']> {
  const bounds = ([lower, upper]: Interval): [number, number | null] => [
    lower,
    Number.isFinite(upper) ? upper : null,
  ]
  return { measuredMs: bounds(measuredMs), promisedMs: bounds(promisedMs) }
}

function silent(claim: Claim): Finding {
  return {
    verdict: 'undetermined',
    measured: 'nothing that speaks to it',
    expected: claim.says,
    because: `undetermined, because this run saw none of what the claim is about: ${claim.condition}`,
  }
}

function unplayed(claim: Claim, measurement: Measurement, lacks: readonly string[]): ClaimResult {
  const { plan } = measurement
  const known = fromPlanAlone(claim, measurement)
  if (known !== null) return resultOf(claim, known, acceptedOf(claim, plan))
  const because = `${plan.provider} cannot ${lacks.map(cannot).join(', nor ')}`
  return resultOf(
    claim,
    {
      verdict: 'undetermined',
      measured: 'nothing, for nothing was played',
      expected: claim.says,
      because: `undetermined, because ${because}`,
    },
    { verdict: 'undetermined', reason: `no verdict is asked of it: ${because}`, date: '' },
  )
}

const deeds: Readonly<Record<string, string>> = {
  power: 'cut the power of a machine',
  process: 'stop a process in a node',
  network: 'cut or slow a link between sites',
  loadBalancer: 'show the documented load balancer',
  floatingIp: 'show a floating IP',
  etcd: 'reach the members of etcd',
  storage: 'show replicated storage with a quorum',
}

const cannot = (capability: string): string => deeds[capability] ?? `play it (${capability})`

/** What the claim finds where it looks at the plan and at nothing that was measured; else null. */
function fromPlanAlone(claim: Claim, measurement: Measurement): Finding | null {
  let looked = false
  const planOnly = new Proxy(measurement, {
    get(target, key, receiver): unknown {
      if (key !== 'plan') looked = true
      return Reflect.get(target, key, receiver)
    },
  })
  const finding = claim.judge(planOnly)
  return looked ? null : finding
}

/** The first entry for this provider, scenario, topology and pace; without one, the document is believed. */
function acceptedOf(claim: Claim, plan: Plan): ClaimResult['accepted'] {
  const { provider, scenario, topology, pace } = plan
  const fits = (entry: AcceptedVerdict): boolean =>
    (entry.providers?.includes(provider) ?? true) &&
    (entry.scenarios?.includes(scenario.name) ?? true) &&
    (entry.topologies?.includes(topology.name) ?? true) &&
    (entry.paces?.includes(pace) ?? true)
  const entry = claim.accepted.find(fits)
  return entry === undefined
    ? { verdict: 'confirmed', reason: 'the document is taken at its word', date: '' }
    : { verdict: entry.verdict, reason: entry.reason, date: entry.date }
}
