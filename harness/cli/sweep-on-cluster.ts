/**
 * `pnpm sweep --on kubernetes`: the same sweep, its parts played by the pods of an Indexed Job on
 * the cluster of the context that is named. Refuses bad flags before anything is made. What the
 * pods send is checked against the plans made here, and merged to the bytes of a sweep played here.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createLogUpdate } from 'log-update'
import { sweepImageName } from '../../toolchain/index.ts'
import { type ContextApi, readContext } from '../cluster/kubernetes/sweep-job/context.ts'
import { sweepJob } from '../cluster/kubernetes/sweep-job/manifest.ts'
import { type PartsState, playJob, requireCluster } from '../cluster/kubernetes/sweep-job/play.ts'
import { MonotonicClock } from '../cluster/monotonic-clock.ts'
import { DrillError, messageOf, UsageError } from '../model/errors.ts'
import type { Sweep } from '../model/sweep.ts'
import { differences, mergeSweeps } from '../predict/merge-sweeps.ts'
import { logBytesMax, readPartLog } from '../record/part-log.ts'
import { onInterrupt } from './interrupt.ts'
import { type AskedSweep, keptSeeds, type PlayedSweep, sweepOf } from './play-sweep.ts'
import { partsOf, type Seeds, wholeOf } from './seeds.ts'
import type { SweepOptions } from './sweep.ts'
import type { PartArgument } from './sweep-part.ts'

const usualParts = 4
/** Each is a pod, and an object that the cluster keeps until the end. */
const partsMax = 1_000

interface Place {
  api: ContextApi
  namespace: string
  image: string
  parts: number
}

/** `asked` is null where something is wrong with the sweep itself, which is in `problems` already. */
export async function playOnCluster(
  name: string | undefined,
  options: SweepOptions,
  asked: AskedSweep | null,
  problems: string[],
): Promise<PlayedSweep> {
  const place = await placeOf(options, asked?.seeds ?? null, problems)
  if (!asked || !place || name === undefined || problems.length > 0) {
    throw new UsageError(problems, '`pnpm sweep --help` shows examples.')
  }
  const { api, namespace, image, parts } = place
  await requireCluster(api)
  const seeds = partsOf(asked.seeds, parts)
  const found = new Map<number, Sweep>()
  const { topology, kubernetes, pace, target, set, vary } = asked.words
  const argument: PartArgument = {
    name,
    words: {
      ...(topology === undefined ? {} : { topology }),
      ...(kubernetes === undefined ? {} : { kubernetes }),
      ...(pace === undefined ? {} : { pace }),
      ...(target === undefined ? {} : { target }),
      ...{ set, vary, seeds: `${asked.seeds.from}..${asked.seeds.to}` },
    },
    parts,
  }
  using interrupt = onInterrupt({ now: 'deleting the Job' })
  using progress = partsProgress(process.stderr, parts)
  const { ended, left } = await playJob({
    ...{ api, clock: new MonotonicClock(), signal: interrupt.signal, logBytesMax },
    job: sweepJob({
      ...{ runId: randomBytes(5).toString('hex'), namespace, image, parts },
      argument: JSON.stringify(argument),
    }),
    take: (index, log) => {
      const read = readPartLog(index, log)
      const of = seeds[index]
      if ('problem' in read || !of) return 'problem' in read ? read.problem : 'nobody asked for it'
      const problem = partProblem(asked, of, index, read.sweep)
      if (problem === null) found.set(index, read.sweep)
      return problem
    },
    tell: progress.tell,
  })
  if (ended === null && left !== null) process.stderr.write(`left on the cluster: ${left}\n`)
  return kept(asked, seeds, found, ended, left)
}

