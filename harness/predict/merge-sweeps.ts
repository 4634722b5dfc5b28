/**
 * Parts of one sweep, each of other seeds → the sweep of all of them, the same that would have come
 * of one. Refuses parts of different sweeps, seeds that are in two of them, and seeds that are in
 * none; everything that is wrong is said at once. Pure.
 */
import type { Sweep } from '../model/sweep.ts'
import { summaryOf } from './sweep.ts'

export interface Part {
  /** Where it was read, for messages. */
  path: string
  sweep: Sweep
}

/** `parts`: at least one, in any order. */
export function mergeSweeps(
  parts: readonly Part[],
): { sweep: Sweep; problems: [] } | { sweep: null; problems: string[] } {
  const ordered = parts.toSorted((a, b) => a.sweep.seeds.from - b.sweep.seeds.from)
  const first = ordered[0]
  if (!first) throw new RangeError('nothing to merge')
  const [reference = first] = parts
  const problems = [
    ...parts.flatMap((part) => differences(reference, part)),
    ...ordered.slice(1).flatMap((part, index) => between(reachingFarthest(ordered, index), part)),
  ]
  if (problems.length > 0) return { sweep: null, problems }
  const combinations = first.sweep.combinations.map((combination, index) => {
    const runs = ordered.flatMap(({ sweep }) => sweep.combinations[index]?.runs ?? [])
    return { ...combination, summary: summaryOf(runs), runs }
  })
  const seeds = { from: first.sweep.seeds.from, to: reachingFarthest(ordered).sweep.seeds.to }
  return { sweep: { ...first.sweep, seeds, combinations }, problems: [] }
}

/** What a user would change to make them the same; the fingerprint where nothing else differs. */
export function differences(reference: Part, part: Part): string[] {
  const named = (
    [
      'scenario',
      'topology',
      'target',
      'kubernetes',
      'pace',
      'set',
      'vary',
      'harnessVersion',
    ] as const
  )
    .filter((field) => !same(reference.sweep[field], part.sweep[field]))
    .map((field) => {
      const [own, other] = [part, reference].map(({ sweep }) => JSON.stringify(sweep[field]))
      return `${part.path}: its ${field} is ${own}, that of ${reference.path} is ${other}`
    })
  if (named.length > 0 || reference.sweep.fingerprint === part.sweep.fingerprint) return named
  return [`${part.path}: its plans or its calibration are not those of ${reference.path}`]
}

/** Of the parts up to that one, the one with the highest seed. Throws a TypeError of none. */
function reachingFarthest(ordered: readonly Part[], upTo = ordered.length - 1): Part {
  return ordered
    .slice(0, upTo + 1)
    .reduce((most, part) => (part.sweep.seeds.to > most.sweep.seeds.to ? part : most))
}

function between(before: Part, after: Part): string[] {
  const endsAt = before.sweep.seeds.to
  const { from, to } = after.sweep.seeds
  if (from <= endsAt) {
    const shared = `${from}..${Math.min(endsAt, to)}`
    return [`${after.path}: the seeds ${shared} are in ${before.path} too`]
  }
  if (from === endsAt + 1) return []
  return [`the seeds ${endsAt + 1}..${from - 1} are in none of them`]
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
