/**
 * `record.json`: the measured and judged result of a run, as a schema from which both the types
 * here and the JSON Schema file in `harness/record/` are made. What is measured comes first,
 * what is judged after it; renderers need nothing else.
 */
import { z } from 'zod'
import { vantageKinds } from './vantage.ts'

const ms = z.number()

/** What is looked at before each drill; each has its place in a document or in the drill's needs. */
export const invariantIds = [
  'nodes',
  'etcd-members',
  'taints',
  'drained-control-plane',
  'load-balancer',
  'statistics-page',
  'floating-ip',
  'storage',
  'namespaces',
  'image-registry',
] as const

/** `[lower, upper]` in milliseconds. */
const interval = z.tuple([ms, ms])

export const outageSchema = z.strictObject({
  /** Between the last good probe and the first bad one. */
  startMs: interval,
  /** Between the last bad probe and the first good one; null bounds are closed at the run's end. */
  endMs: interval,
  durationMs: interval,
  /** Probes in it that failed, and all of them: fewer failed than all means it was partial. */
  failed: z.int(),
  probes: z.int(),
  /** The longest stretch in it in which no probe succeeded: how dark a partial outage got. */
  darkMs: interval.optional(),
  /** False when the run ended before it did. */
  ended: z.boolean(),
})

export const vantageSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(vantageKinds),
  through: z.string(),
  throughNode: z.string().nullable(),
  connection: z.enum(['new', 'reused']),
  samples: z.int(),
  failed: z.int(),
  /** Good, but slower than the plan's `slowMs`. */
  slow: z.int(),
  /** Good, but sent while the fault held and answered after the heal began: they waited for it. */
  late: z.int().optional(),
  /** Good probes of all probes from injection to the end of the run; 0 to 1. */
  availability: z.number(),
  outages: z.array(outageSchema),
  /** Failures counted by class. */
  errors: z.record(z.string(), z.int()),
  /** Of good probes; null when there were none. */
  latencyMs: z.strictObject({ p50: ms, p99: ms, max: ms }).nullable(),
})

export const faultSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  /** Topology name of the node or of the link, and in `role` why it was chosen. */
  target: z.string(),
  role: z.string(),
  injectedAtMs: ms,
  tookHoldAtMs: ms.nullable(),
  /** When undoing began; absent in records of versions that did not say, null where it was not. */
  undoFromMs: ms.nullable().optional(),
  undoneAtMs: ms.nullable(),
  /** Meant to stay: the cluster was used up by it. */
  lasting: z.boolean().optional(),
  /** What an intervention found out, by name; figures carry their unit in the name. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Independent proof, in words: what was seen before, while it held, and after the undo. */
  receipt: z.strictObject({
    before: z.string().nullable(),
    during: z.string().nullable(),
    after: z.string().nullable(),
  }),
})

export const stepSchema = z.strictObject({
  name: z.string(),
  atMs: ms,
  /** Since the fault was injected. */
  sinceFaultMs: ms,
  /** Why then: the timer or the step before it. */
  cause: z.string(),
})

/**
 * The chain from the fault to the service being back, without a gap, on one clock. The shares of
 * its links add up to one.
 */
export const explanationSchema = z.strictObject({
  /** The vantage whose outage is explained. */
  vantage: z.string(),
  outageMs: interval,
  links: z.array(
    z.strictObject({
      /** The step that ends it. */
      name: z.string(),
      fromMs: ms,
      toMs: ms,
      share: z.number(),
      cause: z.string(),
      /** The timer that was waited for; null where it was work, not waiting. */
      timer: z.string().nullable(),
    }),
  ),
  /** The timer that took most of it; null where none did. */
  dominating: z.strictObject({ timer: z.string(), ms, share: z.number() }).nullable(),
  /** What to set to halve it, or why no setting does. */
  advice: z.string(),
})

/** How far a node's clock is ahead of the run's: the bounds come from the time a look took. */
export const nodeClockSchema = z.strictObject({ node: z.string(), aheadMs: interval })

/** Two truths at once, looked for after the run: where it was looked, and what was found. */
export const splitBrainSchema = z.strictObject({
  looked: z.array(z.string()),
  found: z.array(z.string()),
})

export const recoverySchema = z.strictObject({
  /** Fault → first response of the system. Null: it did not happen in this run. */
  reactionMs: interval.nullable(),
  /** Fault → replacement pod Ready, or member back. */
  repairMs: interval.nullable(),
  /** Fault → the service that was hit is available again. */
  recoveryMs: interval.nullable(),
  /** How long the service that was hit was unavailable to the client. */
  outageMs: interval.nullable(),
  /** The vantage that recovery and outage speak of. */
  vantage: z.string().nullable(),
  steps: z.array(stepSchema),
})

/** What the model said before the drill was played. */
export const predictionSchema = z.strictObject({
  provider: z.literal('sim'),
  /**
   * The 5th and the 95th percentile over its runs, of the outage that recovery speaks of, wider by what
   * the model missed where it was calibrated.
   */
  outageMs: interval,
  medianMs: ms.optional(),
  /** Simulated runs behind it, each with a seed of its own. */
  runs: z.int().optional(),
  /** Of the run with the median outage. */
  steps: z.array(stepSchema),
})

export const verdictSchema = z.enum(['confirmed', 'contradicted', 'undetermined'])

/** `[lower, upper]` in milliseconds; an upper bound of null is none. */
const bounds = z.tuple([ms, ms.nullable()])

