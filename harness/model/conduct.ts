/**
 * `conduct.json`: what the conductor did and saw that is neither a sample nor an event. With the
 * plan, the samples and the events it is all that measuring needs, so a saved run can be measured
 * again.
 */
import { z } from 'zod'
import { foundSchema } from './found.ts'
import {
  faultSchema,
  integritySchema,
  invariantSchema,
  lateness,
  nodeClockSchema,
  predictionSchema,
  splitBrainSchema,
} from './record.ts'
import { vantageKinds } from './vantage.ts'

export const conductSchema = z.strictObject({
  schema: z.literal('clusterdrill/conduct/v1'),
  startedAt: z.iso.datetime(),
  timeSource: z.enum(['monotonic', 'virtual']),
  kubernetes: z.string(),
  versions: z.record(z.string(), z.string()),
  reused: z.boolean(),
  phases: z.array(z.strictObject({ name: z.string(), fromMs: z.number(), toMs: z.number() })),
  faults: z.array(faultSchema),
  vantages: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(vantageKinds),
      through: z.string(),
      throughNode: z.string().nullable(),
      connection: z.enum(['new', 'reused']),
      url: z.string(),
      timeoutMs: z.number(),
      intervalMs: z.number(),
    }),
  ),
  integrity: integritySchema,
  floatingIp: z
    .strictObject({ address: z.string(), engine: z.string(), documented: z.string() })
    .nullable()
    .optional(),
  /** What the provider did otherwise than the document; absent where it did not say. */
  differences: z.array(z.string()).optional(),
  /** As found after the workload was placed, before the baseline. */
  invariants: z.array(invariantSchema).optional(),
  clocks: z.array(nodeClockSchema).optional(),
  splitBrain: splitBrainSchema.optional(),
  /** How the cluster stood before the first fault; absent in runs of versions that did not note it. */
  found: foundSchema.optional(),
  /** Made before the first fault; absent or null: none was. */
  prediction: predictionSchema.nullable().optional(),
  /** Capabilities for want of which nothing was played. */
  lacks: z.array(z.string()).optional(),
  latenessMs: lateness.nullable(),
  /** Whatever makes the run invalid or weakens it; the first word tells nothing, the list does. */
  problems: z.array(z.strictObject({ invalid: z.boolean(), text: z.string() })),
})

export type Conduct = z.infer<typeof conductSchema>
