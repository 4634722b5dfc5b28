/**
 * One sitting of a matrix: plays every cell that has no valid run yet, in order, on as few clusters
 * as can be, and writes down what came of each before the next one begins. An invalid run is played
 * once more, on a new cluster. Whatever ends it, what was played is kept and can be gone on with.
 */
import { join, relative, resolve } from 'node:path'
import { stateDir } from '../../toolchain/index.ts'
import { comeBackMsOf, totalsOf } from '../judge/matrix.ts'
import { DrillError, InterruptedError, MachineError, UsageError } from '../model/errors.ts'
import { cellName, isSettled, type Matrix, type MatrixCell } from '../model/matrix.ts'
import type { RunRecord } from '../model/record.ts'
import { formatMs } from '../model/units.ts'
import type { Draft } from '../plan/compile.ts'
import { waitsOf } from '../plan/irreducible.ts'
import { listActive, unregisterRun } from '../record/active.ts'
import { runsFolder } from '../record/matrix-folder.ts'
import { type Drilled, type DrillPorts, leaveUnplayed, playDrill, removeCluster } from './drill.ts'
import { writePage } from './matrix-page.ts'
import type { PlannedMatrix } from './matrix-plan.ts'

export interface SittingOptions {
  folder: string
  /** What the page compares it with. */
  previous: Matrix | null
  say(line: string): void
}

const triesMax = 2
/** As many topologies in a row on which no cluster comes up, and the machine is to blame. */
const brokenMax = 2

/**
 * Gives the matrix as it stands at the end. Rejects with an `InterruptedError`, or with a
 * `MachineError` where no cluster comes up; both say how to go on.
 */
export async function playMatrix(
  planned: PlannedMatrix,
  ports: DrillPorts,
  options: SittingOptions,
): Promise<Matrix> {
  const sitting = new Sitting(planned, ports, options)
  return await sitting.play()
}

class Sitting {
  readonly #matrix: Matrix
  readonly #drafts: ReadonlyMap<string, Draft>
  readonly #ports: DrillPorts
  readonly #options: SittingOptions
  readonly #beganMs = performance.now()
  /** Topologies on which no cluster came up in this sitting, in that order. */
  readonly #broken: string[] = []
  #lastTrouble = ''

  constructor({ matrix, drafts }: PlannedMatrix, ports: DrillPorts, options: SittingOptions) {
    this.#matrix = structuredClone(matrix)
    this.#drafts = drafts
    this.#ports = ports
    this.#options = options
    this.#matrix.endedAt = null
    this.#matrix.sittings.push({ startedAt: new Date().toISOString(), wallMs: 0 })
  }

  async play(): Promise<Matrix> {
    await this.#forgetKilledSitting()
    await this.#save()
    const open = this.#matrix.cells.filter((cell) => !isSettled(cell))
    for (const [index, cell] of open.entries()) {
      if (this.#ports.signal.aborted) break
      if (this.#broken.includes(cell.topology)) {
        this.#options.say(`${cellName(cell)}: left out, for no cluster came up`)
        continue
      }
      this.#announce(cell, open.slice(index))
      const draft = this.#draftOf(cell)
      await this.#playCell(cell, draft)
      const next = open[index + 1]
      const shared = next !== undefined && this.#draftOf(next).clusterName === draft.clusterName
      if (!shared || this.#ports.signal.aborted) await this.#drop(draft.clusterName)
      await this.#save()
      if (this.#broken.length >= brokenMax) throw this.#machineAtFault()
    }
    if (this.#ports.signal.aborted) throw this.#interrupted()
    this.#matrix.endedAt = new Date().toISOString()
    await this.#save()
    return this.#matrix
  }

  #draftOf(cell: MatrixCell): Draft {
    const draft = this.#drafts.get(cellName(cell))
    if (!draft) throw new Error(`no plan was made for ${cellName(cell)}`)
    return draft
  }

  #announce(cell: MatrixCell, left: readonly MatrixCell[]): void {
    const { cells } = this.#matrix
    const place = cells.length - left.length + 1
    const leastMs = left.reduce((sum, each) => sum + each.irreducibleMs, 0)
    this.#options.say(
      `cell ${place} of ${cells.length}: ${cellName(cell)}; at least ${formatMs(leastMs)} left by the timers`,
    )
  }

  async #playCell(cell: MatrixCell, draft: Draft): Promise<void> {
    for (let played = 1; played <= triesMax; played += 1) {
      const drilled = await this.#tryOnce(cell, draft)
      if (isSettled(cell) || this.#ports.signal.aborted) {
        if (isSettled(cell)) this.#broken.length = 0
        return
      }
      // Whatever made it invalid is not handed on.
      await this.#drop(draft.clusterName)
      const problem = cell.tries.at(-1)?.problem ?? 'the run is invalid'
      const again = played < triesMax ? 'played once more' : 'kept, and judged nothing'
      this.#options.say(`${cellName(cell)}: ${problem}; ${again}`)
      await this.#save()
      if (drilled !== null) continue
      if (played === triesMax) this.#broken.push(cell.topology)
    }
  }

