/**
 * What the conductor needs from outside besides the session: somewhere to write as it goes, a
 * prober, and somebody to tell. The cli wires these to the run directory and the terminal.
 */
import type { Session } from '../cluster/port.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Lateness, PhaseName } from '../model/record.ts'
import type { UndoAction } from '../model/undo.ts'
import type { Sample, Vantage } from '../model/vantage.ts'

/** The run directory, as the conductor sees it. Journal calls return when the disk has it. */
export interface RunSink {
  event(event: DrillEvent): void
  intent(id: string, action: UndoAction): Promise<void>
  held(id: string): Promise<void>
  undone(id: string): Promise<void>
}

export interface Probing {
  stop(): Promise<{ latenessMs: Lateness | null; skipped: number }>
}

export interface ProbeRequest {
  vantages: readonly Vantage[]
  onSamples(batch: readonly Sample[]): void
  onTrouble(message: string): void
}

/** The state of the drill at one instant, for the live view. */
export interface Progress {
  phase: PhaseName | 'bring-up' | 'done'
  phaseElapsedMs: number
  /** At most this much longer, by the timers; null when unknown. */
  phaseLeftMs: number | null
  waitingFor: readonly string[]
  vantages: readonly {
    id: string
    through: string
    up: boolean | null
    sinceMs: number
    lastError: string | null
  }[]
}

export interface ConductorPorts {
  session: Session
  sink: RunSink
  probe(request: ProbeRequest): Promise<Probing>
  /** Samples tell every change, so that nothing need be asked between them. Default: they do not. */
  exact?: boolean
  /** Sleeps until what a phase waits for is so, or until that instant. Default: a look every 100 ms. */
  sleepUntilMet?(met: () => boolean, latestMs: number): Promise<void>
  /** Once the baseline is good; it is waited for again after that. */
  beforeFaults?(): Promise<void>
  /** Told every event at once. */
  onEvent(event: DrillEvent): void
  /** Told a few times a second; absent: nobody looks on. */
  onProgress?(progress: Progress): void
}
