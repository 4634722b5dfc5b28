/**
 * `pnpm clean`: undoes what a killed drill left broken, by its journal and without the API, then
 * removes the clusters that are ours. A drill that still runs is left alone.
 */
import { join } from 'node:path'
import { findEngine, stateDir, stopEngine } from '../../toolchain/index.ts'
import { MachineError, messageOf } from '../model/errors.ts'
import type { UndoAction } from '../model/undo.ts'
import { listActive, unregisterRun } from '../record/active.ts'
import { Journal, pending, readJournal } from '../record/journal.ts'
import { runFiles } from '../record/run-directory.ts'
import { providersIfThere } from './tools.ts'

export interface CleanOptions {
  engine: boolean
  keepClusters: boolean
}

const say = (line: string) => process.stdout.write(`${line}\n`)

export async function clean(options: CleanOptions): Promise<void> {
  const home = stateDir()
  const providers = await providersIfThere()
  const providerOf = ({ provider }: UndoAction) => providers.find(({ name }) => name === provider)
  const failures: string[] = []
  const { runs, problems } = await listActive(home)
  failures.push(...problems)
  const busy = new Set(runs.filter((run) => run.alive).map((run) => run.cluster))
  for (const run of runs) {
    if (run.alive) {
      say(`${run.runId}: still running (process ${run.pid}), left alone`)
      continue
    }
    const file = join(run.directory, runFiles.journal)
    const open = pending(readJournal(file))
    const absent = open.find(({ action }) => !providerOf(action))
    if (absent) {
      const { provider } = absent.action
      failures.push(
        `${run.runId}: ${open.length} faults to undo, but no engine answers for ${provider}`,
      )
      continue
    }
    try {
      if (open.length > 0) {
        const journal = new Journal(file)
        for (const { id, action } of open) {
          const provider = providerOf(action)
          if (!provider)
            throw new Error(`${id} is to be undone, but ${action.provider} is not here`)
          say(`${run.runId}: ${await provider.undo(action)}`)
          journal.undone(id)
        }
        journal.close()
      }
      say(`${run.runId}: ${open.length === 0 ? 'nothing to undo' : 'undone'}`)
      await unregisterRun(home, run.runId)
    } catch (error) {
      failures.push(`${run.runId}: ${messageOf(error)}`)
    }
  }
  for (const provider of options.keepClusters ? [] : providers) {
    for (const { cluster } of await provider.standing()) {
      if (busy.has(cluster)) say(`${cluster}: a drill uses it, left alone`)
      else await provider.remove(cluster, say).catch((error) => failures.push(messageOf(error)))
    }
  }
  if (options.engine) {
    if (busy.size > 0) failures.push('the engine stays: a drill still runs')
    else say((await stopEngine()) ? 'the private engine is stopped' : 'no private engine runs')
  } else if ((await findEngine())?.private) {
    say('the private engine runs on; `pnpm run clean --engine` stops it')
  }
  if (failures.length === 0) return
  throw new MachineError({
    what: `not everything could be cleaned:\n  ${failures.join('\n  ')}`,
    changed: 'the rest was cleaned',
    next: 'See to the above, then run it again.',
  })
}
