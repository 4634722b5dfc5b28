/**
 * One drill from a plan to a judged record, on one path for a single scenario, a set of repeats and
 * the matrix. Puts the rooms together; decides nothing about phases, measures or verdicts itself.
 * What it takes from outside are ports, so that it can be played without an engine.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { stateDir } from '../../toolchain/index.ts'
import type { MonotonicClock } from '../cluster/monotonic-clock.ts'
import type { Provider, Session } from '../cluster/port.ts'
import { MachineError, messageOf } from '../model/errors.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { RunRecord } from '../model/record.ts'
import { missingCapabilities } from '../plan/capabilities.ts'
import type { Draft } from '../plan/compile.ts'
import { listActive, registerRun, unregisterRun } from '../record/active.ts'
import { Journal } from '../record/journal.ts'
import { createRun, type RunDirectory } from '../record/run-directory.ts'
import { conduct } from '../run/conductor.ts'
import type { ProbeRequest, Probing, Progress, RunSink } from '../run/ports.ts'
import { startProber } from '../run/prober/prober.ts'
import { Foresight, type Predict } from './foresight.ts'
import { judgeDirectory } from './judge-run.ts'

/** What is told while a drill runs. */
export interface DrillScreen {
  report(line: string): void
  event(event: DrillEvent): void
  progress(progress: Progress, nowMs: number): void
  done(): void
}

export interface ProbeStart extends ProbeRequest {
  plan: Plan
  session: Session
  directory: RunDirectory
}

export interface DrillPorts {
  provider: Provider
  signal: AbortSignal
  screen(plan: Plan): DrillScreen
  /** Says before the first fault what it will show; absent: nobody does. */
  predict?: Predict
  /** Absent: the session's own, or else the prober, as a process of its own. */
  probe?(start: ProbeStart): Promise<Probing>
}

export interface DrillOptions {
  /** Where the run directory goes. */
  out: string
  /** Leave a cluster standing that was made for this drill; a spent one is removed all the same. */
  keep: boolean
}

export interface Drilled {
  record: RunRecord
  directory: string
  /** The cluster stands now. */
  standing: boolean
  /** It was taken over, or none was needed. */
  reused: boolean
  /** Whatever was broken was healed, or went with its cluster. */
  healed: boolean
  /** A fault that lasts has used the cluster up. */
  spent: boolean
  /** Bringing the cluster and its workload up; 0 where it was reused. */
  bringUpMs: number
  /** From beginning to end, with judging and the removal of the cluster. */
  wallMs: number
}

/** What has become of the cluster so far. */
interface Condition {
  open: Set<string>
  spent: boolean
  reused: boolean
  opened: boolean
  bringUpMs: number
}

/**
 * Rejects with a `MachineError` where the cluster is in use or cannot be brought up; after an
 * interruption it resolves with what was measured, or rejects with the signal's reason where
 * nothing was.
 */
export async function playDrill(
  draft: Draft,
  ports: DrillPorts,
  options: DrillOptions,
): Promise<Drilled> {
  const beganMs = performance.now()
  const lacks = missingCapabilities(draft, ports.provider.capabilities)
  const played =
    lacks.length > 0
      ? await leaveUnplayed(draft, lacks, options)
      : await play(draft, ports, options)
  return { ...played, wallMs: performance.now() - beganMs }
}

async function play(
  draft: Draft,
  ports: DrillPorts,
  options: DrillOptions,
): Promise<Omit<Drilled, 'wallMs'>> {
  // Every simulation has a cluster of its own.
  if (draft.provider !== 'sim') await refuseSecondRun(draft.clusterName)
  const troubles: string[] = []
  const { directory, plan } = await newRun(draft, options.out, (message) => troubles.push(message))
  await registerRun(stateDir(), {
    runId: plan.runId,
    directory: resolve(directory.path),
    pid: process.pid,
    cluster: plan.clusterName,
    startedAt: new Date().toISOString(),
  })
  const screen = ports.screen(plan)
  screen.report(`seed ${plan.seed}, run ${directory.path}`)
  const condition: Condition = {
    ...{ open: new Set(), spent: false, reused: true, opened: false, bringUpMs: 0 },
  }
  let standing = true
  try {
    await onCluster(plan, ports, directory, screen, condition, troubles)
  } finally {
    screen.done()
    directory.flushSync()
    // A run that never came to measure anything leaves no directory to wonder about.
    if (!existsSync(directory.samplesFile))
      await rm(directory.path, { recursive: true, force: true })
    standing = await leaveCluster(plan, ports.provider, condition, options.keep)
  }
  return {
    record: await judgeDirectory(directory.path),
    directory: directory.path,
    standing,
    reused: condition.reused,
    healed: condition.open.size === 0 || !standing,
    spent: condition.spent,
    bringUpMs: condition.bringUpMs,
  }
}

async function newRun(draft: Draft, root: string, onTrouble: (message: string) => void) {
  const directory = await createRun({
    root,
    startedAt: new Date(),
    topology: draft.topology.name,
    scenario: draft.scenario.name,
    provider: draft.provider,
    onTrouble,
  })
  const plan: Plan = { ...draft, runId: directory.name }
  await directory.writePlan(plan)
  return { directory, plan }
}

