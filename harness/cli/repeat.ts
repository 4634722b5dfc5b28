/**
 * `pnpm scenario NAME --repeat N`: the same drill N times on one cluster, and one verdict over the
 * set. A scenario that uses its cluster up gets a new one each time.
 */
import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { renderRepeatMarkdown, renderRepeatText } from '../../reports/repeat.ts'
import { judgeRepeat } from '../judge/repeat.ts'
import { exitCodeOf } from '../judge/verdict.ts'
import { InterruptedError, messageOf } from '../model/errors.ts'
import type { RunRecord } from '../model/record.ts'
import type { RepeatRecord } from '../model/repeat.ts'
import type { Draft } from '../plan/compile.ts'
import { makeNewFolder, timeName, writeInto } from '../record/new-folder.ts'
import { type DrillPorts, playDrill, removeCluster } from './drill.ts'

export interface RepeatOptions {
  out: string
  keep: boolean
  json: boolean
}

/** What came of the runs so far. */
interface Played {
  records: RunRecord[]
  /** Why there are no more of them; empty when there are as many as were asked for. */
  problems: string[]
}

/**
 * Returns the exit code. An interrupted set is judged over the runs that it has, and rejects with
 * an `InterruptedError`; one without any run rejects with the reason.
 */
export async function runRepeat(
  draft: Draft,
  times: number,
  ports: DrillPorts,
  options: RepeatOptions,
): Promise<number> {
  const { topology, scenario, provider } = draft
  const name = `${timeName(new Date())}-${topology.name}-${scenario.name}-${provider}-repeat`
  const folder = await makeNewFolder(options.out, name)
  const played = await playAll(draft, times, ports, { ...options, out: folder })
  const repeat = played.records.length === 0 ? null : setOf(played)
  if (repeat !== null) await writeSet(folder, repeat, options.json)
  if (!ports.signal.aborted) return repeat === null ? 2 : exitCodeOf(repeat)
  const valid = played.records.filter(({ verdict }) => verdict !== 'invalid').length
  throw new InterruptedError({
    what: `interrupted: ${valid} of ${times} runs are valid`,
    changed: `what was broken has been healed, what was measured is kept in ${folder}`,
    next:
      valid === 0
        ? 'Run it again for a result.'
        : `The set is judged over them: ${join(folder, 'summary.md')}`,
  })
}

async function playAll(
  draft: Draft,
  times: number,
  ports: DrillPorts,
  options: RepeatOptions,
): Promise<Played> {
  const played: Played = { records: [], problems: [] }
  /** A cluster of ours stands, to be removed after the last run. */
  let own = false
  try {
    for (let time = 1; time <= times && !ports.signal.aborted; time += 1) {
      process.stderr.write(`run ${time} of ${times}\n`)
      const drilled = await playDrill(draft, ports, { out: options.out, keep: true })
      own = drilled.standing && (own || !drilled.reused)
      played.records.push(drilled.record)
    }
  } catch (error) {
    // Without a run there is nothing to judge, and the error says all.
    if (played.records.length === 0) {
      await rmdir(options.out).catch(() => undefined)
      throw error
    }
    if (!ports.signal.aborted) {
      played.problems.push(
        `ended after ${played.records.length} of ${times} runs: ${messageOf(error)}`,
      )
    }
  } finally {
    if (own && !options.keep) await removeCluster(ports.provider, draft.clusterName)
  }
  if (ports.signal.aborted) {
    played.problems.push(`interrupted in run ${played.records.length} of ${times}`)
  }
  return played
}

function setOf({ records, problems }: Played): RepeatRecord {
  const repeat = judgeRepeat(records)
  return { ...repeat, problems: [...problems, ...repeat.problems] }
}

async function writeSet(folder: string, repeat: RepeatRecord, json: boolean): Promise<void> {
  await writeInto(folder, 'repeat.json', `${JSON.stringify(repeat, null, 2)}\n`)
  await writeInto(folder, 'summary.md', renderRepeatMarkdown(repeat))
  process.stdout.write(
    json ? `${JSON.stringify(repeat)}\n` : `${renderRepeatText(repeat)}\n\nSet: ${folder}\n`,
  )
}
