/**
 * `quiet.json`: a cluster in which nothing is broken, disturbed by lost packets or by pauses, and how
 * often its nodes are taken for dead. As a schema from which the types are made.
 */
import { z } from 'zod'
import { recordSchema } from './record.ts'

export const quietRunSchema = z.strictObject({
  seed: z.int(),
  /** How often a node was marked NotReady. */
  notReady: z.int(),
  /** Pods that were evicted for it. */
  evicted: z.int(),
})

/** Of the runs in which it happened at all: the share, and the bounds of its 95 % confidence. */
const chance = z.strictObject({
  runs: z.int(),
  share: z.number(),
  interval: z.tuple([z.number(), z.number()]),
})

export const quietCombinationSchema = z.strictObject({
  /** As given: `loss=5%`, `pause=8s@10/h`, `timer=value`. */
  settings: z.array(z.string()),
  timers: z.record(z.string(), z.number()),
  refused: z.string().nullable(),
  runs: z.int(),
  notReady: chance,
  evicted: chance,
  /** Mean of a node that carries pods. */
  notReadyPerNodeYear: z.number(),
  podsEvictedPerNodeYear: z.number(),
})

export const quietSchema = z.strictObject({
  schema: z.literal('clusterdrill/quiet/v1'),
  provider: z.literal('sim'),
  timeSource: z.literal('virtual'),
  topology: z.string(),
  /** What `--kubernetes` said; absent: nothing. */
  kubernetes: z.string().optional(),
  pace: recordSchema.shape.pace,
  set: z.array(z.string()),
  harnessVersion: z.string(),
  seeds: z.strictObject({ from: z.int(), to: z.int() }),
  /** Of each run. */
  hours: z.number(),
  /** That carry pods, of each run. */
  nodes: z.int(),
  combinations: z.array(quietCombinationSchema),
})

export type QuietRun = z.infer<typeof quietRunSchema>
export type QuietCombination = z.infer<typeof quietCombinationSchema>
export type Quiet = z.infer<typeof quietSchema>
