/**
 * `repeat.json`: one scenario, played several times, as one result: the median and the spread of
 * its figures, and its claims judged on the whole set. As a schema from which the types are made.
 */
import { z } from 'zod'
import { claimResultSchema, recordSchema, verdictSchema } from './record.ts'

const ms = z.number()

/** Of the runs that have the figure. `medianMs`: `[lower, upper]`; upper null: without end. */
export const spreadSchema = z.strictObject({
  runs: z.int(),
  medianMs: z.tuple([ms, ms.nullable()]),
  /** The least lower bound of all runs, and the greatest upper; null: without end. */
  minMs: ms,
  maxMs: ms.nullable(),
})

export const repeatedClaimSchema = claimResultSchema.omit({ duration: true }).extend({
  /** How many runs came to each verdict by themselves. */
  found: z.record(verdictSchema, z.int()),
  /** Where the claim is on a duration. */
  duration: spreadSchema.extend({ promisedMs: z.tuple([ms, ms.nullable()]) }).optional(),
})

export const repeatSchema = z.strictObject({
  schema: z.literal('clusterdrill/repeat/v1'),
  scenario: z.string(),
  title: z.string(),
  topology: z.string(),
  provider: recordSchema.shape.provider,
  pace: recordSchema.shape.pace,
  target: z.string().nullable(),
  kubernetes: z.string(),
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      verdict: recordSchema.shape.verdict,
      startedAt: z.string(),
      outageMs: z.tuple([ms, ms]).nullable(),
      recoveryMs: z.tuple([ms, ms]).nullable(),
      problems: z.array(z.string()),
    }),
  ),
  /** Of the runs that are valid; null: no run has the figure. */
  reactionMs: spreadSchema.nullable(),
  repairMs: spreadSchema.nullable(),
  recoveryMs: spreadSchema.nullable(),
  outageMs: spreadSchema.nullable(),
  /** How often each timer took most of the outage, by its name. */
  dominating: z.record(z.string(), z.int()),
  integrity: z.strictObject({ acknowledgedWrites: z.int(), lostWrites: z.int() }),
  claims: z.array(repeatedClaimSchema),
  problems: z.array(z.string()),
  verdict: recordSchema.shape.verdict,
})

export type Spread = z.infer<typeof spreadSchema>
export type RepeatedClaim = z.infer<typeof repeatedClaimSchema>
export type RepeatRecord = z.infer<typeof repeatSchema>
