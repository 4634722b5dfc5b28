/**
 * What `plan.json` must hold for a saved run to be measured and judged: every field that those
 * rooms use, by type. Looser than the vocabulary on purpose: a plan may hold more than this
 * version knows, and names of faults, goals and capabilities that came later.
 */
import { z } from 'zod'
import type { Plan } from '../model/plan.ts'
import { paces, timerNames } from '../model/timers.ts'

const ms = z.number().nonnegative()
const names = z.array(z.string())

const faultPlan = z.looseObject({ id: z.string(), kind: z.string(), target: z.string() })

const scenario = z.looseObject({
  name: z.string(),
  title: z.string(),
  whatIf: z.string(),
  needs: names,
  topologies: names,
  faults: z.array(faultPlan),
  observeUntil: names,
  settleUntil: names,
})

const loadBalancer = z.looseObject({
  name: z.string(),
  balance: z.string(),
  port: z.int(),
  frontend: z.string(),
  backend: z.string(),
  timeouts: z.looseObject({ connectMs: ms, clientMs: ms, serverMs: ms }),
  check: z.looseObject({ kind: z.string(), intervalMs: ms, fall: z.int(), rise: z.int() }),
  retries: z.int(),
})

const topology = z.looseObject({
  name: z.string(),
  title: z.string(),
  document: z.string(),
  sites: z.array(z.looseObject({ name: z.string(), region: z.string(), zone: z.string() })),
  nodes: z
    .array(
      z.looseObject({
        name: z.string(),
        role: z.enum(['control-plane', 'worker']),
        site: z.string(),
        schedulable: z.boolean(),
      }),
    )
    .min(1),
  loadBalancer: loadBalancer.nullable(),
  clusterDns: z.enum(['as-installed', 'spread']).optional(),
  storage: z.looseObject({ kind: z.string(), standIn: z.string() }),
  workload: z.looseObject({
    pageReplicas: z.int(),
    apiReplicas: z.int(),
    nodePort: z.int(),
  }),
  differences: names,
})

/** Timers that a version did not know yet were not in force either. */
const timers = z.looseObject(
  Object.fromEntries(
    timerNames.map((name) => [name, name.startsWith('floatingIp') ? ms.optional() : ms]),
  ),
)

export const planSchemaName: Plan['schema'] = 'clusterdrill/plan/v1'

/** Parses to a `Plan`; unknown fields pass through. */
export const planSchema = z.looseObject({
  schema: z.literal(planSchemaName),
  runId: z.string().min(1),
  clusterName: z.string().min(1),
  scenario,
  topology,
  provider: z.enum(['kind', 'k3d', 'existing', 'sim']),
  pace: z.enum(paces),
  changedTimers: names,
  timers,
  seed: z.number(),
  probe: z.looseObject({
    intervalMs: ms.positive(),
    timeoutMs: z.looseObject({ api: ms, page: ms, save: ms, apiWrite: ms.optional() }),
    stableMs: ms,
    slowMs: ms,
  }),
  bounds: z.looseObject({ baselineMs: ms, observeMs: ms, settleMs: ms }),
  target: z.string().nullable().optional(),
  faults: z.array(faultPlan),
  observeUntil: names,
  settleUntil: names,
  harnessVersion: z.string(),
})
