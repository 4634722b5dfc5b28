/** The matrix on a provider without an engine: order, sharing, retries, interruption and resuming. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type MatrixOptions, runMatrix } from '../../harness/cli/matrix.ts'
import { InterruptedError, MachineError, UsageError } from '../../harness/model/errors.ts'
import { cellName, type Matrix, matrixSchema } from '../../harness/model/matrix.ts'
import type { Capability } from '../../harness/model/scenario.ts'
import { listActive, registerRun } from '../../harness/record/active.ts'
import { FakeProvider } from './fake-provider.ts'

let home: string
let folder: string
let provider: FakeProvider
let interrupt: AbortController
const cluster = 'drill-cx-worker-ha-brisk'

vi.setConfig({ testTimeout: 30_000 })
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clusterdrill-matrix-'))
  folder = join(home, 'night')
  vi.stubEnv('CLUSTERDRILL_HOME', home)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  provider = new FakeProvider()
  interrupt = new AbortController()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(home, { recursive: true })
})

const quiet = { set: [], yes: false, json: true, list: false }
/** The scenario at its own target and at both workers: three cells on one cluster. */
const three: MatrixOptions = { ...quiet, pace: 'brisk', only: ['cx-worker-ha/worker-down'] }

const run = (options: MatrixOptions): Promise<number> =>
  runMatrix(options, { provider, probe: provider.probe, signal: interrupt.signal })

const readMatrix = (path = join(folder, 'matrix.json')): Matrix =>
  matrixSchema.parse(JSON.parse(readFileSync(path, 'utf8')))

const written = (stream: NodeJS.WriteStream): string =>
  vi
    .mocked(stream.write)
    .mock.calls.map(([text]) => `${text}`)
    .join('')

const interrupting = () =>
  interrupt.abort(new InterruptedError({ what: 'i', changed: '', next: '' }))

describe('a matrix', () => {
  it('plays every cell on one cluster, and writes all of it down', async () => {
    await run({ ...three, out: folder })
    expect(provider.done).toEqual([
      ...[`open ${cluster}`, `reuse ${cluster}`, `reuse ${cluster}`, `remove ${cluster}`],
    ])
    const matrix = readMatrix()
    expect(matrix.cells.map(cellName)).toEqual([
      'cx-worker-ha/worker-down',
      'cx-worker-ha/worker-down/worker-a',
      'cx-worker-ha/worker-down/worker-b',
    ])
    expect(matrix.cells.map(({ tries }) => tries.length)).toEqual([1, 1, 1])
    expect(matrix.totals).toMatchObject({ cells: 3, played: 3, bringUps: 1 })
    expect(matrix.totals.ratio).toBeGreaterThan(0)
    expect(matrix.endedAt).not.toBeNull()
    expect(matrix.standing).toEqual([])
    expect(readdirSync(folder).toSorted()).toEqual([
      ...['junit.xml', 'matrix.html', 'matrix.json', 'matrix.md', 'runs'],
    ])
    for (const { result, irreducibleMs } of matrix.cells) {
      expect(irreducibleMs).toBeGreaterThan(5_000)
      expect(existsSync(join(folder, result?.run ?? '', 'report.html'))).toBe(true)
      expect(result?.claims.length).toBeGreaterThan(0)
    }
    expect(JSON.parse(written(process.stdout))).toEqual(matrix)
    expect(written(process.stderr)).toMatch(
      /cell 1 of 3: cx-worker-ha\/worker-down; at least .* left/,
    )
  })

  it('has the exit code of its worst verdict', async () => {
    expect(await run({ ...three, only: ['cx-worker-ha/worker-down/worker-a'], out: folder })).toBe(
      0,
    )
  })

  it('plays an invalid run once more, on a new cluster, and keeps both', async () => {
    provider.onOpen = (drill, _, before) => {
      if (before === 0) drill.invariants = [{ id: 'nodes', holds: false, expected: '3', seen: '2' }]
    }
    await run({ ...three, only: ['cx-worker-ha/worker-down/worker-a'], out: folder })
    expect(provider.done).toEqual([
      ...[`open ${cluster}`, `remove ${cluster}`, `open ${cluster}`, `remove ${cluster}`],
    ])
    const [cell] = readMatrix().cells
    expect(cell?.tries.map(({ verdict }) => verdict === 'invalid')).toEqual([true, false])
    expect(cell?.tries[0]?.problem).toContain('not what the document draws')
    expect(cell?.result?.run).toBe(cell?.tries[1]?.run)
    expect(readdirSync(join(folder, 'runs'))).toHaveLength(2)
  })

  it('goes on after a cell without a valid run, and ends with 2', async () => {
    provider.onOpen = (drill, { target }) => {
      if (target === null)
        drill.invariants = [{ id: 'nodes', holds: false, expected: '3', seen: '2' }]
    }
    expect(await run({ ...three, out: folder })).toBe(2)
    const { cells, totals } = readMatrix()
    expect(cells.map(({ tries }) => tries.length)).toEqual([2, 1, 1])
    expect(cells[0]?.result?.verdict).toBe('invalid')
    expect(totals.played).toBe(2)
  })

  it('leaves a cluster standing that stood before it', async () => {
    provider.clusters.add(cluster)
    await run({ ...three, only: ['cx-worker-ha/worker-down/worker-a'], out: folder })
    expect(provider.done).toEqual([`reuse ${cluster}`])
    expect(readMatrix().totals.bringUps).toBe(0)
  })

  it('brings nothing up for cells that the provider cannot play', async () => {
    provider.capabilities = new Set<Capability>(['process'])
    expect(await run({ ...three, out: folder })).toBe(0)
    expect(provider.done).toEqual([])
    const { cells, totals } = readMatrix()
    expect(cells.map(({ result }) => result?.lacks)).toEqual([['power'], ['power'], ['power']])
    expect(totals).toMatchObject({ played: 3, bringUps: 0, irreducibleMs: 0, ratio: null })
  })

  it('takes what a provider refuses as undetermined, without a second try', async () => {
    provider.onOpen = () => {
      throw new UsageError(['k3s has no registry'])
    }
    await run({ ...three, only: ['cx-worker-ha/worker-down/worker-a'], out: folder })
    const [cell] = readMatrix().cells
    expect(cell?.tries).toHaveLength(1)
    expect(cell?.result?.lacks).toEqual(['k3s has no registry'])
    expect(cell?.result?.claims.every(({ because }) => because.includes('no registry'))).toBe(true)
  })

  it('leaves a topology out on which no cluster comes up, and stops after two of them', async () => {
    provider.onOpen = () => {
      throw new MachineError({ what: 'no memory', changed: 'nothing', next: 'more' })
    }
    const failed = run({ ...three, only: ['worker-down'], out: folder })
    await expect(failed).rejects.toThrow(/no cluster came up for cx-worker-ha and .*: no memory/)
    const { cells, endedAt } = readMatrix()
    expect(cells.map(({ tries }) => tries.length).slice(0, 4)).toEqual([2, 0, 0, 2])
    expect(cells[0]?.tries[0]).toMatchObject({ run: null, problem: 'no memory' })
    expect(endedAt).toBeNull()
  })
})

