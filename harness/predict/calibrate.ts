/**
 * What took time in saved runs without being a timer → distributions that the model draws from. Only
 * what a run shows by itself is taken; the rest of the calibration has other sources.
 */
import type { Conduct } from '../model/conduct.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { FaultRecord, RunRecord } from '../model/record.ts'

/** Of a saved run that was judged. */
export interface CalibrationRun {
  plan: Plan
  conduct: Conduct
  events: readonly DrillEvent[]
  record: RunRecord
}

/** By the name of a spread: how long it took, in milliseconds, each time that it was seen. */
export type Durations = ReadonlyMap<string, readonly number[]>

/** Throws a RangeError on a simulated run: the model would be held against itself. */
export function durationsIn(runs: readonly CalibrationRun[]): Durations {
  const all = new Map<string, number[]>()
  const note = (name: string, ms: number | undefined): void => {
    if (ms === undefined || !Number.isFinite(ms) || ms < 0) return
    const known = all.get(name) ?? []
    known.push(ms)
    all.set(name, known)
  }
  for (const run of runs) {
    const { record } = run
    if (record.timeSource === 'virtual') throw new RangeError(`${record.runId} was simulated`)
    if (record.verdict === 'invalid') continue
    // Images that must be pulled are no delay of a container.
    if (!run.plan.faults.some(({ kind }) => kind === 'operator.forget-images')) {
      podsIn(run.events, note)
    }
    for (const fault of record.faults) {
      proofOf(fault, note)
      returnOf(run, fault, note)
      interventionOf(fault, note)
    }
  }
  return all
}

type Note = (name: string, ms: number | undefined) => void

const pendingMs = 2_000

/** A pod's first way from one step to the next. */
function podsIn(events: readonly DrillEvent[], note: Note): void {
  const firsts = new Map<string, Map<string, number>>()
  for (const { name, subject, atMs } of events) {
    if (!name.startsWith('pod-')) continue
    const own = firsts.get(subject) ?? new Map<string, number>()
    if (!own.has(name)) own.set(name, atMs)
    firsts.set(subject, own)
  }
  for (const own of firsts.values()) {
    const [created, scheduled, started, ready] = [
      'pod-created',
      'pod-scheduled',
      'pod-started',
      'pod-ready',
    ].map((name) => own.get(name))
    if (created === undefined || scheduled === undefined) continue
    // Longer than that it waited for a node that may carry it.
    if (scheduled - created < pendingMs) note('schedule', scheduled - created)
    if (started === undefined) continue
    note('podStart', started - scheduled)
    if (ready !== undefined) note('podReady', ready - started)
  }
}

function proofOf({ kind, injectedAtMs, tookHoldAtMs }: FaultRecord, note: Note): void {
  const [room = ''] = kind.split('.')
  if (tookHoldAtMs === null || room === 'operator' || kind === 'power.reboot') return
  note(`proof.${room}`, tookHoldAtMs - injectedAtMs)
}

/** A machine that got its power back: its kubelet, its pods, and its API server. */
function returnOf({ plan, events, record }: CalibrationRun, fault: FaultRecord, note: Note): void {
  const { kind, target, undoFromMs: fromMs } = fault
  if (!kind.startsWith('power.') || fromMs === null || fromMs === undefined) return
  const node = plan.topology.nodes.find(({ name }) => name === target)
  if (!node) return
  const after = events.filter(({ atMs }) => atMs > fromMs)
  const readyMs = after.find(
    ({ name, subject }) => name === 'node-ready' && subject === target,
  )?.atMs
  // A control plane's node waits for its API server, which is counted apart.
  if (readyMs !== undefined && node.role === 'worker') note('nodeBoot', readyMs - fromMs)
  const containers = after.filter(
    ({ name, node: on, detail }) =>
      name === 'kubelet' && on === target && detail.startsWith('Started'),
  )
  for (const { atMs } of containers) {
    note('podAfterBoot', readyMs === undefined ? undefined : atMs - readyMs)
  }
  if (node.role !== 'control-plane') return
  const controlPlanes = plan.topology.nodes.filter(({ role }) => role === 'control-plane')
  const alone = controlPlanes.length === 1
  const server = record.vantages.find(
    ({ kind: asks, throughNode, connection }) =>
      asks === 'api-read' && connection === 'new' && (throughNode === target || alone),
  )
  const away = server?.outages.find(
    ({ startMs, endMs, ended }) => ended && startMs[0] < fromMs && endMs[1] > fromMs,
  )
  if (away) {
    note(
      alone ? 'controlPlaneBoot' : 'controlPlaneBootBeside',
      (away.endMs[0] + away.endMs[1]) / 2 - fromMs,
    )
  }
}

/** What a person does says itself how long it took. */
function interventionOf(fault: FaultRecord, note: Note): void {
  const { kind, injectedAtMs, tookHoldAtMs, facts = {} } = fault
  const fact = (name: string): number | undefined => {
    const value = facts[name]
    return typeof value === 'number' ? value : undefined
  }
  const between = (from: string, to: string): number | undefined => {
    const [fromMs, toMs] = [fact(from), fact(to)]
    return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs
  }
  const tookMs = tookHoldAtMs === null ? undefined : tookHoldAtMs - injectedAtMs
  switch (kind) {
    case 'operator.force-delete':
      note('forceDelete', tookMs)
      break
    case 'operator.forget-images':
      note('forgetImages', tookMs)
      break
    case 'operator.backup':
      note('backup', tookMs)
      break
    case 'operator.restore':
      note('restore', fact('apiBackMs'))
      break
    case 'operator.eject':
      note('drain', between('drainBeganMs', 'drainedMs'))
      note('memberChange', between('removeBeganMs', 'removedMs'))
      note('memberChange', between('uninstallBeganMs', 'uninstalledMs'))
      break
    case 'operator.join-together':
      note('reset', tookMs === undefined ? undefined : (fact('beganAtMs') ?? 0) - injectedAtMs)
      for (const [name, value] of Object.entries(facts)) {
        if (name.startsWith('joinedMs.') && typeof value === 'number') note('join', value)
      }
  }
}

/** As many quantiles as tell its shape, evenly spaced from the least to the most. */
const quantilesMax = 11

/** Ascending, in whole milliseconds; at least two. */
export function spreadOf(durationsMs: readonly number[]): [number, number, ...number[]] {
  const ascending = durationsMs.toSorted((a, b) => a - b)
  const count = Math.max(2, Math.min(quantilesMax, ascending.length))
  const [least = 0, most = 0, ...rest] = Array.from({ length: count }, (_, index) =>
    Math.round(ascending[Math.round((index / (count - 1)) * (ascending.length - 1))] ?? 0),
  )
  return [least, most, ...rest]
}
