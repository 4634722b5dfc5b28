/** What a document does to its nodes: the commands, and how often each is tried. */
import { expect, it } from 'vitest'
import {
  applyDocumentedNodes,
  commandsFor,
} from '../../../harness/cluster/containers/documented-nodes.ts'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import type { ClusterState } from '../../../harness/cluster/containers/ownership.ts'
import { MachineError } from '../../../harness/model/errors.ts'
import { k0sThreeZones } from '../../../topologies/k0s-three-zones.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { access } from '../kubernetes/api-server-stand-in.ts'

const refusal = (stderr: string) =>
  new MachineError({ what: `command failed: kubectl\n${stderr}`, changed: 'nothing', next: 'look' })

const state = {
  topology: k0sThreeZones,
  nodes: [{ name: 'k0s-ch-sion-1', container: 'node-0', id: 'a', address: '172.28.0.2' }],
} as unknown as ClusterState

/** Applies what the first controller of document 002 needs, with kubectl answering in turn. */
async function apply(answers: (string | null)[]) {
  const asked: string[] = []
  const engine = {
    kubectl: async (words: string[]) => {
      asked.push(words.slice(6).join(' '))
      const answer = answers.shift()
      if (answer) throw refusal(answer)
      return ''
    },
  } as unknown as Engine
  const clock = new FakeClock()
  await applyDocumentedNodes(engine, state, access, 'https://api', clock, () => undefined)
  return { asked, tookMs: clock.nowMs() }
}

it('a control plane that takes pods loses its taint', async () => {
  const { asked, tookMs } = await apply([null])
  expect(asked).toEqual([
    'taint node node-0 node-role.kubernetes.io/control-plane:NoSchedule- --overwrite',
  ])
  expect(tookMs).toBe(0)
})

it('a taint that was never there is as good as gone', async () => {
  const said = 'error: taint "node-role.kubernetes.io/control-plane:NoSchedule" not found'
  expect(await apply([said])).toMatchObject({ tookMs: 0 })
})

it('a node that is being written to is tried again', async () => {
  const conflict = 'the object has been modified; please apply your changes to the latest version'
  expect(await apply([conflict, conflict, null])).toMatchObject({ tookMs: 1_000 })
})

it('what kubectl refuses for half a minute is an error, in its words', async () => {
  const gone = 'Error from server (NotFound): nodes "node-0" not found'
  await expect(apply(Array.from({ length: 62 }, () => gone))).rejects.toThrow(gone)
})

it('a worker for one component alone is labelled and tainted, a drained node emptied', () => {
  const node = { name: 'n', role: 'worker', site: 's', schedulable: true } as const
  expect(commandsFor({ ...node, only: 'reporting' }, 'c')).toEqual([
    ['label', 'node', 'c', 'clusterdrill.dev/only=reporting', '--overwrite'],
    ['taint', 'node', 'c', 'clusterdrill.dev/only=reporting:NoSchedule', '--overwrite'],
  ])
  expect(commandsFor({ ...node, drained: true }, 'c')).toEqual([
    [
      ...['drain', 'c', '--ignore-daemonsets', '--delete-emptydir-data'],
      ...['--force', '--timeout', '60s'],
    ],
  ])
})
