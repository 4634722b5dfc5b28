/**
 * What took time in saved runs without being a timer → distributions that the model draws from. Only
 * what a run shows by itself is taken; the rest of the calibration has other sources.
 */
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { FaultRecord, RunRecord, VantageMeasure } from '../model/record.ts'
import type { TrackedRun } from '../model/track-record.ts'
import type { Sample } from '../model/vantage.ts'
import { errorFloorMs } from './track-record.ts'

/** Of a saved run that was judged. */
export interface CalibrationRun {
  plan: Plan
  events: readonly DrillEvent[]
  record: RunRecord
  samples: readonly Sample[]
}

/** How far beside an interval may be what lies in it nine times of ten. */
const heldShare = 0.9

/** As a share of the median, by how much each interval must reach farther to hold that many. */
export function marginOf(runs: readonly TrackedRun[]): number {
  const shares = runs.flatMap(({ measuredMs, predictedMs, medianMs }) => {
    if (predictedMs === null || medianMs === null) return []
    const besideMs = Math.max(measuredMs[0] - predictedMs[1], predictedMs[0] - measuredMs[1])
    return [besideMs / Math.max(medianMs, errorFloorMs)]
  })
  const ascending = shares.toSorted((a, b) => a - b)
  const needed = ascending[Math.ceil(heldShare * ascending.length) - 1] ?? 0
  return Math.max(0, Math.ceil(needed * 1_000) / 1_000)
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
    lossesIn(run, note)
    pathsIn(run, note)
    for (const fault of record.faults) {
      proofOf(run, fault, note)
      returnOf(run, fault, note)
      endOf(run, fault, note)
      interventionOf(run, fault, note)
    }
  }
  return all
}

type Note = (name: string, ms: number | undefined) => void

const pendingMs = 2_000

/** A pod's first way from one step to the next. */
function podsIn(events: readonly DrillEvent[], note: Note): void {
  const firsts = new Map<string, Map<string, number>>()
  const databases = new Set<string>()
  for (const { name, subject, component, atMs } of events) {
    if (!name.startsWith('pod-')) continue
    if (component === 'database') databases.add(subject)
    const own = firsts.get(subject) ?? new Map<string, number>()
    if (!own.has(name)) own.set(name, atMs)
    firsts.set(subject, own)
  }
  for (const [pod, own] of firsts) {
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
    if (ready !== undefined)
      note(databases.has(pod) ? 'databaseReady' : 'podReady', ready - started)
  }
}

/** Another node of the zone was tainted just before, so that this one has to wait (10 s). */
const limitedMs = 5_000

/** What becomes of a node that is lost, step by step. */
function lossesIn({ events, plan }: CalibrationRun, note: Note): void {
  const lostMs = new Map<string, number>()
  const taintedMs = new Map<string, number>()
  for (const { name, subject, node, detail, atMs } of events) {
    if (name === 'node-not-ready') lostMs.set(subject, atMs)
    if (name === 'node-ready') taintedMs.delete(subject)
    const sinceLostMs = since(lostMs.get(node ?? subject), atMs)
    if (name === 'endpoint-removed' && (sinceLostMs ?? limitedMs) < limitedMs) {
      note('unready', sinceLostMs)
    }
    if (name === 'node-tainted' && detail.endsWith(':NoExecute')) {
      if ((sinceLostMs ?? limitedMs) < limitedMs) note('noExecute', sinceLostMs)
      taintedMs.set(subject, atMs)
    }
    if (name === 'pod-evicted') {
      const sinceTaintMs = since(taintedMs.get(node ?? ''), atMs)
      note('evict', since(plan.timers.unreachableTolerationMs, sinceTaintMs))
    }
  }
}

/** Longer than that it was something else that was waited for. */
const spreadMs = 3_000

/**
 * From a pod that is Ready, or out of its Service, to the clients of each node that notice, where
 * nothing else is waited for. Of every node: the last of them is not what one of them takes.
 */
