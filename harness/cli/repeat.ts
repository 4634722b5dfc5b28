/**
 * `pnpm scenario NAME --repeat N`: the same drill N times on one cluster, and one verdict over the
 * set. A scenario that uses its cluster up gets a new one each time.
 */
import { join, resolve } from 'node:path'
import { renderRepeatMarkdown, renderRepeatText } from '../../reports/repeat.ts'
import { judgeRepeat } from '../judge/repeat.ts'
import { exitCodeOf } from '../judge/verdict.ts'
import { InterruptedError, InvalidRunError, messageOf } from '../model/errors.ts'
import type { RunRecord } from '../model/record.ts'
import type { Draft } from '../plan/compile.ts'
import { makeNewFolder, timeName, writeInto } from '../record/new-folder.ts'
import { type DrillPorts, playDrill, removeCluster } from './drill.ts'

export interface RepeatOptions {
  out: string
  keep: boolean
  json: boolean
}

/** What came of the runs so far. */
interface Set {
  folder: string
  valid: RunRecord[]
  /** Runs that judge nothing, and why. */
  invalid: string[]
}

/** Returns the exit code; an interrupted set is judged over the runs it has, and rejects with 130. */
export async function runRepeat(
  draft: Draft,
  times: number,
  ports: DrillPorts,
  options: RepeatOptions,
): Promise<number> {
  const { topology, scenario, provider } = draft
  const name = `${timeName(new Date())}-${topology.name}-${scenario.name}-${provider}-repeat`
  const set: Set = { folder: await makeNewFolder(options.out, name), valid: [], invalid: [] }
  await playAll(draft, times, ports, options, set)
  const interrupted = ports.signal.aborted
  const exitCode = set.valid.length === 0 ? 2 : await writeSet(set, options.json)
  for (const line of set.invalid) process.stderr.write(`not judged: ${line}\n`)
  if (interrupted) {
    throw new InterruptedError({
      what: `interrupted: ${set.valid.length} of ${times} runs came to their end`,
      changed: 'what was broken has been healed, what was measured is kept',
      next:
        set.valid.length === 0
          ? 'Run it again for a result.'
          : `The set is judged over them: ${join(set.folder, 'summary.md')}`,
    })
  }
  if (set.valid.length === 0) {
    throw new InvalidRunError({
      what: `none of ${times} runs is valid: ${set.invalid.join('; ')}`,
      changed: `the runs are kept in ${set.folder}`,
      next: 'Correct what they name, then run it again.',
    })
  }
  return exitCode
}

async function playAll(
  draft: Draft,
  times: number,
  ports: DrillPorts,
  options: RepeatOptions,
  set: Set,
): Promise<void> {
  /** A cluster of ours stands, to be removed after the last run. */
  let own = false
  try {
    for (let time = 1; time <= times && !ports.signal.aborted; time += 1) {
      process.stderr.write(`run ${time} of ${times}\n`)
      const drilled = await playDrill(draft, ports, { out: set.folder, keep: true })
      own = drilled.standing && (own || !drilled.reused)
      const { record, directory } = drilled
      if (record.verdict === 'invalid') {
        set.invalid.push(`${resolve(directory)}: ${record.problems[0] ?? 'the run is invalid'}`)
      } else set.valid.push(record)
    }
  } catch (error) {
    // Without a valid run there is nothing to keep, and the error says more than a set of none.
    if (set.valid.length === 0 && !ports.signal.aborted) throw error
    if (!ports.signal.aborted) set.invalid.push(messageOf(error))
  } finally {
    if (own && !options.keep) await removeCluster(ports.provider, draft.clusterName)
  }
}

async function writeSet({ folder, valid }: Set, json: boolean): Promise<number> {
  const repeat = judgeRepeat(valid)
  await writeInto(folder, 'repeat.json', `${JSON.stringify(repeat, null, 2)}\n`)
  await writeInto(folder, 'summary.md', renderRepeatMarkdown(repeat))
  process.stdout.write(
    json ? `${JSON.stringify(repeat)}\n` : `${renderRepeatText(repeat)}\n\nRuns:      ${folder}\n`,
  )
  return exitCodeOf(repeat)
}
