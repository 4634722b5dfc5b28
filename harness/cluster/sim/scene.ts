/** What every part of the model stands on: time, chance, timers, machines, and whom to tell. */
import type { DrillEvent } from '../../model/event.ts'
import type { Found } from '../../model/found.ts'
import type { Release } from '../../model/release.ts'
import type { Timers } from '../../model/timers.ts'
import type { Topology } from '../../model/topology.ts'
import type { Calibration } from './calibration.ts'
import type { EventQueue } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import type { Machines } from './machines.ts'
import type { Room } from './scheduler-view.ts'

export type Told = Omit<DrillEvent, 'atMs'>

export interface Scene {
  readonly topology: Topology
  readonly timers: Timers
  readonly release: Release
  readonly calibration: Calibration
  /** How the cluster stands when it begins; null: as chance has it. */
  readonly found: Found | null
  /**
   * What pods may ask of nodes, by name. Of one that is not named, or of which it is not said: CPU and
   * memory without end, and as many pods as a kubelet takes.
   */
  readonly allocatable: Readonly<Record<string, Partial<Room>>>
  readonly queue: EventQueue
  readonly machines: Machines
  /** A stream of chance for each name; the same one each time. */
  chance(name: string): Draw
  /** Told as it happens. */
  tell(event: Told): void
  /** Something changed that a client might notice. */
  touch(): void
}
