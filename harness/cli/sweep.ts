/**
 * `pnpm sweep`: one drill in the model, with every combination of the timers that are varied and many
 * seeds each, played here or on a cluster; or the parts of such a sweep put together. Writes the
 * sweep and its page.
 */
import { renderSweepHtml } from '../../reports/sweep/html.ts'
import { renderSweepText } from '../../reports/sweep/text.ts'
import { UsageError } from '../model/errors.ts'
import type { Sweep } from '../model/sweep.ts'
import { mergeSweeps } from '../predict/merge-sweeps.ts'
import { readSweeps, sweepFile, sweepText, writeSweep } from '../record/sweep-folder.ts'
import { refuseTaken, resultFolder } from './model-folder.ts'
import { askedSweep, type PlayedSweep, playSweep, type SweepWords } from './play-sweep.ts'
import { runQuiet } from './quiet.ts'
import { threadsOf } from './seeds.ts'

/** Where pods play it, and from which image. */
export interface ClusterOptions {
  on?: string
  context?: string
  kubeconfig?: string
  namespace?: string
  image?: string
  parts?: string
}

export interface SweepOptions extends SweepWords, ClusterOptions {
  loss?: string
  pause?: string
  hours?: string
  out?: string
  merge?: string[]
  threads?: string
  json: boolean
}

/** Returns the exit code: 2 where some combination has no valid run. */
export async function runSweep(name: string | undefined, options: SweepOptions): Promise<number> {
  if (name === 'quiet' && options.merge === undefined) return await runQuiet(options)
  const { sweep, ended } = await played(name, options)
  const folder = await resultFolder(options.out, `sweep-${sweep.topology}-${sweep.scenario}-sim`)
  await writeSweep(folder, sweep, renderSweepHtml(sweep))
  process.stdout.write(options.json ? sweepText(sweep) : `${renderSweepText(sweep, folder)}\n`)
  if (ended) throw ended
  const combinations = sweep.combinations.filter(({ refused }) => refused === null)
  return combinations.every(({ summary }) => summary.outage !== null) ? 0 : 2
}

async function played(name: string | undefined, options: SweepOptions): Promise<PlayedSweep> {
  if (options.merge !== undefined) {
    return { sweep: await merged(name, options, options.merge), ended: null }
  }
  const problems: string[] = []
  refuseTaken(options.out, sweepFile, problems)
  for (const flag of quietFlags) {
    if (options[flag] !== undefined) problems.push(`--${flag}: only \`pnpm sweep quiet\` has it`)
  }
  const asked = askedSweep(name, options, problems)
  if (options.on !== undefined) {
    const { playOnCluster } = await import('./sweep-on-cluster.ts')
    return await playOnCluster(name, options, asked, problems)
  }
  refuseClusterFlags(options, 'only with --on kubernetes', problems)
  const threads = threadsOf(options, problems)
  if (!asked || problems.length > 0) {
    throw new UsageError(problems, '`pnpm sweep --help` shows examples.')
  }
  return await playSweep(asked, threads)
}

const quietFlags = ['loss', 'pause', 'hours'] as const
const clusterFlags = ['on', 'context', 'kubeconfig', 'namespace', 'image', 'parts'] as const

export function refuseClusterFlags(options: ClusterOptions, why: string, problems: string[]): void {
  for (const flag of clusterFlags) {
    if (options[flag] !== undefined) problems.push(`--${flag}: ${why}`)
  }
}

/** Refuses what is no sweep, and parts that do not fit, all at once. */
async function merged(
  name: string | undefined,
  options: SweepOptions,
  paths: readonly string[],
): Promise<Sweep> {
  const why = '--merge plays nothing, and takes no more than --out and --json'
  const { topology, kubernetes, pace, target, runs, seed, seeds, threads, set, vary } = options
  const given = {
    topology,
    kubernetes,
    pace,
    target,
    runs,
    seed,
    seeds,
    threads,
    set: set[0],
    vary: vary[0],
  }
  const { loss, pause, hours } = options
  const problems = Object.entries({ ...given, loss, pause, hours })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => `--${flag}: ${why}`)
  if (name !== undefined) problems.push(`${name}: ${why}`)
  refuseClusterFlags(options, why, problems)
  refuseTaken(options.out, sweepFile, problems)
  if (problems.length > 0) throw new UsageError(problems)
  const sweeps = await readSweeps(paths)
  const parts = sweeps.map((sweep, index) => ({ path: paths[index] ?? '', sweep }))
  const { sweep, problems: unfit } = mergeSweeps(parts)
  if (!sweep) throw new UsageError(unfit, 'Only the parts of one sweep make one.')
  return sweep
}
