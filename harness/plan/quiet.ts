/**
 * The flags of a quiet sweep → every combination of lost packets, pauses and timers, or all that is
 * wrong with them. Pure.
 */
import type { Topology } from '../model/topology.ts'
import { byName, type Catalogue, type Draft } from './compile.ts'
import { planSweep, productOf, type SweepRequest } from './sweep.ts'
import { parseDurationMs } from './timer-settings.ts'

export interface QuietRequest extends Omit<SweepRequest, 'scenario' | 'target' | 'topology'> {
  topology: string
  /** `0%,5%`; null: no packet is lost. */
  loss: string | null
  /** `8s@10/h,60s@1/d`: so long, so often; null: none. */
  pause: string | null
}

export interface PlannedQuiet {
  topology: Topology
  combinations: readonly {
    settings: readonly string[]
    lossShare: number
    pause: Pause | null
    /** Null where it is refused. */
    plan: Draft | null
    refused: string | null
    timers: Draft['timers']
  }[]
}

interface Pause {
  lengthMs: number
  perHour: number
}

export function planQuiet(
  { loss, pause, ...request }: QuietRequest,
  catalogue: Catalogue,
): { quiet: PlannedQuiet; problems: [] } | { quiet: null; problems: string[] } {
  const problems: string[] = []
  const losses = loss?.split(',') ?? []
  const pauses = pause?.split(',') ?? []
  for (const text of losses) {
    if (lossOf(text) === null) problems.push(`--loss ${text}: packets as 5%, less than 100%`)
  }
  for (const text of pauses) {
    if (pauseOf(text) === null) {
      problems.push(`--pause ${text}: how long and how often, such as 8s@10/h or 60s@1/d`)
    }
  }
  if (loss === null && pause === null) {
    problems.push('nothing disturbs: give --loss 5%, --pause 8s@10/h, or both')
  }
  const topology = byName('topology', request.topology, catalogue.topologies, problems)
  // Its faults are not played: a plan has timers and a topology, and a scenario that fits.
  const fitting = catalogue.scenarios.find(({ topologies }) =>
    topologies.includes(request.topology),
  )
  const planned =
    topology && fitting
      ? planSweep({ ...request, scenario: fitting.name, target: null }, catalogue)
      : null
  problems.push(...(planned?.problems ?? []))
  if (problems.length > 0 || !planned?.sweep || !topology) return { quiet: null, problems }
  const { base, combinations } = planned.sweep
  const axes = [
    ...(losses.length > 0 ? [{ name: 'loss', values: losses }] : []),
    ...(pauses.length > 0 ? [{ name: 'pause', values: pauses }] : []),
  ]
  const quiet: PlannedQuiet = {
    topology,
    combinations: productOf(axes).flatMap((disturbances) =>
      combinations.map(({ settings, plan, refused }) => ({
        ...{ plan, refused, timers: (plan ?? base).timers },
        settings: [...disturbances, ...settings],
        lossShare: lossOf(settingOf(disturbances, 'loss') ?? '0%') ?? 0,
        pause: pauseOf(settingOf(disturbances, 'pause') ?? ''),
      })),
    ),
  }
  return { quiet, problems: [] }
}

const settingOf = (settings: readonly string[], name: string): string | null =>
  settings.find((setting) => setting.startsWith(`${name}=`))?.slice(name.length + 1) ?? null

function lossOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text)
  const percent = Number(match?.[1])
  return match && percent < 100 ? percent / 100 : null
}

const hoursOf: Readonly<Record<string, number>> = { h: 1, d: 24 }

function pauseOf(text: string): Pause | null {
  const match = /^([^@]+)@(\d+(?:\.\d+)?)\/(h|d)$/.exec(text)
  const lengthMs = parseDurationMs(match?.[1] ?? '')
  const perHour = Number(match?.[2]) / (hoursOf[match?.[3] ?? ''] ?? 1)
  return match && lengthMs !== null && lengthMs > 0 && perHour > 0 ? { lengthMs, perHour } : null
}
