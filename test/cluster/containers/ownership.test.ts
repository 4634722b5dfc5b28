/** What is ours: state files that say so, and containers that carry the mark. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ContainerState } from '../../../harness/cluster/containers/engine.ts'
import {
  type ClusterState,
  carriesOurMark,
  foldersOf,
  listStates,
  loadState,
  prepareFolders,
  saveState,
} from '../../../harness/cluster/containers/ownership.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'clusterdrill-ownership-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

const state: ClusterState = {
  schema: 'clusterdrill/cluster/v1',
  provider: 'kind',
  name: 'drill-one',
  phase: 'standing',
  topology: cxWorkerHa,
  pace: 'documented',
  timers: timersOf('documented'),
  nodeImage: 'node:1',
  nodes: [{ name: 'worker-a', container: 'drill-one-worker', id: 'c1', address: '172.28.0.3' }],
  loadBalancer: null,
  floatingIp: null,
  createdAt: '2026-03-01T09:30:05.000Z',
}

async function homeWith(text: string): Promise<string> {
  const home = newHome()
  const folders = foldersOf(home, 'drill-one')
  await prepareFolders(folders, 'drill-one')
  writeFileSync(folders.state, text)
  return home
}

it('what was saved is loaded', async () => {
  const home = newHome()
  const folders = foldersOf(home, 'drill-one')
  await prepareFolders(folders, 'drill-one')
  await saveState(folders, state)
  expect(await loadState(home, 'drill-one')).toEqual(state)
  expect(await listStates(home)).toEqual([state])
})

it.each([
  ['of another program', '{"schema":"other/v1","name":"drill-one"}'],
  ['of another cluster', JSON.stringify({ ...state, name: 'drill-two' })],
  ['torn', JSON.stringify(state).slice(0, 40)],
  ['of nothing', 'null'],
])('a state file %s is not ours', async (_, text) => {
  const home = await homeWith(text)
  expect(await loadState(home, 'drill-one')).toBeNull()
  expect(await listStates(home)).toEqual([])
})

it('nothing is ours where there is no folder', async () => {
  expect(await loadState(newHome(), 'drill-one')).toBeNull()
  expect(await listStates(newHome())).toEqual([])
})

it('prepared folders hold the mark and nothing of an earlier cluster', async () => {
  const home = newHome()
  const folders = foldersOf(home, 'drill-one')
  mkdirSync(folders.shared, { recursive: true })
  writeFileSync(join(folders.shared, 'old'), '')
  await prepareFolders(folders, 'drill-one')
  expect(JSON.parse(readFileSync(join(folders.owner, 'owner.json'), 'utf8'))).toMatchObject({
    cluster: 'drill-one',
  })
  expect(() => readFileSync(join(folders.shared, 'old'))).toThrow('ENOENT')
})

it('a container is ours when it mounts the mark from our folder, to its place', () => {
  const folders = foldersOf('/home-of-ours', 'drill-one')
  const mounting = (source: string, destination: string) =>
    ({ mounts: [{ source, destination }] }) as unknown as ContainerState
  expect(carriesOurMark(mounting(folders.owner, '/etc/clusterdrill'), folders)).toBe(true)
  expect(carriesOurMark(mounting('/somewhere/owner', '/etc/clusterdrill'), folders)).toBe(false)
  expect(carriesOurMark(mounting(folders.owner, '/etc/other'), folders)).toBe(false)
  expect(carriesOurMark({ mounts: [] } as unknown as ContainerState, folders)).toBe(false)
})