function pathsIn({ record }: CalibrationRun, note: Note): void {
  const { steps } = record.recovery
  const atMs = (step: string) => steps.find(({ name }) => name === step)?.atMs
  const fromMs = atMs('ready') ?? atMs('endpoint-removed')
  for (const vantage of record.vantages) {
    const { kind, throughNode, connection } = vantage
    if ((kind !== 'page' && kind !== 'save') || throughNode === null || connection !== 'new')
      continue
    const ms = since(fromMs, endMs(vantage, fromMs))
    if (ms !== undefined && ms < spreadMs) note('endpointSpread', ms)
  }
}

const proofs: Readonly<Record<string, string>> = {
  power: 'proofOfPower',
  process: 'proofOfProcess',
  network: 'proofOfNetwork',
}

function proofOf({ plan }: CalibrationRun, fault: FaultRecord, note: Note): void {
  const { kind, target, injectedAtMs, tookHoldAtMs } = fault
  const [room = ''] = kind.split('.')
  const name = target === plan.topology.loadBalancer?.name ? 'proofOfBalancer' : proofs[room]
  if (tookHoldAtMs === null || name === undefined || kind === 'power.reboot') return
  note(name, tookHoldAtMs - injectedAtMs)
}

/** What is asked of one API server, or of all through the load balancer (null), on new connections. */
function apiVantageOf({ record }: CalibrationRun, node: string | null) {
  return record.vantages.find(
    ({ kind, throughNode, connection }) =>
      kind === 'api-read' && connection === 'new' && throughNode === node,
  )
}

/** The first request after an instant that ended so, by when it was sent. */
function firstMs(
  { samples }: CalibrationRun,
  vantage: string | undefined,
  afterMs: number | undefined,
  isSo: (sample: Sample) => boolean,
): number | undefined {
  if (vantage === undefined || afterMs === undefined) return undefined
  return samples.reduce<number | undefined>((first, sample) => {
    if (sample.vantage !== vantage || sample.sentAtMs < afterMs || !isSo(sample)) return first
    return Math.min(first ?? sample.sentAtMs, sample.sentAtMs)
  }, undefined)
}

const isRefused = ({ error }: Sample) => error === 'refused'
const isTurnedAway = ({ ok, error }: Sample) => ok || error?.startsWith('http-') === true
const since = (fromMs: number | undefined, toMs: number | undefined): number | undefined =>
  fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs

/** Of the outage that an instant lies in, its end; in the middle of what is known of it. */
function endMs(vantage: VantageMeasure | undefined, insideMs: number | undefined) {
  const outage = vantage?.outages.find(
    (each) =>
      insideMs !== undefined &&
      each.ended &&
      each.startMs[0] <= insideMs &&
      each.endMs[1] >= insideMs,
  )
  return outage && (outage.endMs[0] + outage.endMs[1]) / 2
}

/** A machine that ends in order closes its connections before it refuses them. */
function endOf(run: CalibrationRun, { kind, target, injectedAtMs }: FaultRecord, note: Note): void {
  if (kind !== 'power.reboot') return
  const server = apiVantageOf(run, target)?.id
  const beginsMs = firstMs(run, server, injectedAtMs, ({ ok }) => !ok)
  note('endBegins', since(injectedAtMs, beginsMs))
  note('endTakes', since(beginsMs, firstMs(run, server, beginsMs, isRefused)))
}

/** A machine that got its power back: its kubelet, its pods, and its API server. */
function returnOf(run: CalibrationRun, fault: FaultRecord, note: Note): void {
  const { plan, events } = run
  const { kind, target, undoFromMs: fromMs } = fault
  if (!kind.startsWith('power.') || fromMs === null || fromMs === undefined) return
  if (target === plan.topology.loadBalancer?.name) {
    note('balancerBoot', since(fromMs, endMs(apiVantageOf(run, null), fromMs)))
    return
  }
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
  const server = apiVantageOf(run, target)
  const listensMs = firstMs(run, server?.id, fromMs, isTurnedAway)
  note('apiBoot', since(fromMs, listensMs))
  note('apiSettle', since(listensMs, endMs(server, listensMs) ?? listensMs))
}

