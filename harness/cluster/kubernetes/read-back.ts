/**
 * Reads every acknowledged save and API write back after a run. A save that was acknowledged and
 * is not there is lost; a counter below its highest acknowledged number is a lost API write.
 */
import type { Clock } from '../../model/clock.ts'
import type { Integrity } from '../../model/record.ts'
import { until } from '../monotonic-clock.ts'
import type { Acknowledged } from '../port.ts'
import { type ApiAccess, ask } from './api.ts'
import { counterName, namespace } from './workload/manifests.ts'

export interface ReadBackOptions {
  access: ApiAccess
  apiUrl: string
  /** Ways to the workload, tried in turn: `http://address:port`. */
  entries: readonly string[]
  runId: string
  clock: Clock
}

const withinMs = 20_000

export async function readBack(
  acknowledged: Acknowledged,
  options: ReadBackOptions,
): Promise<Integrity & { problems: string[] }> {
  const problems: string[] = []
  const acknowledgedWrites = [...acknowledged.saves.values()].reduce(
    (sum, numbers) => sum + numbers.length,
    0,
  )
  const held = await readSaves(options)
  let lostWrites = 0
  if (held) {
    for (const [vantage, numbers] of acknowledged.saves) {
      lostWrites += numbers.filter((number) => !held.has(`${vantage}:${number}`)).length
    }
  } else {
    problems.push('the acknowledged saves could not be read back: the workload did not answer')
  }
  const apiWrites = await readApiWrites(acknowledged, options)
  if (apiWrites?.held === null) problems.push('the API writes could not be read back')
  if (apiWrites && apiWrites.lost.length > 0) {
    problems.push(`acknowledged API writes are missing: ${apiWrites.lost.join(', ')}`)
  }
  return {
    acknowledgedWrites,
    lostWrites,
    readBack: held !== null,
    apiWrites: apiWrites && {
      acknowledged: apiWrites.acknowledged,
      highest: apiWrites.highest,
      held: apiWrites.held,
    },
    problems,
  }
}

async function readSaves(options: ReadBackOptions): Promise<Set<string> | null> {
  let saves: Set<string> | null = null
  await until(options.clock, withinMs, 500, async () => {
    for (const entry of options.entries) {
      try {
        const answer = await fetch(`${entry}/saves?run=${encodeURIComponent(options.runId)}`, {
          signal: AbortSignal.timeout(5_000),
        })
        if (answer.status !== 200) continue
        const body = (await answer.json()) as { saves: string[] }
        saves = new Set(body.saves)
        return true
      } catch {
        // This way is gone; the next may not be.
      }
    }
    return false
  })
  return saves
}

async function readApiWrites(acknowledged: Acknowledged, options: ReadBackOptions) {
  if (acknowledged.apiWrites.size === 0) return null
  let data: Record<string, string> | null = null
  await until(options.clock, withinMs, 500, async () => {
    const answer = await ask(
      options.access,
      options.apiUrl,
      `/api/v1/namespaces/${namespace}/configmaps/${counterName}`,
      { timeoutMs: 5_000 },
    )
    if (answer.status !== 200) return false
    data = (JSON.parse(answer.body) as { data?: Record<string, string> }).data ?? {}
    return true
  })
  const writes = [...acknowledged.apiWrites]
  const heldOf = (vantage: string) => (data ? Number(data[vantage] ?? 0) : null)
  return {
    acknowledged: writes.reduce((sum, [, { count }]) => sum + count, 0),
    highest: Math.max(0, ...writes.map(([, { highest }]) => highest)),
    held: data ? Math.max(0, ...writes.map(([vantage]) => heldOf(vantage) ?? 0)) : null,
    lost: writes
      .filter(([vantage, { highest }]) => data && (heldOf(vantage) ?? 0) < highest)
      .map(
        ([vantage, { highest }]) => `${vantage} held ${heldOf(vantage)}, acknowledged ${highest}`,
      ),
  }
}