/** The figure of a claim on a duration, so that a set of runs can be judged by their records. */
export const durationSchema = z.strictObject({ measuredMs: bounds, promisedMs: bounds })

export const claimResultSchema = z.strictObject({
  id: z.string(),
  /** Document number, and its sentence in our words. */
  source: z.string(),
  verdict: verdictSchema,
  /** The verdict a person accepted, with the reason; `confirmed` where nobody said otherwise. */
  accepted: z.strictObject({ verdict: verdictSchema, reason: z.string(), date: z.string() }),
  measured: z.string(),
  expected: z.string(),
  because: z.string(),
  /** Where the claim is on a duration; absent in records of versions that did not say. */
  duration: durationSchema.optional(),
})

export const integritySchema = z.strictObject({
  acknowledgedWrites: z.int(),
  lostWrites: z.int(),
  /** False when the acknowledged saves could not be read back; the reason is in `problems`. */
  readBack: z.boolean(),
  /** The highest API write that was acknowledged, and what the API held at the end. */
  apiWrites: z
    .strictObject({
      acknowledged: z.int(),
      highest: z.int(),
      held: z.int().nullable(),
      /** Acknowledged and then gone, by etcd's own history; absent where it was not read. */
      lost: z.int().optional(),
    })
    .nullable(),
})

/** What must be so by the document while nothing is broken, and what was found. */
export const invariantSchema = z.strictObject({
  id: z.enum(invariantIds),
  holds: z.boolean(),
  expected: z.string(),
  seen: z.string(),
})

/** The floating IP of a run: which program shared it, and who answered for it when. */
export const floatingIpSchema = z.strictObject({
  address: z.string(),
  /** The program that really shared it, with its version or its timers. */
  engine: z.string(),
  documented: z.string(),
  /** In order of time, without gaps; two owners and none are tenures too. */
  tenures: z.array(z.strictObject({ owners: z.array(z.string()), fromMs: ms, toMs: ms })),
})

export const lateness = z.strictObject({ p50: ms, p99: ms, max: ms })

export const recordSchema = z.strictObject({
  schema: z.literal('clusterdrill/run/v1'),
  runId: z.string(),
  scenario: z.string(),
  title: z.string(),
  whatIf: z.string(),
  topology: z.string(),
  provider: z.enum(['kind', 'k3d', 'existing', 'sim']),
  timeSource: z.enum(['monotonic', 'virtual']),
  pace: z.enum(['documented', 'brisk']),
  /** Timers in force, in milliseconds, and the names of those that `--set` changed. */
  timers: z.record(z.string(), z.number()),
  changedTimers: z.array(z.string()),
  /** What stood in the model in the place of the document's HAProxy; absent: nothing did. */
  balancer: z.literal('envoy').optional(),
  /** What shared the floating IP in the model in the place of keepalived; absent: nothing did. */
  floatingIpSharedBy: z.literal('memberlist').optional(),
  seed: z.int(),
  /** Who was named on the command line in the place of the scenario's role. */
  target: z.string().nullable().optional(),
  kubernetes: z.string(),
  versions: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  phases: z.array(z.strictObject({ name: z.string(), fromMs: ms, toMs: ms })),
  faults: z.array(faultSchema),
  vantages: z.array(vantageSchema),
  recovery: recoverySchema,
  claims: z.array(claimResultSchema),
  prediction: predictionSchema.nullable(),
  integrity: integritySchema,
  /** Absent in records of versions that did not look, and where there is none. */
  floatingIp: floatingIpSchema.nullable().optional(),
  invariants: z.array(invariantSchema).optional(),
  /** Null: nothing was away. Absent in records of versions that did not explain. */
  explanation: explanationSchema.nullable().optional(),
  /** Of each node, as the run began. Absent where nobody looked. */
  clocks: z.array(nodeClockSchema).optional(),
  splitBrain: splitBrainSchema.optional(),
  /** What the provider cannot do, for want of which nothing was played. */
  lacks: z.array(z.string()).optional(),
  /** How late probes left, against their schedule. */
  latenessMs: lateness.nullable(),
  /** Why the run is invalid, and anything else that weakens it; empty for a clean run. */
  problems: z.array(z.string()),
  /** What the set-up leaves out of its document, or replaces. */
  differences: z.array(z.string()),
  verdict: z.enum(['confirmed', 'contradicted', 'undetermined', 'invalid']),
})

export type Outage = z.infer<typeof outageSchema>
export type VantageMeasure = z.infer<typeof vantageSchema>
export type FaultRecord = z.infer<typeof faultSchema>
export type Step = z.infer<typeof stepSchema>
export type Recovery = z.infer<typeof recoverySchema>
export type Verdict = z.infer<typeof verdictSchema>
export type ClaimResult = z.infer<typeof claimResultSchema>
export type Integrity = z.infer<typeof integritySchema>
export type Invariant = z.infer<typeof invariantSchema>
export type FloatingIpRecord = z.infer<typeof floatingIpSchema>
export type Explanation = z.infer<typeof explanationSchema>
export type Prediction = z.infer<typeof predictionSchema>
export type NodeClock = z.infer<typeof nodeClockSchema>
export type SplitBrain = z.infer<typeof splitBrainSchema>
export type Facts = NonNullable<FaultRecord['facts']>
export type Lateness = z.infer<typeof lateness>
export type RunRecord = z.infer<typeof recordSchema>
export type RunVerdict = RunRecord['verdict']
export type Phase = RunRecord['phases'][number]
export type PhaseName = 'baseline' | 'inject' | 'observe' | 'heal' | 'settle'
