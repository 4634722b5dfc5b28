/** A control plane is ejected: the steps in their order, and what another control plane tells. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { eject } from '../../../../harness/cluster/containers/operator/eject.ts'
import { quorumOf } from '../../../../harness/cluster/containers/operator/ejection.ts'
import { MachineError } from '../../../../harness/model/errors.ts'
import { type Answering, memberTable, threeMasters } from './three-masters.ts'

const ask = vi.hoisted(() => vi.fn())
vi.mock('../../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))

const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
const three = memberTable('drill-master-1', 'drill-master-2', 'drill-master-3')
const list = 'master-1: etcdctl member list --write-out simple'

/** etcd and the API of a cluster from which one control plane can be taken. */
function cluster(refusals = 0) {
  let members = three
  let left = refusals
  const answer: Answering = (command) => {
    if (command.endsWith('member list --write-out simple')) return members
    if (command.startsWith('master-1: etcdctl member remove')) {
      left -= 1
      if (left >= 0) throw refusal
      members = memberTable('drill-master-1', 'drill-master-3')
    }
    return undefined
  }
  return answer
}

const refusal = new MachineError({
  what: 'command failed: docker exec\netcdserver: unhealthy cluster',
  changed: 'as far as the command came',
  next: '',
})

beforeEach(() => {
  ask.mockReset()
  ask.mockResolvedValue({ status: 200, body: JSON.stringify(ready), error: null })
})

const site = (answer: Answering, over: Partial<Parameters<typeof threeMasters>[0]> = {}) =>
  threeMasters({ kind: 'operator.eject', target: 'master-2', answer, ...over })

describe('an ejection', () => {
  it('goes by the document: cordon, drain, delete, remove, uninstall', async () => {
    const { site: here, heard } = site(cluster())
    await (await eject(here)).inject()
    expect(heard.commands).toEqual([
      list,
      'kubectl: cordon drill-master-2',
      'kubectl: drain drill-master-2 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s',
      'kubectl: delete node drill-master-2 --ignore-not-found --timeout=60s',
      list,
      'master-1: etcdctl member remove a1',
      'master-2: systemctl stop kubelet',
      expect.stringMatching(/^master-2: sh -c for task in .*tasks kill --signal SIGKILL/s),
      'master-2: kubeadm reset --force --cert-dir /etc/kubernetes/pki --cri-socket unix:///run/containerd/containerd.sock --kubeconfig /etc/kubernetes/no-such.conf',
      list,
    ])
  })

  it('asks etcd again while it refuses', async () => {
    const { site: here, heard, clock } = site(cluster(2))
    await (await eject(here)).inject()
    expect(heard.commands.filter((command) => command.includes('member remove'))).toHaveLength(3)
    expect(clock.nowMs()).toBe(2_000)
  })

  it('passes on what etcd said last, when it refuses for too long', async () => {
    const { site: here } = site(cluster(1_000))
    await expect((await eject(here)).inject()).rejects.toThrow('unhealthy cluster')
  })

  it('tells its times from its beginning, and the members before and after', async () => {
    const { site: here, clock } = site(cluster(2))
    await clock.sleepUntil(60_000)
    const handle = await eject(here)
    await handle.inject()
    expect(await handle.facts?.()).toMatchObject({
      ejected: 'master-2',
      askedOf: 'master-1',
      beganAtMs: 60_000,
      membersBefore: 3,
      drainedMs: 0,
      removeBeganMs: 0,
      removedMs: 2_000,
      uninstalledMs: 2_000,
      membersAfter: 2,
      votingAfter: 2,
      quorumAfter: 2,
    })
  })

  it('uses the cluster up', async () => {
    const { undo } = await eject(site(cluster()).site)
    expect(undo).toMatchObject({ kind: 'cluster.spend', cluster: 'drill', node: 'master-2' })
  })
})

describe('its receipt', () => {
  it('is well with three voting members and the node Ready', async () => {
    const handle = await eject(site(cluster()).site)
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: 'as master-1 tells: 3 members of etcd, 3 started and voting; master-2 is Ready',
    })
    expect(ask.mock.calls[0]?.slice(1, 3)).toEqual([
      'https://172.28.0.2:6443',
      '/api/v1/nodes/drill-master-2',
    ])
  })

  it('is not well with a learner', async () => {
    const members = memberTable('drill-master-1', 'drill-master-2', '~drill-master-3')
    const handle = await eject(site(() => members).site)
    expect((await handle.look('before')).state).toBe('unclear')
  })

  it('has taken hold when etcd and the API have forgotten it', async () => {
    const handle = await eject(site(cluster()).site)
    await handle.inject()
    ask.mockResolvedValue({ status: 404, body: '', error: null })
    expect(await handle.look('during')).toEqual({
      state: 'broken',
      text: 'as master-1 tells: 2 members of etcd, 2 started and voting; master-2 is not in the API',
    })
    expect((await handle.look('after')).state).toBe('well')
  })

  it('has not taken hold while the API still knows it', async () => {
    const handle = await eject(site(cluster()).site)
    await handle.inject()
    expect((await handle.look('during')).state).toBe('unclear')
  })
})

it('refuses a worker, and nodes without kubeadm', async () => {
  await expect(eject(site(cluster(), { target: 'worker-1' }).site)).rejects.toThrow(
    'worker-1 is no control plane beside others',
  )
  await expect(eject(site(cluster(), { distribution: 'k3d' }).site)).rejects.toThrow(
    'operator.eject needs kubeadm',
  )
})

it.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [5, 3],
])('of %i members a quorum is %i', (voting, quorum) => {
  expect(quorumOf(voting)).toBe(quorum)
})
