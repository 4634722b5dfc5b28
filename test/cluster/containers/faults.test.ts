/**
 * Which container of the workload runs, by containerd's own table; the power of nodes and of the
 * load balancer: what is asked of the engine, and what counts as proof.
 */

import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ContainerState } from '../../../harness/cluster/containers/engine.ts'
import { balancerFault, faultOn, runningAmong } from '../../../harness/cluster/containers/faults.ts'
import { statsPort } from '../../../harness/cluster/containers/haproxy.ts'
import type { Clock } from '../../../harness/model/clock.ts'
import type { FaultKind } from '../../../harness/model/scenario.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

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

/** An engine with one container in a state, and the commands that were asked of it. */
function engineWith(container: Partial<ContainerState> | null) {
  const commands: string[] = []
  const engine = {
    inspect: async () => container as ContainerState | null,
    docker: async (args: readonly string[]) => {
      commands.push(args.join(' '))
      return ''
    },
  }
  return { engine, commands }
}

const common = { provider: 'kind', cluster: 'drill' } as const
const still: Clock = {
  nowMs: () => 1_000,
  sleepUntil: async () => undefined,
  fromEpochMs: (epochMs) => epochMs,
}
const stopped = { running: false, paused: false }
const running = { running: true, paused: false, startedAt: '2026-11-20T12:00:00Z' }
const reserved = [
  'network disconnect --force drill c-1',
  'network connect --ip 127.77.0.9 drill c-1',
]

// A load balancer has ports of its own at an address of loopback that only Linux has unasked.
describe.skipIf(process.platform !== 'linux')('power', () => {
  const node = { name: 'worker-a', container: 'c-1', id: 'i', address: '127.77.0.9' }
  const { loadBalancer } = kubeadmStacked
  if (!loadBalancer) throw new Error('no load balancer')
  const placed = { container: 'c-1', id: 'i', address: '127.77.0.9' }

  it.each<[FaultKind, string[], string[]]>([
    ['power.kill', ['kill c-1', ...reserved], ['kill c-1', ...reserved]],
    ['power.stop', ['stop --time 60 c-1', ...reserved], ['stop --time 5 c-1', ...reserved]],
    ['power.pause', ['pause c-1'], ['pause c-1']],
  ])('%s of a node and of the load balancer', async (kind, ofNode, ofBalancer) => {
    const nodes = engineWith(stopped)
    const site = { ...common, engine: nodes.engine, node, clock: still, component: 'database' }
    const handle = await faultOn(kind, site)
    await handle.inject()
    expect(nodes.commands).toEqual(ofNode)
    const balancers = engineWith(stopped)
    const other = balancerFault(kind, {
      ...{ ...common, engine: balancers.engine, balancer: loadBalancer, placed },
    })
    await other.inject()
    expect(balancers.commands).toEqual(ofBalancer)
    expect(other.undo).toEqual({ ...handle.undo, node: 'cka-hap-1' })
    expect(handle.undo).toMatchObject({ node: 'worker-a', container: 'c-1' })
  })

  it('ends the services first in a reboot, and the machine a while after them', async () => {
    const { engine, commands } = engineWith(stopped)
    const slept: number[] = []
    const clock = {
      ...still,
      sleepUntil: async (atMs: number) => {
        slept.push(atMs)
        commands.push('waits')
      },
    }
    const ends = expect.stringContaining('tasks ls')
    const handle = await faultOn('power.reboot', {
      ...{ ...common, engine, node, clock, component: 'database' },
    })
    await handle.inject()
    expect(commands.map((words) => words.split('\n')[0])).toEqual([
      'exec c-1 systemctl stop kubelet',
      ...[ends, 'waits', ends, 'waits', 'stop --time 60 c-1', ...reserved],
    ])
    expect(commands[1]).toContain('SIGTERM')
    expect(commands[3]).toContain('SIGKILL')
    expect(slept).toEqual([3_000, 9_000])
    // A load balancer has no services that end before it.
    const balancers = engineWith(stopped)
    const other = balancerFault('power.reboot', {
      ...{ ...common, engine: balancers.engine, balancer: loadBalancer, placed },
    })
    await other.inject()
    expect(balancers.commands).toEqual(['stop --time 5 c-1', ...reserved])
    expect(other.undo).toEqual({ ...handle.undo, node: 'cka-hap-1' })
  })

  it('of the load balancer is gone when engine, port and HAProxy agree', async () => {
    const site = { ...common, balancer: loadBalancer, placed }
    const look = async (container: Partial<ContainerState> | null) =>
      await balancerFault('power.kill', { ...site, engine: engineWith(container).engine }).look(
        'during',
      )
    expect(await look(stopped)).toEqual({
      state: 'broken',
      text: 'container stopped; 127.77.0.9:6443 does not answer (ECONNREFUSED); HAProxy tells nothing',
    })
    // The engine says that it runs, and nobody answers: that proves nothing.
    expect(await look(running)).toMatchObject({ state: 'unclear' })
    await listen('127.77.0.9', loadBalancer.port, '')
    await listen('127.77.0.9', statsPort, `k8sServers,cka-cp-1,${'0,'.repeat(15)}UP\n`)
    expect(await look(running)).toEqual({
      state: 'well',
      text: 'container running since 2026-11-20T12:00:00Z; 127.77.0.9:6443 answers; HAProxy tells of 1 servers',
    })
    // And where the engine says that it does not, somebody else stands in its place.
    expect(await look(stopped)).toMatchObject({ state: 'unclear' })
  })

  it('is all that can be taken from the load balancer', () => {
    const site = { ...common, ...engineWith(running), balancer: loadBalancer, placed }
    expect(() => balancerFault('process.kubelet-stop', site)).toThrow(
      'process.kubelet-stop cannot be done to the load balancer cka-hap-1, which is no node',
    )
  })
})

/** Listens until the test is over, and says this to whoever says something first. */
async function listen(host: string, port: number, answer: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  onTestFinished(() => {
    server.close()
  })
}