describe('an interrupted matrix', () => {
  it('heals, removes its cluster, keeps what is done, and goes on from there', async () => {
    provider.onOpen = (drill, _, before) => {
      if (before === 1) drill.before['inject worker-power'] = interrupting
    }
    await expect(run({ ...three, out: folder })).rejects.toMatchObject({
      exitCode: 130,
      what: 'interrupted: 1 of 3 cells have a valid run',
      next: `\`pnpm matrix --resume ${folder}\` plays the rest.`,
    })
    expect(provider.done.at(-1)).toBe(`remove ${cluster}`)
    const stopped = readMatrix()
    expect(stopped.cells.map(({ result }) => result !== null)).toEqual([true, false, false])
    expect(stopped.cells[1]?.tries[0]?.problem).toMatch(/interrupted in/)
    expect((await listActive(home)).runs).toEqual([])

    interrupt = new AbortController()
    provider.onOpen = () => undefined
    provider.done.length = 0
    await run({ ...quiet, resume: folder })
    expect(provider.done).toEqual([`open ${cluster}`, `reuse ${cluster}`, `remove ${cluster}`])
    const whole = readMatrix()
    expect(whole.cells.map(({ tries }) => tries.length)).toEqual([1, 2, 1])
    expect(whole.cells[0]).toEqual(stopped.cells[0])
    expect(whole.sittings).toHaveLength(2)
    expect(whole.totals.played).toBe(3)
    expect(whole.endedAt).not.toBeNull()
  })

  it('that was killed has its broken cluster removed, and is taken up again', async () => {
    provider.onOpen = (drill, _, before) => {
      if (before === 1) drill.before['inject worker-power'] = interrupting
    }
    await run({ ...three, out: folder }).catch(() => undefined)
    const directory = join(folder, 'runs', 'killed')
    const entry = { runId: 'killed', directory, cluster, pid: 2 ** 30 }
    await registerRun(home, { ...entry, startedAt: '2026-03-01T09:30:05.000Z' })
    provider.clusters.add(cluster)
    provider.done.length = 0
    interrupt = new AbortController()
    await run({ ...quiet, resume: folder })
    expect(provider.done.slice(0, 2)).toEqual([`remove ${cluster}`, `open ${cluster}`])
    expect((await listActive(home)).runs).toEqual([])
    expect(readMatrix().totals.played).toBe(3)
  })

  it('that has everything already plays nothing', async () => {
    const one = { ...three, only: ['cx-worker-ha/worker-down/worker-a'] }
    await run({ ...one, out: folder })
    provider.done.length = 0
    expect(await run({ ...quiet, resume: folder })).toBe(0)
    expect(provider.done).toEqual([])
  })
})

