/**
 * What the model costs: its event queue beside a bare heap, thousands of runs on two threads, a zone
 * lost in the largest cluster that Kubernetes supports, and how that grows with the nodes.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { planOf } from '../support/plan-of.ts'
import { kernelRates } from './kernel.ts'
import { loseZone, type ZoneLoss } from './large-cluster.ts'
import type { Row } from './row.ts'
import type { Share } from './sweep-thread.ts'

const kernelEvents = 1_000_000
const runs = 10_000
const threads = 2
const sweepMaxMs = 5_000
const zoneNodes = 5_000
const zoneMaxMs = 5_000
const memoryMaxBytes = 1e9
const zoneTurns = 3
const nodesInTurn = [1_000, 2_000, 5_000, 10_000]
/** Of the straight line through them. */
const fitMin = 0.95

export async function benchModel(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = []
  const add = (row: Row) => {
    rows.push(row)
    say(`${row.name}: ${row.value}`)
  }
  add(kernelRow())
  for (const row of zoneRows()) add(row)
  add(await sweepRow())
  return rows
}

function kernelRow(): Row {
  const { queue, heap } = kernelRates(kernelEvents, 5)
  const ratio = queue / heap
  return {
    name: 'event queue of the model against a bare binary heap, events per second',
    value: `${ratio.toFixed(2)}× (${millions(queue)} against ${millions(heap)} a second)`,
    limit: 'at least 0.5×',
    within: ratio >= 0.5,
  }
}

/**
 * From the beginning of the threads to the last outage. Where others use the processors too, what the
 * threads themselves used is what it would have taken without them.
 */
async function sweepRow(): Promise<Row> {
  const plan = { ...planOf('cx-worker-ha', 'brisk'), provider: 'sim' as const }
  const beganMs = performance.now()
  const usedBefore = process.cpuUsage()
  const shares = await Promise.all(
    Array.from({ length: threads }, async (_, index) => {
      const each = runs / threads
      const share: Share = { plan, firstSeed: 1 + index * each, runs: each }
      const thread = new Worker(new URL('./sweep-thread.ts', import.meta.url), {
        workerData: share,
        execArgv: ['--disable-warning=ExperimentalWarning'],
        // What a run leaves behind is young: with room for many it is seldom swept.
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      })
      const [outagesMs] = (await once(thread, 'message')) as [number[]]
      return outagesMs
    }),
  )
  const tookMs = performance.now() - beganMs
  const used = process.cpuUsage(usedBefore)
  const usedMs = (used.user + used.system) / 1_000
  const outagesMs = shares.flat().sort((a, b) => a - b)
  const medianMs = outagesMs[Math.floor(outagesMs.length / 2)] ?? Number.NaN
  return {
    name: `${runs} runs of worker-down in the model on ${threads} threads`,
    value: `${seconds(usedMs / threads)} of each processor, ${seconds(tookMs)} elapsed, ${(usedMs / runs).toFixed(2)} ms a run (median outage ${seconds(medianMs)})`,
    limit: seconds(sweepMaxMs),
    within: Math.min(tookMs, usedMs / threads) <= sweepMaxMs,
  }
}

function zoneRows(): Row[] {
  // Others use the processor too: of several turns the quickest says what it costs.
  const turns = Array.from({ length: zoneTurns }, () => nodesInTurn.map((n) => loseZone(n)))
  const losses = nodesInTurn.map((_, index) =>
    turns.flatMap((turn) => turn[index] ?? []).reduce((a, b) => (cost(a) <= cost(b) ? a : b)),
  )
  const largest = losses.find(({ nodes }) => nodes === zoneNodes) as ZoneLoss
  // Later turns find the memory of the largest still held.
  const { pods, residentBytes } = turns[0]?.find(({ nodes }) => nodes === zoneNodes) ?? largest
  const points = losses.map((loss): Point => [loss.nodes, cost(loss)])
  const fit = fitOf(points)
  const each = points.map(([nodes, ms]) => `${nodes}: ${seconds(ms)}`).join(', ')
  return [
    {
      name: `a zone lost, ${zoneNodes} nodes and ${pods} pods, 30 virtual minutes`,
      value: `${seconds(cost(largest))} for ${largest.happened} events, ${Math.round(residentBytes / 1e6)} MB resident`,
      limit: `${seconds(zoneMaxMs)}, ${memoryMaxBytes / 1e6} MB`,
      within: cost(largest) <= zoneMaxMs && residentBytes <= memoryMaxBytes,
    },
    {
      name: 'its cost by nodes, a straight line',
      value: `R² = ${fit.toFixed(3)} (${each})`,
      limit: `at least ${fitMin}`,
      within: fit >= fitMin,
    },
  ]
}

const cost = ({ madeMs, passedMs }: ZoneLoss): number => madeMs + passedMs

type Point = readonly [x: number, y: number]

/** R² of the least-squares line: 1 where all points lie on it. */
function fitOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)]
  const covariance = mean(([x, y]) => (x - meanX) * (y - meanY))
  return covariance ** 2 / (mean(([x]) => (x - meanX) ** 2) * mean(([, y]) => (y - meanY) ** 2))
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
const millions = (rate: number): string => `${(rate / 1e6).toFixed(1)} million`