  /** Null where no cluster came up. */
  async #tryOnce(cell: MatrixCell, draft: Draft): Promise<Drilled | null> {
    const startedAt = new Date().toISOString()
    const beganMs = performance.now()
    const out = join(this.#options.folder, runsFolder)
    try {
      const drilled = await playDrill(draft, this.#ports, { out, keep: true }).catch((error) => {
        // What this provider refuses is undetermined, as what it cannot do.
        if (!(error instanceof UsageError)) throw error
        return this.#refused(draft, error, out, beganMs)
      })
      this.#note(cell, draft, drilled, startedAt)
      return drilled
    } catch (error) {
      if (this.#ports.signal.aborted) return null
      if (!(error instanceof DrillError)) throw error
      this.#lastTrouble = error.what
      const wallMs = performance.now() - beganMs
      cell.tries.push({
        ...{ run: null, startedAt, verdict: 'invalid', problem: error.what },
        ...{ wallMs, bringUpMs: 0, comeBackMs: 0, reused: false },
      })
      return null
    }
  }

  async #refused(draft: Draft, error: UsageError, out: string, beganMs: number): Promise<Drilled> {
    const left = await leaveUnplayed(draft, error.problems, { out, keep: true })
    return { ...left, wallMs: performance.now() - beganMs }
  }

  #note(cell: MatrixCell, draft: Draft, drilled: Drilled, startedAt: string): void {
    const { record, wallMs, bringUpMs, reused } = drilled
    const run = relative(this.#options.folder, drilled.directory).replaceAll('\\', '/')
    const problem = record.verdict === 'invalid' ? reasonOf(record) : null
    const comeBackMs = comeBackMsOf(record, waitsOf(draft))
    cell.tries.push({
      ...{ run, startedAt, verdict: record.verdict, problem },
      ...{ wallMs, bringUpMs, comeBackMs, reused },
    })
    this.#noteCluster(draft.clusterName, drilled)
    if (this.#ports.signal.aborted && record.verdict === 'invalid') return
    cell.result = {
      run,
      verdict: record.verdict,
      kubernetes: record.kubernetes,
      outageMs: record.recovery.outageMs,
      recoveryMs: record.recovery.recoveryMs,
      vantage: record.recovery.vantage,
      lostWrites: record.integrity.lostWrites,
      claims: record.claims,
      lacks: record.lacks ?? [],
      problems: record.problems,
    }
  }

  /** A cluster that somebody else keeps standing is shared, and never removed. */
  #noteCluster(cluster: string, { reused, standing, record }: Drilled): void {
    if ((record.lacks ?? []).length > 0) return
    const own = this.#matrix.standing.includes(cluster) || !reused
    this.#matrix.standing = this.#matrix.standing.filter((name) => name !== cluster)
    if (own && standing) this.#matrix.standing.push(cluster)
  }

  async #drop(cluster: string): Promise<void> {
    if (!this.#matrix.standing.includes(cluster)) return
    if (!(await removeCluster(this.#ports.provider, cluster))) return
    this.#matrix.standing = this.#matrix.standing.filter((name) => name !== cluster)
    // What a run could not undo went with its cluster.
    for (const run of (await listActive(stateDir())).runs) {
      if (run.cluster === cluster) await unregisterRun(stateDir(), run.runId)
    }
  }

  /** A sitting that was killed may have left a cluster broken: it is removed, not healed. */
  async #forgetKilledSitting(): Promise<void> {
    const below = `${resolve(this.#options.folder, runsFolder)}/`
    const { runs } = await listActive(stateDir())
    for (const run of runs.filter(
      ({ alive, directory }) => !alive && directory.startsWith(below),
    )) {
      this.#options.say(`${run.runId} was killed: its cluster is removed`)
      const standing = await this.#ports.provider.standing()
      const there = standing.some(({ cluster }) => cluster === run.cluster)
      if (there && !(await removeCluster(this.#ports.provider, run.cluster))) continue
      await unregisterRun(stateDir(), run.runId)
      this.#matrix.standing = this.#matrix.standing.filter((name) => name !== run.cluster)
    }
  }

  async #save(): Promise<void> {
    const last = this.#matrix.sittings.at(-1)
    if (last) last.wallMs = performance.now() - this.#beganMs
    this.#matrix.totals = totalsOf(this.#matrix)
    await writePage(this.#options.folder, this.#matrix, this.#options.previous)
  }

  get #resume(): string {
    return `\`pnpm matrix --resume ${this.#options.folder}\` plays the rest.`
  }

  #interrupted(): InterruptedError {
    const { played, cells } = this.#matrix.totals
    return new InterruptedError({
      what: `interrupted: ${played} of ${cells} cells have a valid run`,
      changed: `what was broken has been healed, what was measured is kept in ${this.#options.folder}`,
      next: this.#resume,
    })
  }

  #machineAtFault(): MachineError {
    return new MachineError({
      what: `no cluster came up for ${this.#broken.join(' and ')}: ${this.#lastTrouble}`,
      changed: `what was played is kept in ${this.#options.folder}`,
      next: `\`pnpm run doctor\` checks the machine; then ${this.#resume}`,
    })
  }
}

/** Why a run is invalid, in the first few of its sentences. */
const reasonOf = ({ problems }: RunRecord): string =>
  problems.slice(0, 3).join('; ') || 'no reason given'