describe('the history', () => {
  const one = { ...three, only: ['cx-worker-ha/worker-down/worker-a'] }

  it('gets a file a night, and the page says what changed since the last', async () => {
    const history = join(home, 'nights')
    await run({ ...one, out: folder, history })
    expect(readFileSync(join(folder, 'matrix.md'), 'utf8')).not.toContain('What changed')
    provider.onOpen = (drill) => {
      drill.answers = () => true
    }
    // Nights are told apart by the second.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await run({ ...one, out: join(home, 'second'), history })
    expect(readdirSync(history)).toHaveLength(2)
    const page = readFileSync(join(home, 'second', 'matrix.md'), 'utf8')
    expect(page).toContain('What changed since')
    expect(page).toMatch(/outage in cx-worker-ha\/worker-down\/worker-a: .* → none over/)
  })

  it('is compared by its verdicts: 0 for the same, 1 where one differs', async () => {
    await run({ ...one, out: folder })
    expect(await run({ ...quiet, compare: [folder, join(folder, 'matrix.json')] })).toBe(0)
    const other = readMatrix()
    const [claim] = other.cells[0]?.result?.claims ?? []
    if (!claim) throw new Error('the cell judges a claim')
    const before = claim.verdict
    claim.verdict = 'undetermined'
    writeFileSync(join(home, 'other.json'), JSON.stringify(other))
    vi.mocked(process.stdout.write).mockClear()
    const compare = [folder, join(home, 'other.json')]
    expect(await run({ ...quiet, json: false, compare })).toBe(1)
    expect(written(process.stdout)).toBe(
      `  ${claim.id} in cx-worker-ha/worker-down/worker-a: ${before} → undetermined\n`,
    )
  })
})

describe('what is refused', () => {
  const refused = async (options: Partial<MatrixOptions>): Promise<readonly string[]> => {
    const error = await run({ ...quiet, ...options }).catch((caught: unknown) => caught)
    if (!(error instanceof UsageError)) throw error
    return error.problems
  }

  it('is every wrong word at once, with the nearest right one', async () => {
    const problems = await refused({
      ...{ provider: 'kid', pace: 'fast', set: ['grace=1s'], only: ['worker-dwn', 'cx-worker-ha'] },
    })
    expect(problems).toEqual([
      expect.stringContaining('--provider kid: a provider is one of'),
      "--only worker-dwn: no cell has that topology, scenario or target; did you mean 'worker-down'?",
      expect.stringContaining('--pace fast: a pace is one of'),
      expect.stringContaining("there is no timer 'grace'"),
    ])
    expect(readdirSync(home)).toEqual([])
  })

  it.each([
    [{ resume: 'a', pace: 'brisk', only: ['x'] }, ['--pace', '--only']],
    [{ compare: ['a', 'b'], resume: 'c' }, ['--resume']],
    [{ compare: ['a'] }, ['--compare']],
    [{ resume: 'nowhere' }, ['nowhere: there is no matrix.json']],
    [{ compare: ['nowhere', 'nothere'] }, ['nowhere: ', 'nothere: ']],
  ])('%j', async (options, beginnings) => {
    const problems = await refused(options)
    expect(problems).toEqual(
      beginnings.map((beginning) => expect.stringMatching(new RegExp(`^${beginning}`))),
    )
    expect(provider.done).toEqual([])
  })

  it('is a folder in which a matrix lies already', async () => {
    await run({ ...three, only: ['cx-worker-ha/worker-down/worker-a'], out: folder })
    expect(await refused({ ...three, out: folder })).toEqual([
      `--out ${folder}: a matrix lies there already`,
    ])
  })
})

describe('the list', () => {
  it('names the cells, the bring-ups and the least time, and touches nothing', async () => {
    expect(await run({ ...three, json: true, list: true })).toBe(0)
    const listed = JSON.parse(written(process.stdout)) as { cells: unknown[]; bringUps: number }
    expect(listed.cells).toHaveLength(3)
    expect(listed.bringUps).toBe(1)
    expect(readdirSync(home)).toEqual([])
  })
})
