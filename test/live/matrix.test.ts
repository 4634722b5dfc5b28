/**
 * A small matrix on real kind clusters at brisk pace: a control plane made anew from its backup, which
 * uses its cluster up, and two cells that share one. Played once, and a second sitting plays nothing.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Matrix, type MatrixCell, matrixSchema } from '../../harness/model/matrix.ts'
import { type RunRecord, recordSchema } from '../../harness/model/record.ts'
import { clusterdrill, type LiveMachine, liveMachine, newFolder } from './support.ts'

const cells = [
  'cx-worker-ha/control-plane-rebuild',
  'kubeadm-stacked/load-balancer-down',
  'kubeadm-stacked/subnet-mask-typo',
]
const words = [...cells.flatMap((cell) => ['--only', cell]), '--provider', 'kind']
let machine: LiveMachine
let out: string
let matrix: Matrix

beforeAll(async () => {
  machine = await liveMachine()
  out = join(await newFolder(), 'matrix')
})

afterAll(async () => {
  await clusterdrill('clean')
})

const readMatrix = async (): Promise<Matrix> =>
  matrixSchema.parse(JSON.parse(await readFile(join(out, 'matrix.json'), 'utf8')))

function cellOf(scenario: string): MatrixCell {
  const cell = matrix.cells.find((each) => each.scenario === scenario)
  if (!cell) throw new Error(`no cell ${scenario}`)
  return cell
}

async function recordOf(scenario: string): Promise<RunRecord> {
  const file = join(out, cellOf(scenario).result?.run ?? '', 'record.json')
  return recordSchema.parse(JSON.parse(await readFile(file, 'utf8')))
}

const claimOf = (record: RunRecord, id: string) => record.claims.find((claim) => claim.id === id)

test('every cell is played, and every verdict is the accepted one', async () => {
  const played = await clusterdrill('matrix', ...words, '--pace', 'brisk', '--out', out)
  matrix = await readMatrix()
  const said = `${played.stdout}\n${played.stderr.slice(-4_000)}`
  expect(played.exitCode, said).toBe(0)
  expect(matrix.cells).toHaveLength(cells.length)
  for (const { result } of matrix.cells) {
    expect(result?.verdict).not.toBe('invalid')
    expect(result?.claims.length).toBeGreaterThan(0)
    for (const { verdict, accepted } of result?.claims ?? []) expect(verdict).toBe(accepted.verdict)
  }
  expect(matrix.endedAt).not.toBeNull()
  const page = await readFile(join(out, 'matrix.html'), 'utf8')
  for (const { result } of matrix.cells) expect(page).toContain(`${result?.run}/report.html`)
})

test('a control plane made anew has what was backed up, and nothing later', async () => {
  const record = await recordOf('control-plane-rebuild')
  const factsOf = (id: string) => record.faults.find((fault) => fault.id === id)?.facts ?? {}
  expect(factsOf('backup').snapshotBytes).toBeGreaterThan(100_000)
  const restored = factsOf('restore')
  expect(restored).toMatchObject({ restoredSite: 'site-b', lostSite: 'site-a' })
  expect(restored).toMatchObject({ sentinelsFound: 20, laterLost: 20 })
  expect(restored.etcdClusterIdAfter).not.toBe(factsOf('backup').etcdClusterId)
  expect(record.faults.filter(({ lasting }) => lasting).map(({ id }) => id)).toEqual([
    'control-plane-power',
    'restore',
  ])
  expect(claimOf(record, '000-backup')?.verdict).toBe('confirmed')
  expect(record.integrity).toMatchObject({ readBack: true, lostWrites: 0 })
})

test('without the load balancer the API is gone and the workload is not', async () => {
  const record = await recordOf('load-balancer-down')
  expect(claimOf(record, '004-data-plane')?.verdict).toBe('confirmed')
  expect(record.recovery.vantage).toBe('api-read')
  expect(record.recovery.outageMs?.[0]).toBeGreaterThan(5_000)
  expect(record.explanation?.vantage).toBe('api-read')
  // Once it is back, nodes may be NotReady whose kubelets could not report through it.
  const healMs = record.phases.find(({ name }) => name === 'heal')?.fromMs ?? 0
  const pages = record.vantages.filter(({ kind }) => kind === 'page')
  expect(pages.length).toBeGreaterThan(0)
  for (const { outages } of pages) {
    expect(outages.filter(({ startMs }) => startMs[0] < healMs)).toEqual([])
  }
})

test('a control plane that sends its answers astray is taken out, and the API goes on', async () => {
  const record = await recordOf('subnet-mask-typo')
  const steps = record.recovery.steps.map(({ name }) => name)
  expect(steps).toEqual(expect.arrayContaining(['lb-down', 'lb-up']))
  expect(claimOf(record, '004-subnet-mask')?.verdict).toBe('confirmed')
  expect(record.integrity.apiWrites?.lost ?? 0).toBe(0)
  expect(record.splitBrain?.found).toEqual([])
  expect(record.clocks?.length).toBeGreaterThan(0)
})

test('cells shared what could be shared, and no cluster stays', async () => {
  expect(matrix.totals.bringUps).toBe(
    matrix.cells.flatMap(({ tries }) => tries).filter(({ run, reused }) => run !== null && !reused)
      .length,
  )
  expect(matrix.standing).toEqual([])
  const left = await machine.docker('ps', '--all', '--format', '{{.Names}}')
  expect(left.split('\n').filter((name) => name.startsWith('drill-'))).toEqual([])
})

test('a second sitting has nothing left to play', async () => {
  const before = matrix
  const again = await clusterdrill('matrix', '--resume', out)
  expect(again.exitCode).toBe(0)
  matrix = await readMatrix()
  expect(matrix.cells).toEqual(before.cells)
})
