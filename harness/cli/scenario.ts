/**
 * `pnpm scenario`: one drill from names to a report. Puts the rooms together; decides nothing
 * about phases, measures or verdicts itself.
 */

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { renderResult } from '../../reports/terminal.ts'
import { scenarios } from '../../scenarios/index.ts'
import { stateDir } from '../../toolchain/index.ts'
import { topologies } from '../../topologies/index.ts'
import type { ContainerProvider } from '../cluster/containers/provider.ts'
import type { MonotonicClock } from '../cluster/monotonic-clock.ts'
import type { Session } from '../cluster/port.ts'
import { exitCodeOf } from '../judge/verdict.ts'
import { InterruptedError, MachineError, UsageError } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { compile } from '../plan/compile.ts'
import { listActive, registerRun, unregisterRun } from '../record/active.ts'
import { Journal } from '../record/journal.ts'
import { createRun, type RunDirectory } from '../record/run-directory.ts'
import { conduct } from '../run/conductor.ts'
import { startProber } from '../run/prober/prober.ts'
import { judgeDirectory } from './judge-run.ts'
import { progressLines } from './progress.ts'
import { providerOf } from './provider-option.ts'
import { Screen } from './screen.ts'
import { type BuiltProvider, providerNamed } from './tools.ts'
import { version } from './version.ts'

export interface ScenarioOptions {
  topology?: string
  provider: string
  pace: string
  seed: string
  target?: string
  out: string
  keep: boolean
  yes: boolean
  json: boolean
  set: string[]
}

/** Returns the exit code. */
export async function runScenario(name: string | undefined, options: ScenarioOptions) {
  const draft = planFrom(name, options)
  const progress = progressLines(process.stderr)
  const provider = await providerNamed(draft.provider as BuiltProvider, options.yes, progress)
  await refuseSecondRun(draft.clusterName)

  const interrupt = onInterrupt()
  const troubles: string[] = []
  const directory = await createRun({
    root: options.out,
    startedAt: new Date(),
    topology: draft.topology.name,
    scenario: draft.scenario.name,
    provider: draft.provider,
    onTrouble: (message) => troubles.push(message),
  })
  const plan: Plan = { ...draft, runId: directory.name }
  await directory.writePlan(plan)
  await registerRun(stateDir(), {
    runId: plan.runId,
    directory: resolve(directory.path),
    pid: process.pid,
    cluster: plan.clusterName,
    startedAt: new Date().toISOString(),
  })
  const screen = new Screen(plan, options.json)
  screen.report(`seed ${plan.seed}, run ${directory.path}`)
  const healed = { whole: true, reused: true }
  try {
    await drill(plan, provider, directory, screen, interrupt.signal, healed, troubles)
  } finally {
    screen.done()
    interrupt.stop()
    directory.flushSync()
    // A run that never came to measure anything leaves no directory to wonder about.
    if (!existsSync(directory.samplesFile))
      await rm(directory.path, { recursive: true, force: true })
    // With something left to undo the entry stays, for `pnpm clean` to find.
    if (healed.whole) await unregisterRun(stateDir(), plan.runId)
    if (healed.whole && !options.keep && !healed.reused) {
      await provider.remove(plan.clusterName, (line) => process.stderr.write(`${line}\n`))
    }
  }
  const record = await judgeDirectory(directory.path)
  process.stdout.write(
    options.json ? `${JSON.stringify(record)}\n` : `${renderResult(record, directory.path)}\n`,
  )
  if (interrupt.signal.aborted) throw interrupt.signal.reason
  return exitCodeOf(record)
}

async function drill(
  plan: Plan,
  provider: ContainerProvider,
  directory: RunDirectory,
  screen: Screen,
  signal: AbortSignal,
  healed: { whole: boolean; reused: boolean },
  troubles: readonly string[],
): Promise<void> {
  const report = (line: string) => screen.report(line)
  await using session: Session = await provider.open(plan, report, signal)
  healed.reused = session.reused
  await session.prepare(report)
  signal.throwIfAborted()
  const journal = new Journal(directory.journalFile)
  const epochMs = () => Math.round(session.startedAt.getTime() + session.clock.nowMs())
  const open = new Set<string>()
  const result = await conduct(
    plan,
    {
      session,
      sink: {
        event: (event) => directory.appendEvents([event]),
        intent: async (id, action) => {
          healed.whole = false
          open.add(id)
          journal.intent(id, action, epochMs())
        },
        held: async (id) => journal.held(id),
        undone: async (id) => {
          journal.undone(id)
          open.delete(id)
          healed.whole = open.size === 0
        },
      },
      probe: ({ vantages, onSamples, onTrouble }) =>
        startProber({
          vantages,
          credentials: session.credentials,
          runId: plan.runId,
          originNs: (session.clock as MonotonicClock).originNs,
          samplesFile: directory.samplesFile,
          onSamples,
          onTrouble,
        }),
      onEvent: (event) => screen.event(event),
      onProgress: (progress) => screen.progress(progress, session.clock.nowMs()),
    },
    signal,
  )
  journal.close()
  const problems = troubles.map((text) => ({ invalid: false, text }))
  await directory.writeConduct({ ...result, problems: [...result.problems, ...problems] })
  directory.close()
}

function planFrom(name: string | undefined, options: ScenarioOptions) {
  const problems: string[] = []
  if (name === undefined) {
    problems.push(`name a scenario: ${scenarios.map((scenario) => scenario.name).join(', ')}`)
  }
  const provider = providerOf(options.provider, problems)
  const seed = Number(options.seed)
  if (!Number.isSafeInteger(seed) || seed < 0) {
    problems.push(`--seed ${options.seed}: a seed is a whole number, 0 or more`)
  }
  const compiled = compile(
    {
      scenario: name ?? scenarios[0]?.name ?? '',
      topology: options.topology ?? null,
      provider,
      pace: options.pace,
      set: options.set,
      target: options.target ?? null,
      seed,
      harnessVersion: version,
    },
    { scenarios, topologies },
  )
  problems.push(...compiled.problems)
  if (problems.length > 0 || !compiled.plan) {
    throw new UsageError(problems, '`pnpm scenario --list` shows what goes with what.')
  }
  return compiled.plan
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
    next: '`pnpm clean` undoes what it left; then run this again.',
  })
}

/** The first Ctrl-C heals; more of them change nothing, and say so. */
function onInterrupt(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const handle = () => {
    if (controller.signal.aborted) {
      process.stderr.write('already healing; `kill -9` and `pnpm clean` is the other way out\n')
      return
    }
    process.stderr.write('interrupted: healing first\n')
    controller.abort(
      new InterruptedError({
        what: 'interrupted',
        changed: 'what was broken has been healed, what was measured is kept',
        next: 'Run it again for a result.',
      }),
    )
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, handle)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) process.off(name, handle)
    },
  }
}
