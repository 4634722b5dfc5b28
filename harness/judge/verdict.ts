/**
 * Many verdicts → one, and one record → the exit code of the process. The worst wins, and an
 * invalid run is neither passed nor failed.
 */
import type { ClaimResult, FaultRecord, RunVerdict } from '../model/record.ts'

const fromWorst = ['contradicted', 'undetermined', 'confirmed'] as const

/** `problems` are those that make the run invalid. Without one claim it is undetermined. */
export function runVerdict(
  claims: readonly Pick<ClaimResult, 'verdict'>[],
  problems: readonly string[],
): RunVerdict {
  if (problems.length > 0) return 'invalid'
  return (
    fromWorst.find((verdict) => claims.some((claim) => claim.verdict === verdict)) ?? 'undetermined'
  )
}

/**
 * 0: every verdict is the accepted one. 1: one is not. 2: the run is invalid, judged nothing, or
 * could not determine what was accepted as determined.
 */
export function exitCodeOf(record: {
  verdict: RunVerdict
  claims: readonly Pick<ClaimResult, 'verdict' | 'accepted'>[]
}): 0 | 1 | 2 {
  if (record.verdict === 'invalid' || record.claims.length === 0) return 2
  const unexpected = record.claims.filter((claim) => claim.verdict !== claim.accepted.verdict)
  if (unexpected.length === 0) return 0
  return unexpected.some((claim) => claim.verdict !== 'undetermined') ? 1 : 2
}

/**
 * One sentence for each proof that a fault lacks; a drill without proof proves nothing. What is
 * meant to last is not undone, so that nothing need be seen after it.
 */
export function missingReceipts(faults: readonly FaultRecord[]): string[] {
  if (faults.length === 0) return ['No fault was injected, so there is nothing to judge.']
  return faults.flatMap(({ id, kind, target, undoneAtMs, lasting, receipt }) => {
    const of = `${kind} of ${target} (${id})`
    const problems: string[] = []
    if (receipt.before === null) problems.push(`No proof that the target was well before ${of}.`)
    if (receipt.during === null) problems.push(`No proof that ${of} took hold.`)
    if (lasting !== true && undoneAtMs !== null && receipt.after === null) {
      problems.push(`No proof that ${of} was undone.`)
    }
    return problems
  })
}
