/**
 * `sweep.json`: one drill in the model, with every combination of the timers that were varied and
 * many seeds each. As a schema from which the types are made. Every run is kept, so that the parts
 * of a sweep can be put together to exactly what one sweep would have found; nothing in it says when
 * or where it was made.
 */
import { z } from 'zod'
import { recordSchema } from './record.ts'

const ms = z.number()

/** The step that took most of a run's outage, with the timer that was waited for; null: none was. */
export const longestSchema = z.strictObject({
  step: z.string(),
  timer: z.string().nullable(),
  /** Of the way from the fault to the first good answer; 0 to 1. */
  share: z.number(),
})

export const sweepRunSchema = z.union([
  z.strictObject({
    seed: z.int(),
    /** Of the service that was hit; 0: there was none. */
    outageMs: ms,
    longest: longestSchema.nullable(),
  }),
  z.strictObject({ seed: z.int(), invalid: z.string() }),
])

export const distributionSchema = z.strictObject({
  minMs: ms,
  p5Ms: ms,
  medianMs: ms,
  p95Ms: ms,
  p99Ms: ms,
  maxMs: ms,
})

export const sweepSummarySchema = z.strictObject({
  runs: z.int(),
  /** Runs without an outage; the distribution has them as 0. */
  without: z.int(),
  /** Why runs say nothing, the most frequent reason first. */
  invalid: z.array(z.strictObject({ why: z.string(), runs: z.int() })),
  /** Of the valid runs, by nearest rank; null where there is none. */
  outage: distributionSchema.nullable(),
  /** Which step took most of the outage in how many runs, the most frequent first. */
  longest: z.array(
    z.strictObject({
      step: z.string(),
      timer: z.string().nullable(),
      runs: z.int(),
      /** The median over those runs. */
      share: z.number(),
    }),
  ),
})

export const combinationSchema = z.strictObject({
  /** `timer=value`, as given; one for each timer that was varied. */
  settings: z.array(z.string()),
  timers: z.record(z.string(), z.number()),
  /** Why it was not played: Kubernetes would refuse it, or take a healthy node for dead. */
  refused: z.string().nullable(),
  summary: sweepSummarySchema,
  /** By seed, ascending. */
  runs: z.array(sweepRunSchema),
})

export const sweepSchema = z.strictObject({
  schema: z.literal('clusterdrill/sweep/v1'),
  provider: z.literal('sim'),
  timeSource: z.literal('virtual'),
  scenario: z.string(),
  title: z.string(),
  topology: z.string(),
  target: z.string().nullable(),
  /** What `--kubernetes` said; absent: nothing. */
  kubernetes: z.string().optional(),
  pace: recordSchema.shape.pace,
  set: z.array(z.string()),
  vary: z.array(z.strictObject({ name: z.string(), values: z.array(z.string()) })),
  harnessVersion: z.string(),
  /** Of all that the runs follow from but the seeds: plans and calibration. SHA-256, in hex. */
  fingerprint: z.string(),
  /** First and last; every combination that was not refused has all of them. */
  seeds: z.strictObject({ from: z.int(), to: z.int() }),
  combinations: z.array(combinationSchema),
})

export type SweepRun = z.infer<typeof sweepRunSchema>
export type SweepSummary = z.infer<typeof sweepSummarySchema>
export type Distribution = z.infer<typeof distributionSchema>
export type Combination = z.infer<typeof combinationSchema>
export type Sweep = z.infer<typeof sweepSchema>
