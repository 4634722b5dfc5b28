/** The clean-up by force after a node was lost, and everything that it must leave alone. */
import { describe, expect, it } from 'vitest'
import {
  deleteByForce,
  forceDelete,
} from '../../../../harness/cluster/containers/operator/force-delete.ts'
import { podsIn } from '../../../../harness/cluster/containers/operator/pods.ts'
import { type Pod, stageOf } from './drill-site.ts'

const fault = { id: 'force', kind: 'operator.force-delete', target: 'hit-node' } as const
const lost = { target: 'worker-a', hit: ['worker-a'] }
const stuck = (namespace: string, name: string, rest: Partial<Pod> = {}): Pod => ({
  ...{ namespace, name, uid: `uid-${name}`, node: 'c-worker-a', terminating: true, ...rest },
})
const force = (namespace: string, name: string) =>
  `--namespace ${namespace} delete pod ${name} --force --grace-period=0 --wait=false`

describe('pods deleted by force', () => {
  it('are those of the workload that are stuck on the lost node, and no others', async () => {
    await using stage = await stageOf(fault, lost)
    stage.pods = [
      stuck('ef-external', 'database-0'),
      stuck('expertflow', 'page-1'),
      stuck('expertflow', 'page-2', { terminating: false }),
      stuck('expertflow', 'page-3', { node: 'c-worker-b' }),
      stuck('monitoring', 'agent', { owner: 'DaemonSet' }),
      stuck('monitoring', 'from-file', { static: true }),
      stuck('clusterdrill', 'other'),
      stuck('kube-system', 'coredns'),
      stuck('nfs-client', 'provisioner'),
      stuck('ingress-nginx', 'ingress-1'),
    ]
    stage.onKubectl = (words) => {
      stage.pods = stage.pods.filter(({ name }) => !words.includes(`pod ${name} `))
    }
    const handle = await forceDelete(stage.site)
    expect(handle.undo.kind).toBe('none')
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: '2 pods are stuck Terminating on worker-a, which was lost',
    })
    await handle.inject()
    expect(stage.kubectl).toEqual([
      force('ef-external', 'database-0'),
      force('expertflow', 'page-1'),
    ])
    const text =
      'gone from the API: ef-external/database-0, expertflow/page-1; left alone: ingress-nginx/ingress-1, nfs-client/provisioner'
    expect(await handle.look('during')).toEqual({ state: 'broken', text })
    expect(await handle.look('after')).toEqual({ state: 'well', text })
    expect(await handle.facts?.()).toEqual({
      deleted: 2,
      deletedPods: 'ef-external/database-0, expertflow/page-1',
      refused: 2,
      refusedPods: 'ingress-nginx/ingress-1, nfs-client/provisioner',
    })
  })

  it('are waited for, and so is the word that the node is lost', async () => {
    await using stage = await stageOf(fault, lost)
    stage.readyNodes.add('c-worker-a')
    const late = stuck('expertflow', 'page-1')
    stage.clock.at(4_000, () => stage.pods.push(late))
    stage.clock.at(9_000, () => stage.readyNodes.clear())
    stage.clock.at(9_700, () => stage.pods.push(stuck('expertflow', 'api-1')))
    const handle = await forceDelete(stage.site)
    expect((await handle.look('before')).state).toBe('well')
    await handle.inject()
    expect(stage.clock.nowMs()).toBeGreaterThanOrEqual(9_700)
    expect(stage.kubectl).toEqual([force('expertflow', 'page-1'), force('expertflow', 'api-1')])
    expect(await handle.look('during')).toEqual({
      state: 'well',
      text: 'still there: expertflow/api-1, expertflow/page-1',
    })
    expect((await handle.look('after')).state).toBe('broken')
  })

  it('are none where nothing is stuck in time', async () => {
    await using stage = await stageOf(fault, lost)
    stage.pods = [stuck('nfs-client', 'provisioner')]
    const handle = await forceDelete(stage.site)
    await expect(handle.inject()).rejects.toThrow(
      'nothing of the workload was stuck Terminating on worker-a',
    )
    expect(stage.kubectl).toEqual([])
    expect(await handle.facts?.()).toMatchObject({ deleted: 0, refused: 1 })
  })

  it('are not looked for on a node that nothing has hit', async () => {
    await using stage = await stageOf(fault, { target: 'worker-b' })
    const handle = await forceDelete(stage.site)
    expect((await handle.look('before')).state).toBe('unclear')
    stage.apiAnswers = false
    expect((await handle.look('during')).state).toBe('unclear')
  })
})

describe('asking for one pod', () => {
  it.each<[Pod, string]>([
    [stuck('nfs-client', 'p'), 'the document excepts nfs-client'],
    [stuck('ingress-nginx', 'p'), 'the document excepts ingress-nginx'],
    [stuck('kube-system', 'p'), 'kube-system holds none of the workload'],
    [stuck('expertflow', 'p', { owner: 'DaemonSet' }), 'it belongs to a DaemonSet'],
    [stuck('expertflow', 'p', { static: true }), 'the kubelet runs it from a file'],
    [stuck('expertflow', 'p', { node: 'c-worker-b' }), 'it is not on the lost node'],
    [stuck('expertflow', 'p', { terminating: false }), 'nobody asked for its deletion'],
  ])('refuses %o', async (pod, reason) => {
    await using stage = await stageOf(fault, lost)
    stage.pods = [pod]
    const [asked] = (await podsIn(stage.site, pod.namespace)) ?? []
    if (!asked) throw new Error('the pod was not read back')
    await expect(deleteByForce(stage.site, asked)).rejects.toThrow(
      `${pod.namespace}/p is not deleted by force: ${reason}`,
    )
    expect(stage.kubectl).toEqual([])
  })
})