/** What a person does says itself how long it took. */
function interventionOf(run: CalibrationRun, fault: FaultRecord, note: Note): void {
  const { kind, injectedAtMs, tookHoldAtMs, facts = {} } = fault
  const fact = (name: string): number | undefined => {
    const value = facts[name]
    return typeof value === 'number' ? value : undefined
  }
  const between = (from: string, to: string): number | undefined => {
    const [fromMs, toMs] = [fact(from), fact(to)]
    return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs
  }
  const factsNamed = (start: string): number[] =>
    Object.entries(facts).flatMap(([name, value]) =>
      name.startsWith(start) && typeof value === 'number' ? [value] : [],
    )
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
      note('restore', since(injectedAtMs, endMs(apiVantageOf(run, lostOf(run)), injectedAtMs)))
      break
    case 'operator.move-load-balancer':
      restartsOf(run, injectedAtMs, note)
      break
    case 'operator.eject':
      note('drain', between('drainBeganMs', 'drainedMs'))
      note('memberChange', between('removeBeganMs', 'removedMs'))
      note('memberChange', between('uninstallBeganMs', 'uninstalledMs'))
      break
    case 'operator.join-together':
      // Two of them, one after the other.
      note('reset', half(since(injectedAtMs, fact('beganAtMs'))))
      note('joinPrepare', Math.min(...factsNamed('takenMs.')))
  }
}

/** The machine whose address the restored control plane has. */
const lostOf = ({ plan }: CalibrationRun): string | null =>
  plan.topology.nodes.find(({ role }) => role === 'control-plane')?.name ?? null

/** One API server after another gets its certificate, ends, and starts again. */
function restartsOf(run: CalibrationRun, injectedAtMs: number, note: Note): void {
  let fromMs: number | undefined = injectedAtMs
  for (const { name, role } of run.plan.topology.nodes) {
    if (role !== 'control-plane') continue
    const server = apiVantageOf(run, name)
    const endsMs = firstMs(run, server?.id, fromMs, ({ ok }) => !ok)
    const listensMs = firstMs(
      run,
      server?.id,
      firstMs(run, server?.id, endsMs, isRefused),
      isTurnedAway,
    )
    note('renewCertificate', since(fromMs, endsMs))
    note('apiRestart', since(endsMs, listensMs))
    fromMs = endMs(server, endsMs)
    note('apiRestartSettle', since(listensMs, fromMs))
  }
}

const half = (ms: number | undefined) => (ms === undefined ? undefined : ms / 2)

/** As many quantiles as tell its shape, evenly spaced from the least to the most. */
const quantilesMax = 11

/**
 * Ascending, in whole milliseconds; at least two. What will be seen lies outside of what was seen the
 * more often, the less was seen: of durations that are all as likely, the range of `n` is `(n - 1) /
 * (n + 1)` of the whole on average, so both ends are moved out by that much.
 */
export function spreadOf(durationsMs: readonly number[]): [number, number, ...number[]] {
  const ascending = durationsMs.toSorted((a, b) => a - b)
  const last = ascending.length - 1
  const beyondMs = last === 0 ? 0 : ((ascending[last] ?? 0) - (ascending[0] ?? 0)) / last
  const count = Math.max(2, Math.min(quantilesMax, ascending.length))
  const [least = 0, most = 0, ...rest] = Array.from({ length: count }, (_, index) => {
    const ms = ascending[Math.round((index / (count - 1)) * last)] ?? 0
    if (index === 0) return Math.max(0, Math.round(ms - beyondMs))
    return Math.round(index === count - 1 ? ms + beyondMs : ms)
  })
  return [least, most, ...rest]
}