async function onCluster(
  plan: Plan,
  ports: DrillPorts,
  directory: RunDirectory,
  screen: DrillScreen,
  condition: Condition,
  troubles: readonly string[],
): Promise<void> {
  const report = (line: string) => screen.report(line)
  const beganMs = performance.now()
  await using session: Session = await ports.provider.open(plan, report, ports.signal)
  condition.opened = true
  condition.reused = session.reused
  await session.prepare(report)
  if (!session.reused) condition.bringUpMs = performance.now() - beganMs
  ports.signal.throwIfAborted()
  const foresight =
    ports.predict && session.timeSource !== 'virtual'
      ? new Foresight(plan, session, ports.predict, report)
      : null
  const journal = new Journal(directory.journalFile)
  const probe = ports.probe ?? (session.probe ? probeFromWithin : probeFromOutside)
  const result = await conduct(
    plan,
    {
      session,
      sink: sinkOf(plan, session, directory, journal, condition),
      probe: (request) => probe({ ...request, plan, session, directory }),
      ...(foresight ? { beforeFaults: () => foresight.look() } : {}),
      onEvent: (event) => screen.event(event),
      onProgress: (progress) => screen.progress(progress, session.clock.nowMs()),
    },
    ports.signal,
  )
  journal.close()
  const problems = [
    ...result.problems,
    ...[...troubles, ...(foresight?.troubles ?? [])].map((text) => ({ invalid: false, text })),
  ]
  const { found, prediction = null } = foresight ?? {}
  await directory.writeConduct({ ...result, ...(found ? { found } : {}), prediction, problems })
  directory.close()
}

function sinkOf(
  plan: Plan,
  session: Session,
  directory: RunDirectory,
  journal: Journal,
  condition: Condition,
): RunSink {
  const lasts = plan.faults.some(({ lasting }) => lasting)
  const epochMs = () => Math.round(session.startedAt.getTime() + session.clock.nowMs())
  return {
    event: (event) => directory.appendEvents([event]),
    intent: async (id, action) => {
      condition.open.add(id)
      // Once a drill with a lasting fault has begun to break things, nobody takes over after it.
      if (lasts || action.kind === 'cluster.spend') condition.spent = true
      journal.intent(id, action, epochMs())
    },
    held: async (id) => journal.held(id),
    undone: async (id) => {
      journal.undone(id)
      condition.open.delete(id)
    },
  }
}

async function probeFromWithin(start: ProbeStart): Promise<Probing> {
  const probing = start.session.probe?.((batch) => {
    start.directory.appendSamples(batch)
    start.onSamples(batch)
  })
  return {
    stop: async () => {
      probing?.stop()
      return { latenessMs: null, skipped: 0 }
    },
  }
}

const probeFromOutside = (start: ProbeStart): Promise<Probing> =>
  startProber({
    vantages: start.vantages,
    credentials: start.session.credentials,
    runId: start.plan.runId,
    originNs: (start.session.clock as MonotonicClock).originNs,
    samplesFile: start.directory.samplesFile,
    onSamples: start.onSamples,
    onTrouble: start.onTrouble,
  })

/** True when the cluster stands afterwards. One that cannot be removed is told of, and stands. */
async function leaveCluster(
  plan: Plan,
  provider: Provider,
  condition: Condition,
  keep: boolean,
): Promise<boolean> {
  const { open, spent, reused, opened } = condition
  const healed = open.size === 0
  // With something left to undo the entry stays, for `pnpm run clean` to find.
  if (healed) await unregisterRun(stateDir(), plan.runId)
  if (!opened || !(spent || (healed && !keep && !reused))) return opened
  const removed = await removeCluster(provider, plan.clusterName)
  // What was left broken went with its cluster.
  if (removed) await unregisterRun(stateDir(), plan.runId)
  return !removed
}

/** False, and a line on standard error, where it cannot be removed. */
export async function removeCluster(
  provider: Pick<Provider, 'remove'>,
  cluster: string,
): Promise<boolean> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  try {
    await provider.remove(cluster, say)
    return true
  } catch (error) {
    say(`${cluster} could not be removed: ${messageOf(error)}; \`pnpm run clean\` tries again`)
    return false
  }
}

/** Nothing is brought up: the run says what the provider cannot do, and judges what can be. */
export async function leaveUnplayed(
  draft: Draft,
  lacks: readonly string[],
  options: DrillOptions,
): Promise<Omit<Drilled, 'wallMs'>> {
  const startedAt = new Date()
  const { directory } = await newRun(draft, options.out, () => undefined)
  directory.appendSamples([])
  directory.appendEvents([])
  await directory.writeConduct({
    schema: 'clusterdrill/conduct/v1',
    startedAt: startedAt.toISOString(),
    timeSource: draft.provider === 'sim' ? 'virtual' : 'monotonic',
    kubernetes: 'not brought up',
    versions: {},
    reused: false,
    phases: [],
    faults: [],
    vantages: [],
    integrity: { acknowledgedWrites: 0, lostWrites: 0, readBack: false, apiWrites: null },
    floatingIp: null,
    lacks: [...lacks],
    latenessMs: null,
    problems: [],
  })
  directory.close()
  return {
    record: await judgeDirectory(directory.path),
    directory: directory.path,
    ...{ standing: false, reused: true, healed: true, spent: false, bringUpMs: 0 },
  }
}

async function refuseSecondRun(cluster: string): Promise<void> {
  const { runs } = await listActive(stateDir())
  const other = runs.find((run) => run.cluster === cluster)
  if (!other) return
  if (other.alive) {
    throw new MachineError({
      what: `another drill uses ${cluster}: process ${other.pid}, ${basename(other.directory)}`,
      changed: 'nothing was touched',
      next: 'Wait for it, or choose another topology or pace.',
    })
  }
  throw new MachineError({
    what: `an earlier drill on ${cluster} ended without healing: ${other.directory}`,
    changed: 'nothing was touched',
    next: '`pnpm run clean` undoes what it left; then run this again.',
  })
}
