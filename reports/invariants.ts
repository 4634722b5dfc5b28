/**
 * What must be so before anything is broken, in words: how much of it was found so, and each part
 * that was not. Records of versions that did not look have nothing to say here, and say nothing.
 */
import type { Invariant, RunRecord } from '../harness/model/record.ts'

/** Those that were looked at; empty where nobody looked. */
export function invariantsOf({ invariants }: RunRecord): readonly Invariant[] {
  return invariants ?? []
}

/** `etcd-members` → `etcd members`, `floating-ip` → `floating IP`. */
export function invariantName({ id }: Pick<Invariant, 'id'>): string {
  return id.replaceAll('-', ' ').replace(/\bip\b/, 'IP')
}

/** `8 of 8 invariants hold`, and a sentence for each that does not; empty where nobody looked. */
export function invariantSentences(record: RunRecord): string[] {
  const all = invariantsOf(record)
  if (all.length === 0) return []
  const broken = all.filter(({ holds }) => !holds)
  const verb = all.length - broken.length === 1 ? 'holds' : 'hold'
  return [
    `${all.length - broken.length} of ${all.length} ${all.length === 1 ? 'invariant' : 'invariants'} ${verb}.`,
    ...broken.map(
      (invariant) =>
        `${invariantName(invariant)} does NOT hold before the fault: expected ${invariant.expected}; seen ${invariant.seen}.`,
    ),
  ]
}
