/**
 * The open-loop schedule of a prober: which probe is due when, whatever became of the ones before
 * it. Pure; the caller brings the time. After a hold-up the newest missed slots of each vantage
 * are handed out late, and those beyond the burst limit are counted, never dropped in silence.
 */

/** Missed slots of one vantage that are still fired after a hold-up: a quarter second at 20/s. */
export const burstLimit = 5

export interface Slot {
  /** Position of the vantage in the list that the schedule was made from. */
  vantage: number
  scheduledAtMs: number
}

interface Lane {
  firstMs: number
  intervalMs: number
  next: number
}

export class OpenLoopSchedule {
  /** Slots that were missed and not handed out. */
  skipped = 0
  readonly #lanes: Lane[]

  /**
   * Probe k of vantage i of n is due at `startMs + intervalMs · (i/n + k)`: vantages are staggered
   * so that they do not probe at the same instant.
   */
  constructor(intervalsMs: readonly number[], startMs: number) {
    this.#lanes = intervalsMs.map((intervalMs, position) => ({
      firstMs: startMs + (intervalMs * position) / intervalsMs.length,
      intervalMs,
      next: 0,
    }))
  }

  /** When the next slot is due; infinite for a schedule without vantages. */
  nextDueMs(): number {
    return Math.min(...this.#lanes.map(dueMs))
  }

  /** All slots due by now, earliest first. Each is handed out once. */
  take(nowMs: number): Slot[] {
    const slots = this.#lanes.flatMap((lane, vantage) => {
      const missed = Math.floor((nowMs - lane.firstMs) / lane.intervalMs) + 1 - lane.next
      const passedOver = Math.max(0, missed - burstLimit)
      this.skipped += passedOver
      lane.next += passedOver
      const due: Slot[] = []
      for (; dueMs(lane) <= nowMs; lane.next += 1) {
        due.push({ vantage, scheduledAtMs: dueMs(lane) })
      }
      return due
    })
    return slots.sort((a, b) => a.scheduledAtMs - b.scheduledAtMs)
  }
}

const dueMs = (lane: Lane): number => lane.firstMs + lane.next * lane.intervalMs
