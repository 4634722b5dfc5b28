/**
 * How often things fail and how long a repair takes, and what follows in a year: the figures of
 * `pnpm availability`, as a schema from which the types are made.
 */
import { z } from 'zod'
import { recordSchema } from './record.ts'

const ms = z.number()

/** A log-normal distribution by its middle and the value that one in twenty exceeds; equal: fixed. */
export const repairSchema = z.strictObject({ medianMs: ms, p95Ms: ms })

/** One kind of failure; a scenario's name says which. */
export const failureKindSchema = z.strictObject({
  scenario: z.string(),
  /** Of each of the `targets`. */
  perYear: z.number(),
  /** Null: it passes by itself. */
  repair: repairSchema.nullable(),
  /** Machines or sites that may fail; null stands for the only one, or for the cluster as a whole. */
  targets: z.array(z.string().nullable()),
})

/** Mean over the years, and the bounds between which 95 of 100 such means lie. */
const yearly = z.strictObject({ meanMs: ms, intervalMs: z.tuple([ms, ms]) })

export const causeSchema = failureKindSchema.extend({
  failures: z.int(),
  /** Played in the model without a valid run: they count as failures without downtime. */
  invalid: z.int(),
  workload: yearly,
  api: yearly,
})

export const availabilitySchema = z.strictObject({
  schema: z.literal('clusterdrill/availability/v1'),
  provider: z.literal('sim'),
  timeSource: z.literal('virtual'),
  topology: z.string(),
  pace: recordSchema.shape.pace,
  set: z.array(z.string()),
  harnessVersion: z.string(),
  years: z.int(),
  seed: z.int(),
  failures: z.int(),
  /** Failures that came while another was not over: what both do at once is not played. */
  overlapping: z.int(),
  /** Why runs say nothing, the most frequent reason first. */
  invalid: z.array(z.strictObject({ why: z.string(), runs: z.int() })),
  workload: yearly,
  api: yearly,
  causes: z.array(causeSchema),
})

export type Repair = z.infer<typeof repairSchema>
export type FailureKind = z.infer<typeof failureKindSchema>
export type Yearly = z.infer<typeof yearly>
export type Cause = z.infer<typeof causeSchema>
export type Availability = z.infer<typeof availabilitySchema>

export const yearMs = 365 * 24 * 60 * 60 * 1_000
