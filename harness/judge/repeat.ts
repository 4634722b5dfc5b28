/**
 * Records of one scenario, played several times → one result. A claim on a duration is judged by
 * the median of what was measured; any other by what every run found, and it is undetermined
 * where they do not agree. Runs that are invalid are named, and count for nothing.
 */
import type { ClaimResult, RunRecord, Verdict } from '../model/record.ts'
import type { RepeatedClaim, RepeatRecord, Spread } from '../model/repeat.ts'
import { formatMs, type Interval } from '../model/units.ts'
import { runVerdict } from './verdict.ts'

type Bounds = readonly [number, number | null]

/**
 * Throws a RangeError without any record, and on records of different scenarios, topologies,
 * providers, paces, targets or timers: they are no set.
 */
export function judgeRepeat(records: readonly RunRecord[]): RepeatRecord {
  const [first] = records
  if (first === undefined) throw new RangeError('a set of runs needs at least one run')
  for (const record of records) refuseOther(first, record)
  const valid = records.filter(({ verdict }) => verdict !== 'invalid')
  const claims = claimsOf(valid)
  const problems = problemsOf(records, valid.length)
  const figure = (name: 'reactionMs' | 'repairMs' | 'recoveryMs' | 'outageMs') =>
    spreadOf(valid.flatMap(({ recovery }) => (recovery[name] === null ? [] : [recovery[name]])))
  return {
    schema: 'clusterdrill/repeat/v1',
    scenario: first.scenario,
    title: first.title,
    topology: first.topology,
    provider: first.provider,
    pace: first.pace,
    target: first.target ?? null,
    kubernetes: first.kubernetes,
    runs: records.map(({ runId, verdict, startedAt, recovery, problems: own }) => ({
      runId,
      verdict,
      startedAt,
      outageMs: recovery.outageMs,
      recoveryMs: recovery.recoveryMs,
      problems: own,
    })),
    reactionMs: figure('reactionMs'),
    repairMs: figure('repairMs'),
    recoveryMs: figure('recoveryMs'),
    outageMs: figure('outageMs'),
    dominating: countsBy(valid.flatMap(({ explanation }) => explanation?.dominating?.timer ?? [])),
    integrity: {
      acknowledgedWrites: sum(valid.map(({ integrity }) => integrity.acknowledgedWrites)),
      lostWrites: sum(valid.map(({ integrity }) => integrity.lostWrites)),
    },
    claims,
    problems,
    verdict: runVerdict(claims, valid.length === 0 ? problems : []),
  }
}

const markOf = ({ scenario, topology, provider, pace, target, timers }: RunRecord): string =>
  JSON.stringify([
    scenario,
    topology,
    provider,
    pace,
    target ?? null,
    Object.entries(timers).sort(),
  ])

function refuseOther(first: RunRecord, record: RunRecord): void {
  if (markOf(first) === markOf(record)) return
  throw new RangeError(
    `${record.runId} is no repetition of ${first.runId}: scenario, topology, provider, pace, target or timers differ`,
  )
}

function problemsOf(records: readonly RunRecord[], valid: number): string[] {
  const invalid = records
    .filter(({ verdict }) => verdict === 'invalid')
    .map(({ runId, problems }) => `${runId} is invalid: ${problems[0] ?? 'it left no reason'}`)
  return valid === 0 ? ['No run of the set is valid.', ...invalid] : invalid
}

/** Null without any. */
export function spreadOf(all: readonly Bounds[]): Spread | null {
  if (all.length === 0) return null
  const lowers = all.map(([lower]) => lower)
  const uppers = all.map(([, upper]) => upper ?? Number.POSITIVE_INFINITY)
  return {
    runs: all.length,
    medianMs: [medianOf(lowers), finite(medianOf(uppers))],
    minMs: Math.min(...lowers),
    maxMs: finite(Math.max(...uppers)),
  }
}