/** The sweep of the parts from the first to the last before one that is missing. */
function kept(
  asked: AskedSweep,
  seeds: readonly Seeds[],
  found: ReadonlyMap<number, Sweep>,
  ended: DrillError | null,
  left: string | null,
): PlayedSweep {
  const missing = seeds.findIndex((_, index) => !found.has(index))
  const whole = missing === -1 ? seeds : seeds.slice(0, missing)
  const said = keptSeeds(asked.seeds, whole.at(-1)?.to ?? asked.seeds.from - 1)
  const unfinished =
    ended &&
    new DrillError(
      ended.exitCode,
      {
        what: ended.what,
        changed: `${said.said}; ${left === null ? 'nothing of ours is left on the cluster' : `left on the cluster: ${left}`}`,
        next: missing === -1 ? ended.next : `${ended.next} ${said.next}`,
      },
      { cause: ended },
    )
  if (said.seeds === null) throw unfinished ?? new Error('no part was played')
  const parts = [...found].filter(([index]) => index < whole.length)
  const { sweep, problems } = mergeSweeps(
    parts.map(([index, part]) => ({ path: `part ${index}`, sweep: part })),
  )
  if (!sweep) throw new Error(problems.join('\n'))
  // Only runs are taken from the pods; all else was known here.
  return {
    sweep: sweepOf(asked, sweep.seeds, (index) => sweep.combinations[index]?.runs ?? []),
    ended: unfinished,
  }
}

/** Why a sweep that a pod sent is not the part that it was asked for; null where it is. */
export function partProblem(
  asked: AskedSweep,
  seeds: Seeds,
  index: number,
  sweep: Sweep,
): string | null {
  const reference = sweepOf(asked, seeds, () => [])
  const path = `part ${index}`
  const [difference] = differences({ path: 'this checkout', sweep: reference }, { path, sweep })
  if (difference) return `${difference.slice(path.length + 2)}; is the image of this checkout?`
  const numbers = Array.from({ length: seeds.to - seeds.from + 1 }, (_, at) => seeds.from + at)
  const held = sweep.combinations.map(({ settings, timers, refused, runs }) => {
    return { settings, timers, refused, seeds: runs.map(({ seed }) => seed) }
  })
  const wanted = reference.combinations.map(({ settings, timers, refused }) => {
    return { settings, timers, refused, seeds: refused === null ? numbers : [] }
  })
  return JSON.stringify(held) === JSON.stringify(wanted)
    ? null
    : `it is not of its combinations with the seeds ${seeds.from}..${seeds.to}`
}

/** Null where something is wrong, which is added to `problems`. */
async function placeOf(
  options: SweepOptions,
  seeds: Seeds | null,
  problems: string[],
): Promise<Place | null> {
  const { on, context, kubeconfig, threads } = options
  if (on !== 'kubernetes') problems.push(`--on ${on}: a sweep can be played on kubernetes`)
  if (threads !== undefined) problems.push('--threads: each pod has one')
  const parts = wholeOf('--parts', options.parts ?? `${usualParts}`, 1, problems)
  const most = Math.min(partsMax, seeds ? seeds.to - seeds.from + 1 : partsMax)
  if (options.parts !== undefined && parts > most) {
    problems.push(`--parts ${parts}: at most ${partsMax}, and at most as many as there are seeds`)
  }
  const { image = await sweepImageName() } = options
  if (!/^[\w][\w.:/@-]*$/.test(image)) problems.push(`--image ${image}: that names no image`)
  const api = await apiOf(context, kubeconfig, problems)
  const namespace = options.namespace ?? api?.namespace ?? 'default'
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    problems.push(`--namespace ${namespace}: that names no namespace`)
  }
  return api && { api, namespace, image, parts: Math.min(parts, most) }
}

async function apiOf(
  context: string | undefined,
  kubeconfig: string | undefined,
  problems: string[],
): Promise<ContextApi | null> {
  if (context === undefined) {
    problems.push('--context: name the context; the current one of a kubeconfig is never taken')
    return null
  }
  const file = kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube', 'config'))
  try {
    const read = readContext(await readFile(file, 'utf8'), file, context)
    if ('api' in read) return read.api
    problems.push(read.problem)
  } catch (error) {
    problems.push(`--kubeconfig ${file}: it cannot be read: ${messageOf(error)}`)
  }
  return null
}

/** One line that is redrawn on a terminal; elsewhere a line for each change. */
function partsProgress(
  stream: NodeJS.WriteStream,
  parts: number,
): Disposable & { tell(state: PartsState): void } {
  const redraw = stream.isTTY ? createLogUpdate(stream) : null
  let told = ''
  return {
    tell: ({ done, running, waiting, why }) => {
      const because = why === null ? '' : ` (${why})`
      const line = `SIMULATED ${done} of ${parts} parts, ${running} running, ${waiting} waiting${because}`
      if (redraw) redraw(line)
      else if (line !== told) stream.write(`${line}\n`)
      told = line
    },
    [Symbol.dispose]: () => redraw?.clear(),
  }
}
