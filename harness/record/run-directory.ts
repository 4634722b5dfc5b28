/**
 * The directory of one run while it is written: the plan before the first fault, samples and
 * events as they come, what the conductor did, and at the end the record and the reports. Never
 * writes over another run, and never writes a plan or record that this version could not read.
 */
import { basename, join } from 'node:path'
import { z } from 'zod'
import { type Conduct, conductSchema } from '../model/conduct.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan, ProviderName } from '../model/plan.ts'
import { type RunRecord, recordSchema } from '../model/record.ts'
import { encodeSample } from '../model/sample-line.ts'
import type { Sample } from '../model/vantage.ts'
import { LineAppender } from './line-appender.ts'
import { makeNewFolder, timeName, writeInto } from './new-folder.ts'
import { planSchema } from './plan-schema.ts'

/** The names of all files of a run. */
export const runFiles = {
  plan: 'plan.json',
  journal: 'journal.jsonl',
  samples: 'samples.jsonl',
  events: 'events.jsonl',
  conduct: 'conduct.json',
  record: 'record.json',
} as const

export type ReportFile = 'report.html' | 'summary.md' | 'junit.xml' | 'metrics.prom'

export interface NewRun {
  /** The folder that holds all runs, such as `runs`; made where it is missing. */
  root: string
  startedAt: Date
  topology: string
  scenario: string
  provider: ProviderName
  /** Told once when the disk fills up under events or samples, and waits for nothing. */
  onTrouble(message: string): void
}

/**
 * Makes `<root>/<time>-<topology>-<scenario>-<provider>/`, the time in UTC as
 * `2026-03-01T09-30-05Z`; where that exists, with `-2` and so on at the end.
 * Rejects with a `MachineError` where it cannot be made.
 */
export async function createRun(run: NewRun): Promise<RunDirectory> {
  const { root, startedAt, topology, scenario, provider } = run
  const path = await makeNewFolder(
    root,
    `${timeName(startedAt)}-${topology}-${scenario}-${provider}`,
  )
  return new RunDirectory(root, basename(path), run.onTrouble)
}

/** All writes reject, or throw, with a `MachineError` that says what was kept. */
export class RunDirectory {
  /** The last part of the path; unique below its root, and good as a run's id. */
  readonly name: string
  readonly path: string
  /** For a prober that appends to it from its own process. */
  readonly samplesFile: string
  readonly journalFile: string
  readonly #events: LineAppender
  readonly #onTrouble: (message: string) => void
  #samples: LineAppender | null = null

  constructor(root: string, name: string, onTrouble: (message: string) => void) {
    this.name = name
    this.path = join(root, name)
    this.samplesFile = join(this.path, runFiles.samples)
    this.journalFile = join(this.path, runFiles.journal)
    this.#onTrouble = onTrouble
    this.#events = new LineAppender(join(this.path, runFiles.events), onTrouble)
  }

  writePlan(plan: Plan): Promise<void> {
    return this.#writeJson(runFiles.plan, planSchema, plan)
  }

  writeConduct(conduct: Conduct): Promise<void> {
    return this.#writeJson(runFiles.conduct, conductSchema, conduct)
  }

  writeRecord(record: RunRecord): Promise<void> {
    return this.#writeJson(runFiles.record, recordSchema, record)
  }

  writeReport(name: ReportFile, text: string): Promise<void> {
    return writeInto(this.path, name, text)
  }

  /** On disk within 250 ms. */
  appendEvents(events: readonly DrillEvent[]): void {
    this.#events.append(events.map((event) => JSON.stringify(event)))
  }

  /** For samples that no process of their own writes, such as a simulator's. */
  appendSamples(samples: readonly Sample[]): void {
    this.#samples ??= new LineAppender(this.samplesFile, this.#onTrouble)
    this.#samples.append(samples.map(encodeSample))
  }

  /** For the way out of a crash: whatever waits, as far as the disk takes it. Never throws. */
  flushSync(): void {
    this.#events.flushSync()
    this.#samples?.flushSync()
  }

  /** Ends events and samples; the other files can still be written. */
  close(): void {
    try {
      this.#events.close()
    } finally {
      this.#samples?.close()
    }
  }

  async #writeJson(name: string, schema: z.ZodType, value: unknown): Promise<void> {
    const checked = schema.safeParse(value)
    if (!checked.success) {
      throw new Error(`${name} would not be readable:\n${z.prettifyError(checked.error)}`)
    }
    await writeInto(this.path, name, `${JSON.stringify(value, null, 2)}\n`)
  }
}