/** The middle one, or halfway between the two in the middle; 0 for none. */
export function medianOf(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b)
  const upper = ascending[Math.floor(ascending.length / 2)] ?? 0
  const lower = ascending[Math.ceil(ascending.length / 2) - 1] ?? upper
  return lower === upper ? lower : (lower + upper) / 2
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null)
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function countsBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** In the order in which the first run that has them names them. */
function claimsOf(records: readonly RunRecord[]): RepeatedClaim[] {
  const byId = new Map<string, ClaimResult[]>()
  for (const claim of records.flatMap(({ claims }) => claims)) {
    byId.set(claim.id, [...(byId.get(claim.id) ?? []), claim])
  }
  return [...byId.values()].flatMap((results) => {
    const [first] = results
    if (first === undefined) return []
    const durations = results.flatMap(({ duration }) => duration ?? [])
    const found = foundBy(results)
    const base = { id: first.id, source: first.source, accepted: first.accepted, found }
    const [promised] = durations
    const spread = spreadOf(durations.map(({ measuredMs }) => measuredMs))
    return promised === undefined || spread === null
      ? [{ ...base, ...byFindings(results, found) }]
      : [{ ...base, ...byMedian(results, spread, promised.promisedMs) }]
  })
}

const foundBy = (results: readonly ClaimResult[]): RepeatedClaim['found'] => ({
  confirmed: 0,
  contradicted: 0,
  undetermined: 0,
  ...countsBy(results.map(({ verdict }) => verdict)),
})

type Judged = Pick<RepeatedClaim, 'verdict' | 'measured' | 'expected' | 'because' | 'duration'>

function byMedian(results: readonly ClaimResult[], spread: Spread, promisedMs: Bounds): Judged {
  const [first] = results
  const verdict = fits(intervalOf(spread.medianMs), intervalOf(promisedMs))
  const without = results.length - spread.runs
  const silence = without === 0 ? '' : `; ${without} of ${results.length} runs have no such figure`
  const typical = results.find((result) => result.verdict === verdict) ?? first
  return {
    verdict,
    measured: `median ${boundsText(spread.medianMs)} of ${spread.runs} runs, from ${formatMs(spread.minMs)} to ${spread.maxMs === null ? 'without end' : formatMs(spread.maxMs)}${silence}`,
    expected: first?.expected ?? '',
    because: `the median ${relation(verdict)} the promised ${boundsText(promisedMs)}; in a run: ${typical?.because ?? ''}`,
    duration: { ...spread, promisedMs: [promisedMs[0], promisedMs[1]] },
  }
}

const relation = (verdict: Verdict): string =>
  ({
    confirmed: 'lies within',
    contradicted: 'lies outside',
    undetermined: 'cannot be told from the edge of',
  })[verdict]

const intervalOf = ([lower, upper]: Bounds): Interval => [lower, upper ?? Number.POSITIVE_INFINITY]

/** All of it fits, none of it does, or the measurement cannot tell. */
function fits(measured: Interval, promised: Interval): Verdict {
  if (measured[0] >= promised[0] && measured[1] <= promised[1]) return 'confirmed'
  if (measured[1] < promised[0] || measured[0] > promised[1]) return 'contradicted'
  return 'undetermined'
}

/** `3.5 s to 3.9 s`, `at least 40 s`, `at most 5 s`. */
function boundsText([lower, upper]: Bounds): string {
  if (upper === null) return `at least ${formatMs(lower)}`
  if (lower <= 0) return `at most ${formatMs(upper)}`
  return lower === upper ? formatMs(lower) : `${formatMs(lower)} to ${formatMs(upper)}`
}

function byFindings(results: readonly ClaimResult[], found: RepeatedClaim['found']): Judged {
  const [first] = results
  const verdicts = (['confirmed', 'contradicted', 'undetermined'] as const).filter(
    (verdict) => found[verdict] > 0,
  )
  const expected = first?.expected ?? ''
  const [only, ...others] = verdicts
  if (first !== undefined && only !== undefined && others.length === 0) {
    const measured =
      results.length === 1
        ? first.measured
        : `in each of ${results.length} runs, as in the first: ${first.measured}`
    return { verdict: only, measured, expected, because: first.because }
  }
  const said = verdicts.map((verdict) => {
    const one = results.find((result) => result.verdict === verdict)
    return `${verdict} in ${found[verdict]} of ${results.length} runs (${one?.measured ?? ''})`
  })
  return {
    verdict: 'undetermined',
    measured: said.join('; '),
    expected,
    because: `undetermined, because the runs do not agree: ${verdicts
      .map((verdict) => results.find((result) => result.verdict === verdict)?.because ?? '')
      .join('; but ')}`,
  }
}
