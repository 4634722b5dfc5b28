/**
 * `matrix.json`: every topology × scenario × target that was asked for, what was played of it and
 * what came of it, as a schema from which both the types here and the JSON Schema file in
 * `harness/record/` are made. Written anew after each cell, so that an interrupted matrix goes on
 * where it stopped.
 */
import { z } from 'zod'
import { claimResultSchema } from './record.ts'

const ms = z.number()
const interval = z.tuple([ms, ms])
const runVerdict = z.enum(['confirmed', 'contradicted', 'undetermined', 'invalid'])

/** One time that a cell was played. */
export const matrixTrySchema = z.strictObject({
  /** The run's directory below the matrix's; null where no cluster came up. */
  run: z.string().nullable(),
  startedAt: z.iso.datetime(),
  verdict: runVerdict,
  /** Why it is invalid; null when it is not. */
  problem: z.string().nullable(),
  /** With judging, and without the removal of the cluster. */
  wallMs: ms,
  /** Bringing the cluster and its workload up; 0 where it was shared with the cell before. */
  bringUpMs: ms,
  /**
   * What the heal and the interventions took beyond their timers: machines that boot and
   * components that come back, and what a person does.
   */
  comeBackMs: ms.default(0),
  reused: z.boolean(),
})

/** What the last run of a cell said; enough for the page without the run's own files. */
export const matrixResultSchema = z.strictObject({
  run: z.string(),
  verdict: runVerdict,
  kubernetes: z.string(),
  /** Of the service that was hit; null where none was measured. */
  outageMs: interval.nullable(),
  recoveryMs: interval.nullable(),
  vantage: z.string().nullable(),
  lostWrites: z.int(),
  claims: z.array(claimResultSchema),
  /** What the provider cannot do, for want of which nothing was played. */
  lacks: z.array(z.string()),
  problems: z.array(z.string()),
})

export const matrixCellSchema = z.strictObject({
  topology: z.string(),
  scenario: z.string(),
  /** As `--target` takes it; null for the scenario's own. */
  target: z.string().nullable(),
  title: z.string(),
  whatIf: z.string(),
  /** The sum of the timers that a run of it must wait for. */
  irreducibleMs: ms,
  /** In the order in which it was played. */
  tries: z.array(matrixTrySchema),
  /** Null as long as no run of it came to its end. */
  result: matrixResultSchema.nullable(),
})

export const matrixSchema = z.strictObject({
  schema: z.literal('clusterdrill/matrix/v1'),
  harnessVersion: z.string(),
  provider: z.enum(['kind', 'k3d', 'existing', 'sim']),
  /** What `--kubernetes` said of simulated clusters; absent: nothing. */
  kubernetes: z.string().optional(),
  pace: z.enum(['documented', 'brisk']),
  /** What `--set` and `--only` said. */
  set: z.array(z.string()),
  only: z.array(z.string()),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  /** Null until every cell has been played. */
  endedAt: z.iso.datetime().nullable(),
  /** Times at which it was begun or taken up again. */
  sittings: z.array(z.strictObject({ startedAt: z.iso.datetime(), wallMs: ms })),
  /** Clusters that it brought up and has not removed yet. */
  standing: z.array(z.string()),
  /** In the order in which they are played. */
  cells: z.array(matrixCellSchema),
  totals: z.strictObject({
    cells: z.int(),
    played: z.int(),
    /** Tries that brought a cluster up. */
    bringUps: z.int(),
    bringUpMs: ms,
    comeBackMs: ms.default(0),
    wallMs: ms,
    /** Of the cells that were played. */
    irreducibleMs: ms,
    /** wall / (irreducible + bring-ups + coming back); null before anything was played. */
    ratio: z.number().nullable(),
  }),
})

export type Matrix = z.infer<typeof matrixSchema>
export type MatrixCell = z.infer<typeof matrixCellSchema>
export type MatrixTry = z.infer<typeof matrixTrySchema>
export type MatrixResult = z.infer<typeof matrixResultSchema>

type Named = Pick<MatrixCell, 'topology' | 'scenario' | 'target'>

/** `topology/scenario` or `topology/scenario/target`: unique in a matrix, and what `--only` takes. */
export function cellName({ topology, scenario, target }: Named): string {
  return [topology, scenario, ...(target === null ? [] : [target])].join('/')
}

/** A run of it came to its end and can be believed, so that a resumed matrix need not play it. */
export function isSettled({ result }: Pick<MatrixCell, 'result'>): boolean {
  return result !== null && result.verdict !== 'invalid'
}

/** What changed in one respect from one matrix to another. */
export interface MatrixChange {
  /** `topology/scenario` or with a target. */
  cell: string
  /** `cell`: played in one of them only, or the verdict of the whole run. */
  kind: 'cell' | 'claim' | 'outage'
  /** The claim's id, 'outage', or 'run'. */
  what: string
  before: string
  now: string
}
