/** Undos by the engine alone: what is asked of it, what is done already, and what is not ours. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ContainerState } from '../../../harness/cluster/containers/engine.ts'
import {
  type ClusterState,
  foldersOf,
  loadState,
  prepareFolders,
  saveState,
} from '../../../harness/cluster/containers/ownership.ts'
import { undoOn, undoOwned } from '../../../harness/cluster/containers/undo.ts'
import { MachineError } from '../../../harness/model/errors.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import type { UndoAction } from '../../../harness/model/undo.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

const where = { provider: 'kind', cluster: 'drill', node: 'worker-a' } as const
const start: UndoAction = {
  kind: 'power.start',
  ...where,
  container: 'c-1',
  address: '10.0.0.1',
  network: 'drills',
}
const thaw: UndoAction = { kind: 'power.unpause', ...where, container: 'c-1' }
const restore: UndoAction = {
  kind: 'link.restore',
  ...where,
  node: 'site-a/site-b',
  containers: ['c-1'],
}

const unroute: UndoAction = {
  kind: 'route.restore',
  ...where,
  container: 'c-1',
  route: 'unreachable 172.28.0.0/17 proto 211',
}
const spend: UndoAction = { kind: 'cluster.spend', ...where, why: 'etcd was made anew' }
const nowhere = '/no-such-home'

/** One container, or none, and the commands that were asked of the engine. */
function engineWith(container: Partial<ContainerState> | null, refusal?: string) {
  const commands: string[] = []
  const engine = {
    inspect: async () => container as ContainerState | null,
    docker: async (args: readonly string[]) => {
      commands.push(args.join(' '))
      if (refusal !== undefined) throw new MachineError({ what: refusal, changed: '', next: '' })
      return ''
    },
  }
  return { engine, commands }
}

async function undone(action: UndoAction, container: Partial<ContainerState> | null) {
  const { engine, commands } = engineWith(container)
  return { said: await undoOn(engine, nowhere, action), commands }
}

describe('an undo', () => {
  it.each<[UndoAction, Partial<ContainerState>, string, string[]]>([
    [start, { running: false }, 'worker-a has power again', ['start c-1']],
    [start, { running: true }, 'worker-a was running already', []],
    [thaw, { running: true, paused: true }, 'worker-a runs on', ['unpause c-1']],
    [thaw, { running: true, paused: false }, 'worker-a was not frozen any more', []],
    [
      { kind: 'kubelet.start', ...where, container: 'c-1' },
      { running: true },
      'kubelet of worker-a started',
      ['exec c-1 systemctl start kubelet'],
    ],
    [
      unroute,
      { running: true },
      'worker-a has its routes again',
      ['exec c-1 ip route del unreachable 172.28.0.0/17 proto 211'],
    ],
    [unroute, { running: false }, 'worker-a had no route astray any more', []],
    [
      { kind: 'none', ...where, why: 'the kubelet restarts it' },
      { running: true },
      'the kubelet restarts it',
      [],
    ],
  ])('%j of %j', async (action, container, said, commands) => {
    expect(await undone(action, container)).toEqual({ said, commands })
  })

  it('of a link goes to each of its nodes that run', async () => {
    const { commands } = await undone(restore, { running: true, paused: false })
    expect(commands).toHaveLength(1)
    expect(commands[0]).toMatch(/^exec c-1 sh -c .* clusterdrill-link\/site-a\/site-b$/s)
  })

  it('has nothing to do where the container is gone', async () => {
    expect(await undone(start, null)).toEqual({
      said: 'c-1 is gone, so there is nothing to undo',
      commands: [],
    })
    expect(await undone(restore, null)).toEqual({
      said: 'no rules of the link site-a/site-b were left; gone, and its rules with it: c-1',
      commands: [],
    })
  })
})

describe('the undo of a route', () => {
  it('is done already on a node that was started again', async () => {
    const { engine } = engineWith({ running: true }, 'RTNETLINK answers: No such process')
    expect(await undoOn(engine, nowhere, unroute)).toBe('worker-a had no route astray any more')
  })

  it('fails where the node cannot be reached', async () => {
    const { engine } = engineWith({ running: true }, 'container c-1 is paused')
    await expect(undoOn(engine, nowhere, unroute)).rejects.toThrow('is paused')
  })
})

const state: ClusterState = {
  schema: 'clusterdrill/cluster/v1',
  provider: 'kind',
  name: 'drill',
  phase: 'standing',
  topology: kubeadmStacked,
  pace: 'brisk',
  timers: timersOf('brisk'),
  nodeImage: 'node:1',
  nodes: [{ name: 'worker-a', container: 'c-1', id: 'i-1', address: '10.0.0.1' }],
  loadBalancer: { container: 'c-lb', id: 'i-lb', address: '10.0.0.9' },
  floatingIp: null,
  createdAt: '2026-03-01T09:30:05.000Z',
}

async function homeWith(saved: ClusterState): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'clusterdrill-undo-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  await prepareFolders(foldersOf(home, saved.name), saved.name)
  await saveState(foldersOf(home, saved.name), saved)
  return home
}

describe('a cluster that is used up', () => {
  it('is marked so, twice too, and nothing else about it changes', async () => {
    const home = await homeWith(state)
    const { engine, commands } = engineWith(null)
    const said = 'drill is marked as used up: etcd was made anew'
    expect(await undoOn(engine, home, spend)).toBe(said)
    expect(await undoOn(engine, home, spend)).toBe(said)
    expect(await loadState(home, 'drill')).toEqual({ ...state, phase: 'spent' })
    expect(commands).toEqual([])
  })

  it('that was never finished stays that, for its tool may still be at work', async () => {
    const home = await homeWith({ ...state, phase: 'creating' })
    await undoOn(engineWith(null).engine, home, spend)
    expect(await loadState(home, 'drill')).toMatchObject({ phase: 'creating' })
  })

  it('and is gone needs no mark', async () => {
    expect(await undoOn(engineWith(null).engine, nowhere, spend)).toContain('nothing to mark')
  })
})

describe('what a journal names', () => {
  const strangers = { ...restore, containers: ['c-x'] } as UndoAction
  const lb: UndoAction = { ...start, node: 'cka-hap-1', container: 'c-lb' }
  it.each<[string, UndoAction, string, string, string[]]>([
    ['a node', start, 'i-1', 'worker-a has power again', ['start c-1']],
    ['the load balancer', lb, 'i-lb', 'cka-hap-1 has power again', ['start c-lb']],
    ['another load balancer', lb, 'i-x', 'c-lb is another container now, and was left alone', []],
    ['a stranger', { ...lb, container: 'c-x' }, 'i-x', 'c-x is not ours', []],
    [
      'nobody',
      { ...start, node: 'x' },
      'i',
      'x is no node of drill, so there is nothing to undo',
      [],
    ],
    ['links of strangers', strangers, 'i', 'no rules of the link site-a/site-b were left', []],
  ])('%s', async (_, action, id, said, commands) => {
    const { engine, commands: asked } = engineWith({ running: false, id })
    expect(await undoOwned(engine, nowhere, state, action)).toBe(said)
    expect(asked).toEqual(commands)
  })
})
