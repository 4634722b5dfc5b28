/** Which fault is done to whom, what is refused, and what becomes of the undo of one that lasts. */
import { describe, expect, it } from 'vitest'
import type { StandingCluster, Workshop } from '../../../harness/cluster/containers/bring-up.ts'
import {
  type FaultContext,
  faultOf,
  handleWith,
} from '../../../harness/cluster/containers/fault-of.ts'
import { MonotonicClock } from '../../../harness/cluster/monotonic-clock.ts'
import type { FaultHandle, Moment, Target } from '../../../harness/cluster/port.ts'
import type { FaultKind } from '../../../harness/model/scenario.ts'
import type { UndoAction } from '../../../harness/model/undo.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'
import { planOf } from '../../support/plan-of.ts'

const plan = planOf('kubeadm-stacked')
const table = `default via 172.28.0.1 dev eth0
172.28.0.0/16 dev eth0 proto kernel scope link src 172.28.0.2`

function contextWith(refusals: readonly string[] = []) {
  const commands: string[] = []
  const engine = {
    tools: { home: '/home-of-ours' },
    docker: async (args: readonly string[]) => {
      commands.push(args.join(' '))
      return table
    },
  }
  const nodes = kubeadmStacked.nodes.map(({ name }, index) => ({
    ...{ name, container: `c-${name}`, id: name, address: `172.28.0.${index + 2}` },
  }))
  const loadBalancer = { container: 'c-lb', id: 'lb', address: '172.28.0.99' }
  const state = { name: plan.clusterName, topology: kubeadmStacked, nodes, loadBalancer }
  const context: FaultContext = {
    workshop: {
      engine,
      distribution: { name: 'kind', refusals: () => refusals },
    } as unknown as Workshop,
    cluster: { state } as unknown as StandingCluster,
    ...{ plan, clock: new MonotonicClock(), hit: [] },
  }
  return { context, commands }
}

const onNode = (node: string): Target => ({ name: node, node, why: 'in this test' })
const balancer: Target = { name: 'cka-hap-1', node: null, why: 'in this test' }
const fault = (kind: FaultKind, lasting?: boolean) => ({
  ...{ id: 'f', kind, target: 'control-plane' as const },
  ...(lasting === undefined ? {} : { lasting }),
})

describe('a fault', () => {
  it.each<[FaultKind, Target, object]>([
    ['power.kill', onNode('cka-wk-1'), { kind: 'power.start', container: 'c-cka-wk-1' }],
    ['power.kill', balancer, { kind: 'power.start', container: 'c-lb', address: '172.28.0.99' }],
    ['process.kubelet-stop', onNode('cka-cp-1'), { kind: 'kubelet.start' }],
    [
      ...(['network.route', onNode('cka-cp-1')] as const),
      { kind: 'route.restore', route: 'unreachable 172.28.0.0/17 proto 211' },
    ],
  ])('%s on %o', async (kind, target, undo) => {
    const { context } = contextWith()
    const handle = await faultOf(fault(kind), target, context)
    expect(handle.undo).toMatchObject({ ...undo, node: target.name, cluster: plan.clusterName })
  })

  it('that the nodes cannot carry is refused with every reason, and nothing is asked', async () => {
    const { context, commands } = contextWith(['one reason', 'another'])
    await expect(
      faultOf(fault('network.route'), onNode('cka-cp-1'), context),
    ).rejects.toMatchObject({
      what: 'one reason\nanother',
      changed: 'nothing was broken',
      exitCode: 2,
    })
    expect(commands).toEqual([])
  })

  it('that is to last uses the cluster up, whatever it is', async () => {
    const { context } = contextWith()
    const handle = await faultOf(fault('power.kill', true), onNode('cka-cp-1'), context)
    expect(handle.undo).toEqual({
      ...{ kind: 'cluster.spend', provider: 'kind', cluster: plan.clusterName, node: 'cka-cp-1' },
      why: 'power.kill on cka-cp-1 is never undone',
    })
  })
})

/** As an intervention may be made: with a state of its own. */
class Counting implements FaultHandle {
  readonly undo: UndoAction = {
    ...{ kind: 'none', provider: 'kind', cluster: 'drill', node: 'cp-1' },
    why: 'it ends by itself',
  }
  #times = 0

  async inject() {
    this.#times += 1
  }

  async look(moment: Moment) {
    return { state: 'well', text: `${moment}: ${this.#times}` } as const
  }

  async facts() {
    return { times: this.#times }
  }
}

describe('a handle with something before it', () => {
  it('does both in their order, and is the same in all else', async () => {
    const order: string[] = []
    const counting = new Counting()
    const handle = handleWith(counting, { first: () => order.push('first') })
    await handle.inject()
    expect(order).toEqual(['first'])
    expect(await handle.look('during')).toEqual({ state: 'well', text: 'during: 1' })
    expect(await handle.facts?.()).toEqual({ times: 1 })
    expect(handle.undo).toBe(counting.undo)
  })

  it('tells no facts where there are none', () => {
    const { undo } = new Counting()
    const look = async () => ({ state: 'well', text: '' }) as const
    const handle = handleWith({ undo, inject: async () => undefined, look }, {})
    expect('facts' in handle).toBe(false)
  })
})
