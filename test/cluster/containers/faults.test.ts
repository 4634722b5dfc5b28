/** Which container of the workload runs, by containerd's own table; undos by the engine alone. */
import { describe, expect, it } from 'vitest'
import type { ContainerState, Engine } from '../../../harness/cluster/containers/engine.ts'
import { runningAmong, undoOn } from '../../../harness/cluster/containers/faults.ts'
import type { UndoAction } from '../../../harness/model/undo.ts'

const table = `TASK    PID     STATUS
aaa     101     STOPPED
bbb     102     RUNNING
ccc     103     RUNNING
`

it('takes the first of its containers whose task runs', () => {
  expect(runningAmong(['aaa', 'bbb'], table)).toBe('bbb')
  expect(runningAmong(['ccc ', ''], table)).toBe('ccc')
})

it('finds none where its tasks are stopped or of others', () => {
  expect(runningAmong(['aaa', 'ddd', ''], table)).toBe('')
  expect(runningAmong(['STATUS', 'TASK'], table)).toBe('')
})

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

/** One container, or none, and the commands that were asked of the engine. */
async function undone(action: UndoAction, container: Partial<ContainerState> | null) {
  const commands: string[] = []
  const engine: Pick<Engine, 'docker' | 'inspect'> = {
    inspect: async () => container as ContainerState | null,
    docker: async (args) => {
      commands.push(args.join(' '))
      return ''
    },
  }
  return { said: await undoOn(engine, action), commands }
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
