/** A ready pod deleted in order, and what proves that it went and was replaced. */
import { describe, expect, it } from 'vitest'
import { podDelete } from '../../../../harness/cluster/containers/operator/pod-delete.ts'
import { type Pod, stageOf } from './drill-site.ts'

const fault = { id: 'pod', kind: 'operator.pod-delete', target: 'worker-with-database' } as const
const database: Pod = {
  ...{ namespace: 'ef-external', name: 'database-0', uid: 'old', node: 'c-worker-a' },
  ...{ component: 'database', ready: true },
}
const page = (name: string, node: string): Pod => ({
  ...{ namespace: 'expertflow', name, uid: `uid-${name}`, node, component: 'page', ready: true },
})

describe('a pod deleted in order', () => {
  it('is there, goes, and is replaced by another of its name', async () => {
    await using stage = await stageOf(fault, { target: 'worker-a' })
    stage.pods = [database, { ...page('page-1', 'c-worker-a'), namespace: 'ef-external' }]
    const handle = await podDelete(stage.site)
    expect(handle.undo).toMatchObject({ kind: 'none', cluster: 'drill', node: 'worker-a' })
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: 'ef-external/database-0 (uid old) is ready',
    })

    await stage.clock.sleepUntil(2_500)
    await handle.inject()
    expect(stage.kubectl).toEqual(['--namespace ef-external delete pod database-0 --wait=false'])
    expect((await handle.look('during')).state).toBe('well')
    expect(await handle.facts?.()).toEqual({ pod: 'ef-external/database-0' })

    stage.pods = [{ ...database, terminating: true }]
    expect(await handle.look('during')).toEqual({
      state: 'broken',
      text: 'ef-external/database-0 (uid old) is terminating',
    })
    expect((await handle.look('after')).state).toBe('broken')

    stage.pods = [{ ...database, uid: 'new', ready: false }]
    expect((await handle.look('after')).state).toBe('broken')
    stage.pods = [{ ...database, uid: 'new', readySince: '1970-01-01T00:00:07Z' }]
    expect(await handle.look('after')).toEqual({
      state: 'well',
      text: 'ef-external/database-0 (uid old) is gone; ef-external/database-0 (uid new) is ready',
    })
    expect(await handle.facts?.()).toEqual({
      pod: 'ef-external/database-0',
      replacement: 'ef-external/database-0',
      replacementSeconds: 5,
    })
  })

  it('is not replaced by a replica that ran before', async () => {
    await using stage = await stageOf({ ...fault, component: 'page' }, { target: 'worker-a' })
    stage.pods = [page('page-1', 'c-worker-b'), page('page-2', 'c-worker-a')]
    const handle = await podDelete(stage.site)
    await handle.inject()
    expect(stage.kubectl).toEqual(['--namespace expertflow delete pod page-2 --wait=false'])
    stage.pods = [page('page-1', 'c-worker-b')]
    expect((await handle.look('during')).state).toBe('broken')
    expect((await handle.look('after')).state).toBe('broken')
    const ending = { ...page('page-2', 'c-worker-a'), terminating: true }
    stage.pods.push(ending, page('page-3', 'c-worker-a'))
    expect((await handle.look('after')).state).toBe('broken')
    stage.pods = stage.pods.filter((pod) => pod !== ending)
    expect((await handle.look('after')).state).toBe('well')
  })

  it('cannot be told of while the API is silent', async () => {
    await using stage = await stageOf(fault, { target: 'worker-a' })
    stage.pods = [database]
    const handle = await podDelete(stage.site)
    stage.apiAnswers = false
    expect((await handle.look('during')).state).toBe('unclear')
  })

  it('is refused where none runs, is ready, or is told of', async () => {
    await using stage = await stageOf(fault, { target: 'worker-b' })
    stage.pods = [database]
    const none = "no ready pod of 'database' runs on worker-b"
    await expect(podDelete(stage.site)).rejects.toThrow(none)
    stage.pods = [{ ...database, node: 'c-worker-b', ready: false }]
    await expect(podDelete(stage.site)).rejects.toThrow(none)
    stage.pods = [{ ...database, node: 'c-worker-b', terminating: true }]
    await expect(podDelete(stage.site)).rejects.toThrow(none)
    stage.apiAnswers = false
    await expect(podDelete(stage.site)).rejects.toThrow('the API does not say')
    expect(stage.kubectl).toEqual([])
  })
})
