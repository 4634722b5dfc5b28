/**
 * A step as it is found: its name, its instant, the timer or the step it waited for in words, and
 * what of that a machine can reckon with. Every other file of steps makes these.
 */
import type { DrillEvent } from '../model/event.ts'
import { formatMs } from '../model/units.ts'
import type { EventFilter } from './history.ts'
import type { FaultMoments } from './moments.ts'

/** Every name a step can have, in the order in which they follow where they fall together. */
export const stepNames = [
  'fault',
  'leader-elected',
  'address-silent',
  'address-doubled',
  'address-taken',
  'lb-down',
  'lb-empty',
  'node-not-ready',
  'endpoint-removed',
  'tainted',
  'evicted',
  'pod-not-ready',
  'container-restarted',
  'replacement-created',
  'unschedulable',
  'scheduled',
  'started',
  'ready',
  'endpoint-added',
  'service-available',
  'healed',
  'lb-up',
  'node-ready',
] as const

export type StepName = (typeof stepNames)[number]

/** A timer that was waited for, as it was set in the run. */
export interface Wait {
  /** As `timerFacts` calls it, or in the words of the program whose timer it is. */
  timer: string
  ms: number
}

export interface Found {
  name: StepName
  atMs: number
  cause: string
  /** Absent: it was work, or a person, and no timer. */
  wait?: Wait
}

/** From the injection to the beginning of the undo. */
export function whileHeld(fault: FaultMoments): EventFilter {
  return { afterMs: fault.injectedAtMs, untilMs: fault.healFromMs }
}

/** Events of two watches may be seen in either order; then they are as good as together. */
export function after(event: DrillEvent, before: DrillEvent | null, name: string): string {
  if (before === null) return `${name} was not seen`
  return `${formatMs(Math.max(0, event.atMs - before.atMs))} after ${name}`
}
