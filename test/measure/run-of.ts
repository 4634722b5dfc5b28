/**
 * Hand-written histories for tests, with as little around them as can be: a plan, vantages,
 * samples as `[sentAtMs, ok]` rows and events as short tuples.
 */
import { measure } from '../../harness/measure/measure.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { DrillEvent, EventName } from '../../harness/model/event.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { FaultRecord, Phase } from '../../harness/model/record.ts'
import { courseOn, type FaultPlan, type Scenario } from '../../harness/model/scenario.ts'
import { type Pace, timersOf } from '../../harness/model/timers.ts'
import type { Topology } from '../../harness/model/topology.ts'
import type { Sample, Vantage } from '../../harness/model/vantage.ts'

export type Row = [sentAtMs: number, ok: 0 | 1, latencyMs?: number, error?: string]

export function samplesOf(vantage: string, rows: readonly Row[]): Sample[] {
  return rows.map(([sentAtMs, ok, latencyMs = 10, error = 'timeout']) => ({
    vantage,
    scheduledAtMs: sentAtMs,
    sentAtMs,
    latencyMs,
    ok: ok === 1,
    error: ok === 1 ? null : error,
    number: null,
  }))
}

export function vantageOf(id: string, over: Partial<Vantage> = {}): Vantage {
  return {
    id,
    kind: 'save',
    through: 'NodePort',
    throughNode: null,
    connection: 'new',
    url: '',
    timeoutMs: 5_000,
    intervalMs: 50,
    ...over,
  }
}

export type EventRow = [
  atMs: number,
  name: EventName,
  subject: string,
  over?: Partial<Pick<DrillEvent, 'node' | 'component' | 'detail'>>,
]

export function eventsOf(rows: readonly EventRow[]): DrillEvent[] {
  return rows.map(([atMs, name, subject, over = {}]) => ({
    atMs,
    source: 'api',
    name,
    subject,
    node: null,
    component: null,
    detail: '',
    ...over,
  }))
}

export function planOf(scenario: Scenario, topology: Topology, pace: Pace = 'documented'): Plan {
  return {
    schema: 'clusterdrill/plan/v1',
    runId: 'run',
    clusterName: 'drill',
    scenario,
    topology,
    provider: 'sim',
    pace,
    changedTimers: [],
    timers: timersOf(pace),
    seed: 1,
    probe: {
      intervalMs: 50,
      timeoutMs: { api: 5_000, page: 2_000, save: 5_000 },
      stableMs: 3_000,
      slowMs: 1_000,
    },
    bounds: { baselineMs: 1_000, observeMs: 1_000, settleMs: 1_000 },
    ...courseOn(scenario, topology.name),
    harnessVersion: '0',
  }
}

export function faultOf(target: string, injectedAtMs: number, undoneAtMs: number): FaultRecord {
  return {
    id: 'power',
    kind: 'power.kill',
    target,
    role: 'the one under test',
    injectedAtMs,
    tookHoldAtMs: injectedAtMs,
    undoneAtMs,
    receipt: { before: 'it ran', during: 'it was gone', after: 'it runs again' },
  }
}

export interface RunSketch {
  scenario: Scenario
  topology: Topology
  pace?: Pace
  target: string
  /** Injection, beginning of the heal (undone at the same instant), end of the run. */
  atMs: [injected: number, healed: number, end: number]
  vantages: readonly Vantage[]
  rows: Readonly<Record<string, readonly Row[]>>
  events?: readonly EventRow[]
  /** In the place of the one fault on `target`. */
  faults?: readonly FaultRecord[]
  /** How the faults were planned, where that matters: groups, components. */
  planned?: readonly FaultPlan[]
}

export function runOf(sketch: RunSketch): Measurement {
  const [injectedMs, healedMs, endMs] = sketch.atMs
  const phases: Phase[] = [
    { name: 'baseline', fromMs: 0, toMs: injectedMs },
    { name: 'inject', fromMs: injectedMs, toMs: injectedMs },
    { name: 'observe', fromMs: injectedMs, toMs: healedMs },
    { name: 'heal', fromMs: healedMs, toMs: healedMs },
    { name: 'settle', fromMs: healedMs, toMs: endMs },
  ]
  const plan = planOf(sketch.scenario, sketch.topology, sketch.pace)
  return measure({
    plan: { ...plan, faults: sketch.planned ?? plan.faults },
    phases,
    faults: sketch.faults ?? [faultOf(sketch.target, injectedMs, healedMs)],
    samples: Object.entries(sketch.rows).flatMap(([id, rows]) => samplesOf(id, rows)),
    vantages: sketch.vantages,
    events: eventsOf(sketch.events ?? []),
    integrity: { acknowledgedWrites: 0, lostWrites: 0, readBack: true, apiWrites: null },
  })
}

/** Good probes every `stepMs` from `fromMs` up to, not with, `toMs`. */
export function good(fromMs: number, toMs: number, stepMs = 500): Row[] {
  return probes(fromMs, toMs, stepMs, 1)
}

export function bad(fromMs: number, toMs: number, stepMs = 500): Row[] {
  return probes(fromMs, toMs, stepMs, 0)
}

function probes(fromMs: number, toMs: number, stepMs: number, ok: 0 | 1): Row[] {
  const rows: Row[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) rows.push([atMs, ok])
  return rows
}
